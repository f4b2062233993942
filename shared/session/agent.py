"""The agent's side of a remote session: receives and decodes into the frame file, sends input the other way."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Final, Literal, assert_never

import msgspec

from shared.common.errors import PeerBroken
from shared.control import input as i
from shared.media.cursor import CursorMoved, CursorShape, cursor_pixels
from shared.media.peer import BadDescription
from shared.media.peer import IceServer as MediaIceServer
from shared.media.stats import ViewerFigures
from shared.media.viewer import Viewer, ViewerState
from shared.protocol.messages.remote import IceServer, Signal
from shared.session import channel as m
from shared.session.frames import FrameReady, FrameWriter, Slot
from shared.session.outlet import Outlet
from shared.session.parts import AgentPart

_log = logging.getLogger(__name__)

_KEEP_HELD_S: Final = 0.5
_STOP_S: Final = 2.0

_Held = tuple[Literal["key", "button"], int]


class AgentSession:
    """One remote session; each offer of the customer's makes a new connection in it."""

    def __init__(self, tasks: asyncio.TaskGroup, outlet: Outlet) -> None:
        self._tasks = tasks
        self._outlet = outlet
        self._frames = FrameWriter()
        self._viewer: Viewer[Slot, FrameReady] | None = None
        self._held: set[_Held] = set()
        self._parts: tuple[AgentPart, ...] = ()
        self.stopping = asyncio.Event()
        """Set when viewing is to end; whoever runs the session then calls `finish`."""

    def order(self, order: m.AgentOrder) -> None:
        """What the window wants."""
        match order:
            case m.StartViewing():
                self._outlet.send(m.ViewingChanged(state="connecting"))
            case m.SignalIn(signal=signal, ice_servers=servers):
                self._signal(signal, servers)
            case m.SendInput(inputs=inputs):
                for one in inputs:
                    self._input(one)
            case m.StopViewing():
                self.stopping.set()
            case _:
                assert_never(order)

    async def finish(self) -> None:
        """Closes the connection and removes the frame file."""
        try:
            async with asyncio.timeout(_STOP_S):
                await self._close_viewer()
        except TimeoutError:
            _log.error("the connection did not close in time; the process ends with it")
        for part in self._parts:
            await part.close()
        self._frames.close()

    async def keep_time(self) -> None:
        """Says twice a second that what is down is meant to be. Runs until cancelled."""
        while True:
            await asyncio.sleep(_KEEP_HELD_S)
            if self._held:
                self._send(i.KeepHeld())

    def _signal(self, signal: Signal, servers: Sequence[IceServer]) -> None:
        match signal.kind:
            case "offer":
                self._tasks.create_task(self._answer(signal.sdp, servers), name="answer")
            case "bye":
                self._tasks.create_task(self._bye(), name="bye")
            case "answer":
                _log.warning("an answer from a customer is refused")
            case _:
                assert_never(signal.kind)

    async def _answer(self, sdp: str, servers: Sequence[IceServer]) -> None:
        await self._close_viewer()
        viewer = self._viewer = Viewer(
            self._frames,
            on_frame=self._frame,
            on_message=self._message,
            on_state=self._state,
            on_figures=self._figures,
            on_cursor=self._cursor,
        )
        ice = [MediaIceServer(one.urls, one.username, one.credential) for one in servers]
        try:
            answer = await viewer.answer(sdp, ice)
        except (BadDescription, TimeoutError) as error:
            _log.warning("no answer to an offer: %s", type(error).__name__)
            await viewer.close()
            self._state("lost")
            return
        if viewer is self._viewer:
            self._outlet.send(m.SignalOut(signal=Signal(kind="answer", sdp=answer)))

    async def _bye(self) -> None:
        await self._close_viewer()
        self._state("closed")

    async def _close_viewer(self) -> None:
        viewer, self._viewer = self._viewer, None
        self._held.clear()
        if viewer is not None:
            await viewer.close()

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

    def _send(self, message: i.Input) -> None:
        """Input that finds no open channel is gone: what was meant for an older picture must not land later."""
        if self._viewer is not None:
            self._viewer.send("control", i.encode(message))

    def _message(self, name: str, data: bytes) -> None:
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
            case i.Standing(capabilities=capabilities, paused=paused):
                self._outlet.send(m.StandingChanged(capabilities=capabilities, paused=paused))
            case i.ControlWaits(for_ms=for_ms):
                self._outlet.send_latest(m.CustomerActs(for_ms=for_ms))
            case i.SharingStopped(reason=reason):
                self._outlet.send(m.SharingEnded(reason=reason))
            case _:
                assert_never(told)

    # What the parts ask of the session (parts.AgentHost)

    def report(self, report: m.AgentReport) -> None:
        self._outlet.send(report)

    def report_latest(self, report: m.AgentReport) -> None:
        self._outlet.send_latest(report)

    def say(self, channel: str, data: bytes) -> bool:
        return self._viewer is not None and self._viewer.send(channel, data)

    def waiting(self, channel: str) -> int:
        return self._viewer.buffered(channel) if self._viewer is not None else 0

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        self._tasks.create_task(work, name=name)

    # From the connection

    def _frame(self, frame: FrameReady) -> None:
        self._outlet.send_latest(m.FrameShown(frame=frame))

    def _state(self, state: ViewerState) -> None:
        if state in ("lost", "closed"):
            self._held.clear()
        for part in self._parts:
            part.connected(state in ("connected", "playing", "paused"))
        self._outlet.send(m.ViewingChanged(state=state))

    def _figures(self, figures: ViewerFigures) -> None:
        self._outlet.send_latest(msgspec.convert(figures, m.ViewingFigures, from_attributes=True))

    def _cursor(self, cursor: CursorMoved | CursorShape) -> None:
        match cursor:
            case CursorMoved(x=x, y=y, visible=visible):
                self._outlet.send_latest(m.CursorAt(x=x, y=y, visible=visible))
            case CursorShape(width=width, height=height, hot_x=hot_x, hot_y=hot_y):
                if (pixels := cursor_pixels(cursor)) is not None:
                    self._outlet.send_latest(
                        m.CursorLooks(width=width, height=height, hot_x=hot_x, hot_y=hot_y, pixels=pixels)
                    )
