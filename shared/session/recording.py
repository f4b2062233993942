"""The agent's session process records: from what the viewer received, into an encrypted file, while it is granted."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from shared.common.sealed.heads import About
from shared.common.sealed.keys import from_text
from shared.control.input import Standing
from shared.media.cursor import CursorMoved, CursorShape
from shared.media.recording.recorder import Recorder
from shared.media.recording.spool import Spool
from shared.protocol.types import Capability
from shared.session import recording_messages as m
from shared.session.parts import AgentHost

_log = logging.getLogger(__name__)

_TICK_S: Final = 0.25
_NEVER_US: Final = 2**62


class Recording:
    """At most one recording at a time. `ask_key` asks the customer's machine for a key picture."""

    def __init__(self, host: AgentHost, ask_key: Callable[[], None]) -> None:
        self._host = host
        self._ask_key = ask_key
        self._loop = asyncio.get_running_loop()
        self._running: _Running | None = None
        self._standing = Standing((), False)
        self._look: CursorShape | None = None
        self._place: CursorMoved | None = None

    def start(self, order: m.StartRecording) -> None:
        """Begins; nothing is taken before the customer's machine has said that it may, and to whom it is sealed."""
        public = from_text(order.key)
        if self._running is not None or public is None:
            _log.warning("a recording cannot be started now")
            return
        about = About(
            recording_id=order.recording_id,
            session_id=order.session_id,
            conversation_id=order.conversation_id,
            agent_id=order.agent_id,
            started_ms=order.started_ms,
            key_id="0" * 16,
        )
        self._running = running = _Running(order.recording_id, order.key, self._host, self._ask_key)
        running.spool = Spool(
            Path(order.path),
            about,
            public,
            room_bytes=order.room_bytes,
            on_written=lambda size, until_ms: self._soon(running.written, size, until_ms),
            on_failed=lambda code: self._soon(self._fail, running, code),
        )
        for cursor in (self._look, self._place):
            if cursor is not None:
                running.recorder.cursor(cursor, 0)
        self.stands(self._standing)
        self._host.spawn(self._keep_sealing(running), "recording")

    def note(self, order: m.NoteMoment) -> None:
        """Something of the conversation."""
        if self._running is not None:
            self._running.recorder.note(order.what, order.who, order.words, self._running.now_ms())

    def stands(self, standing: Standing) -> None:
        """The customer's machine says what holds."""
        self._standing = standing
        if self._running is not None:
            running = self._running
            if standing.seal_to not in ("", running.key):
                _log.warning("the customer's computer knows another recording key than the relay")
                self._fail(running, "recording.fault_key_differs")
                if running.spool is not None:
                    self._host.spawn(asyncio.to_thread(running.spool.close), "recording given up")
                return
            running.recorder.standing(_may_be_sealed(standing), standing.paused, standing.at_us, running.now_ms())
            running.tell()

    def connected(self, live: bool) -> None:
        """Without a connection nothing holds until the machine says so again; what came before it ended is kept."""
        if not live:
            self.stands(Standing((), False, _NEVER_US))

    def picture(self, data: bytes, broken: bool) -> None:
        """A unit as it came."""
        if self._running is not None:
            self._running.recorder.picture(data, broken, self._running.now_ms())

    def cursor(self, cursor: CursorMoved | CursorShape) -> None:
        """The customer's pointer."""
        if isinstance(cursor, CursorMoved):
            self._place = cursor
        else:
            self._look = cursor
        if self._running is not None:
            self._running.recorder.cursor(cursor, self._running.now_ms())

    async def end(self, why: str) -> None:
        """Seals what is left, says the last word, and waits until it is on the disk."""
        running, self._running = self._running, None
        if running is None or running.spool is None:
            return
        running.spool.put(running.recorder.end(why, running.now_ms()))
        await asyncio.to_thread(running.spool.close)
        await asyncio.sleep(0)  # what the thread said last is heard first
        running.tell("ended")

    async def _keep_sealing(self, running: "_Running") -> None:
        while self._running is running:
            await asyncio.sleep(_TICK_S)
            if running.spool is not None and self._running is running:
                running.spool.put(running.recorder.due(running.now_ms()))

    def _fail(self, running: "_Running", code: str) -> None:
        if self._running is running:
            self._running = None
            running.tell("failed", code)

    def _soon(self, function: Callable[..., None], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)


def _may_be_sealed(standing: Standing) -> tuple[Capability, ...]:
    """What is granted; not to record, as long as the customer's machine has not said what it may be sealed to."""
    return tuple(each for each in standing.capabilities if each != "record" or standing.seal_to)


class _Running:
    """One recording, from its start to its end."""

    def __init__(self, recording_id: str, key: str, host: AgentHost, ask_key: Callable[[], None]) -> None:
        self._recording_id = recording_id
        self.key = key
        self._host = host
        self._begun = time.monotonic()
        self._size = self._length_ms = 0
        self.recorder = Recorder(ask_key)
        self.spool: Spool | None = None

    def now_ms(self) -> int:
        """Since the recording began."""
        return int((time.monotonic() - self._begun) * 1000)

    def written(self, size: int, until_ms: int) -> None:
        """So much is on the disk."""
        self._size, self._length_ms = size, max(self._length_ms, until_ms)
        self.tell()

    def tell(self, over: m.Over | None = None, fault: str = "") -> None:
        """Tells the window how it stands."""
        state = over or ("recording" if self.recorder.recording else "waiting")
        report = m.RecordingChanged(
            recording_id=self._recording_id,
            state=state,
            size_bytes=self._size,
            length_ms=self._length_ms,
            fault=fault,
        )
        self._host.report(report)
