"""The agent's side of a remote session: receives and decodes into the frame file, sends input the other way."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Final, Literal, assert_never

import msgspec

from shared.common.errors import PeerBroken
from shared.control import input as i
from shared.media.cursor import CursorMoved, CursorShape, cursor_pixels
from shared.media.messages import Layout
from shared.media.peer import BadDescription, fingerprint
from shared.media.peer import IceServer as MediaIceServer
from shared.media.stats import ViewerFigures
from shared.media.viewer import Viewer, ViewerState
from shared.media.voice import VoiceLine
from shared.protocol.messages.remote import IceServer, Signal
from shared.session import channel as m
from shared.session.clip import AgentClip
from shared.session.clip_messages import ClipOut
from shared.session.drawing import AgentDrawing
from shared.session.drawing_messages import SendDrawing
from shared.session.facts import AgentFacts
from shared.session.facts_messages import AskFacts
from shared.session.files import AgentFiles
from shared.session.files_messages import FileOrder
from shared.session.frames import FrameReady, FrameWriter, Slot
from shared.session.outlet import Outlet
from shared.session.parts import AgentPart
from shared.session.recording import Recording
from shared.session.voice import AgentTalk
from shared.session.voice_messages import FindSound, UseSound

_log = logging.getLogger(__name__)

_KEEP_HELD_S: Final = 0.5
_STOP_S: Final = 2.0

_Held = tuple[Literal["key", "button"], int]


class _Line:
    """One connection to the customer, with a frame file of its own: two never write into the same picture."""

    def __init__(self, session: "AgentSession") -> None:
        self.frames = FrameWriter()
        self.viewer: Viewer[Slot, FrameReady] = Viewer(
            self.frames,
            on_frame=session.frame,
            on_message=session.message,
            on_state=lambda state: session.line_changed(self, state),
            on_figures=session.figures,
            on_cursor=session.cursor,
            on_unit=lambda data, broken: session.unit(self, data, broken),
            voice=session.voice_line(),
            on_layout=session.layout,
        )

    async def close(self) -> None:
        await self.viewer.close()
        self.frames.close()


class AgentSession:
    """One remote session; each offer of the customer's makes a new connection in it."""

    def __init__(self, tasks: asyncio.TaskGroup, outlet: Outlet) -> None:
        self._tasks = tasks
        self._outlet = outlet
        self._line: _Line | None = None
        self._next: _Line | None = None
        """A further connection, which takes the place of the first as soon as it carries, not before."""
        self._shown: m.ViewingChanged | None = None
        self._held: set[_Held] = set()
        self._quality: i.Quality = "automatic"
        self._drawing = AgentDrawing(self)
        self._talk = AgentTalk(self)
        self._files = AgentFiles(self)
        self._facts = AgentFacts(self)
        self._clip = AgentClip(self)
        self._parts: tuple[AgentPart, ...] = (
            self._drawing,
            self._talk,
            self._files,
            self._facts,
            self._clip,
        )
        self._unit_line: _Line | None = None
        self._recording = Recording(self, self._ask_for_key_frame)
        self.stopping = asyncio.Event()
        """Set when viewing is to end; whoever runs the session then calls `finish`."""

    def order(self, order: m.AgentOrder) -> None:
        """What the window wants."""
        match order:
            case m.StartViewing():
                self._outlet.send(m.ViewingChanged(state="connecting"))
            case m.SignalIn(signal=signal, ice_servers=servers, fingerprint=verified, tag=tag):
                self._signal(signal, servers, verified, tag)
            case m.SendInput(inputs=inputs):
                for one in inputs:
                    self._input(one)
            case SendDrawing():
                self._drawing.send(order)
            case m.StartRecording():
                self._recording.start(order)
            case m.NoteMoment():
                self._recording.note(order)
            case m.StopRecording():
                self.spawn(self._recording.end("engineer"), "end recording")
            case FindSound() | UseSound():
                self._talk.talk.order(order)
            case m.ChooseQuality(quality=quality):
                self._quality = quality
                self._send(i.WishPicture(quality))
            case m.AskRestart():
                self._send(i.WishRestart())
            case m.StopViewing():
                self.stopping.set()
            case ClipOut():
                self._clip.order(order)
            case FileOrder():
                self._files.order(order)
            case AskFacts():
                self._facts.order(order)
            case _:
                assert_never(order)

    async def finish(self) -> None:
        """Ends a recording, closes the connections and removes their frame files."""
        await self._recording.end("session")
        try:
            async with asyncio.timeout(_STOP_S):
                await self._close_lines()
        except TimeoutError:
            _log.error("the connection did not close in time; the process ends with it")
        for part in self._parts:
            await part.close()

    async def keep_time(self) -> None:
        """Says twice a second that what is down is meant to be. Runs until cancelled."""
        while True:
            await asyncio.sleep(_KEEP_HELD_S)
            if self._held:
                self._send(i.KeepHeld())

    def _signal(self, signal: Signal, servers: Sequence[IceServer], verified: str, tag: str) -> None:
        match signal.kind:
            case "offer":
                self._tasks.create_task(self._answer(signal.sdp, servers, verified, tag), name="answer")
            case "bye":
                self._tasks.create_task(self._bye(), name="bye")
            case "answer" | "again" | "reveal" | "confirm":
                _log.warning("%s from a customer is refused", signal.kind)
            case _:
                assert_never(signal.kind)

    async def _answer(self, sdp: str, servers: Sequence[IceServer], verified: str, tag: str) -> None:
        if self._next is not None:
            await self._next.close()
        line = _Line(self)
        if self._line is None:
            self._line = line
        else:
            self._next = line
        ice = [MediaIceServer(one.urls, one.username, one.credential) for one in servers]
        try:
            if fingerprint(sdp) != verified:
                raise BadDescription("not the verified fingerprint")
            answer = await line.viewer.answer(sdp, ice)
        except (BadDescription, TimeoutError) as error:
            _log.warning("no answer to an offer: %s", type(error).__name__)
            await line.close()
            self.line_changed(line, "lost")
            return
        if line in (self._line, self._next):
            signal = Signal(kind="answer", sdp=answer)
            self._outlet.send(m.SignalOut(signal=signal, fingerprint=fingerprint(answer), tag=tag))

    async def _bye(self) -> None:
        await self._close_lines()
        self._show("closed")

    async def _close_lines(self) -> None:
        lines, self._line, self._next = (self._line, self._next), None, None
        self._held.clear()
        for line in lines:
            if line is not None:
                await line.close()

    def line_changed(self, line: _Line, state: ViewerState) -> None:
        """How one of the connections stands; a further one counts from when it carries."""
        if line is self._next and state == "connected":
            before, self._line, self._next = self._line, line, None
            if before is not None:
                self._tasks.create_task(before.close(), name="close connection")
                for part in self._parts:  # what was on its way over there is lost
                    part.connected(False)
            self._held.clear()
        elif line is self._next and state in ("lost", "closed"):
            self._next = None
        if line is self._line:
            self._show(state)

    def _input(self, message: i.Input) -> None:
        match message:
            case i.KeyDown(keysym):
                self._held.add(("key", keysym))
            case i.KeyUp(keysym):
                self._held.discard(("key", keysym))
            case i.PointerPress(button=button):
                self._held.add(("button", button))
            case i.PointerRelease(button=button):
                self._held.discard(("button", button))
            case i.LetGo():
                self._held.clear()
            case _:
                pass
        self._send(message)

    def _send(self, message: i.Said) -> None:
        """Input that finds no open channel is gone: what was meant for an older picture must not land later."""
        if self._line is not None:
            self._line.viewer.send("control", i.encode(message))

    def message(self, name: str, data: bytes) -> None:
        try:
            if name == "control":
                self._told(i.decode_told(data))
            for part in self._parts:
                if part.channel == name:
                    part.message(data)
        except PeerBroken as broken:
            _log.warning("the customer's machine says what is none of ours for %s: %s", name, broken)

    def _told(self, told: i.Told) -> None:
        match told:
            case i.Standing(capabilities=capabilities, paused=paused, guarded=guarded):
                self._recording.stands(told)
                if self._quality != "automatic":  # the channel is open; over there a new connection has no wish yet
                    self._send(i.WishPicture(self._quality))
                self._talk.may("audio" in capabilities and not paused)
                self._outlet.send(m.StandingChanged(capabilities=capabilities, paused=paused, guarded=guarded))
            case i.ControlWaits(for_ms=for_ms):
                self._outlet.send_latest(m.CustomerActs(for_ms=for_ms))
            case i.SharingStopped(reason=reason):
                self._outlet.send(m.SharingEnded(reason=reason))
            case _:
                assert_never(told)

    def voice_line(self) -> VoiceLine:
        return self._talk.line()

    # What the parts ask of the session (parts.AgentHost)

    def report(self, report: m.AgentReport) -> None:
        self._outlet.send(report)

    def report_latest(self, report: m.AgentReport) -> None:
        self._outlet.send_latest(report)

    def say(self, channel: str, data: bytes) -> bool:
        return self._line is not None and self._line.viewer.send(channel, data)

    def waiting(self, channel: str) -> int:
        return self._line.viewer.buffered(channel) if self._line is not None else 0

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        self._tasks.create_task(work, name=name)

    # From the connection

    def frame(self, frame: FrameReady) -> None:
        self._outlet.send_latest(m.FrameShown(frame=frame))

    def _show(self, state: ViewerState) -> None:
        """Tells the window. A connection that takes over from one that plays is not worth a word before its picture."""
        if state in ("lost", "closed"):
            self._held.clear()
        self._recording.connected(state not in ("lost", "closed"))
        for part in self._parts:
            part.connected(state in ("connected", "playing", "paused"))
        if state == "lost" and (self._shown is None or self._shown.state != "lost"):
            self._outlet.send(m.SignalOut(signal=Signal(kind="again")))
        changed = m.ViewingChanged(state=state)
        if state == "connected" and self._shown is not None and self._shown.state == "playing":
            return
        self._shown = changed
        self._outlet.send(changed)

    def figures(self, figures: ViewerFigures) -> None:
        self._outlet.send_latest(msgspec.convert(figures, m.ViewingFigures, from_attributes=True))

    def unit(self, line: _Line, data: bytes, broken: bool) -> None:
        """A unit as it came; what another connection brings does not follow from it."""
        if line is self._line:
            changed, self._unit_line = line is not self._unit_line, line
            self._recording.picture(data, broken or changed)

    def _ask_for_key_frame(self) -> None:
        if self._line is not None:
            self._line.viewer.ask_for_key_frame()

    def layout(self, layout: Layout) -> None:
        """What the picture is of."""
        self._outlet.send(
            m.LayoutChanged(
                width=layout.width, height=layout.height, panes=layout.panes, window=layout.window, away=layout.away
            )
        )

    def cursor(self, cursor: CursorMoved | CursorShape) -> None:
        self._recording.cursor(cursor)
        match cursor:
            case CursorMoved(x=x, y=y, visible=visible):
                self._outlet.send_latest(m.CursorAt(x=x, y=y, visible=visible))
            case CursorShape(width=width, height=height, hot_x=hot_x, hot_y=hot_y):
                if (pixels := cursor_pixels(cursor)) is not None:
                    self._outlet.send_latest(
                        m.CursorLooks(width=width, height=height, hot_x=hot_x, hot_y=hot_y, pixels=pixels)
                    )
