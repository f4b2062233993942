"""Talk in a session: one microphone and one loudspeaker, a line to each person, and nobody hears without leave.

Pieces of sound pass in the sound library's threads, all else happens in the event loop. A line carries nothing in
either direction unless it is open; who may be heard and hear is decided by the session, each time it changes.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

import av
import msgspec
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from shared.media.echo import Canceller, open_canceller
from shared.media.mixing import QUIET_DB, level_db, mixed
from shared.media.opus import TIME_BASE, Speech, SpeechEncoder
from shared.media.sound import (
    PIECE_BYTES,
    RATE_HZ,
    SILENCE,
    OpenSound,
    SoundCard,
    SoundDevices,
    SoundFault,
)

logger = logging.getLogger(__name__)

MAX_LATE: Final = 10
"""Pieces that may wait for the loudspeaker (200 ms); older ones are dropped, so talk never falls behind."""
MAX_UNSENT: Final = 25
LEVELS_S: Final = 0.2


class VoiceState(msgspec.Struct, frozen=True):
    """Whether devices run, and why not (a SoundFault's code)."""

    on: bool
    fault: str = ""


class Levels(msgspec.Struct, frozen=True):
    """How loud it is now, in dB from -60 to 0: the microphone here, and what comes from the others."""

    here_db: float
    there_db: float


class Heard(Protocol):
    """A remote track."""

    async def recv(self) -> object:
        """The next frame; raises MediaStreamError at the end."""
        ...


class VoiceTrack(MediaStreamTrack):
    """Packets of speech on their way to one person. While nothing is said, nothing is sent."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._speech: deque[Speech] = deque(maxlen=MAX_UNSENT)
        self._filled = asyncio.Event()

    def put(self, speech: Speech) -> None:
        self._speech.append(speech)
        self._filled.set()

    async def recv(self) -> Any:
        while not self._speech:
            if self.readyState != "live":
                raise MediaStreamError
            self._filled.clear()
            await self._filled.wait()
        speech = self._speech.popleft()
        packet = av.Packet(speech.data)
        packet.pts, packet.time_base = speech.at, TIME_BASE
        return packet

    def stop(self) -> None:
        super().stop()
        self._filled.set()


class VoiceLine:
    """One connection's sound, both ways. Made by ``Voice.line``."""

    def __init__(self, peer_id: str, closed: Callable[["VoiceLine"], None]) -> None:
        self.peer_id = peer_id
        self.track = VoiceTrack()
        self.open = False
        self._loop = asyncio.get_running_loop()
        self._closed = closed
        self._encoder = SpeechEncoder()
        self._came: deque[bytes] = deque(maxlen=MAX_LATE)
        self._listening: asyncio.Task[None] | None = None
        self._rest = b""

    def hear(self, track: Heard) -> None:
        """What comes from the other end. Once."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(track), name="voice")

    def take(self) -> bytes | None:
        """The next piece for the loudspeaker. In the sound library's thread."""
        try:
            return self._came.popleft()
        except IndexError:
            return None

    def say(self, piece: bytes) -> None:
        """A piece to the other end. In the sound library's thread."""
        if self.open:
            for speech in self._encoder.encode(piece):
                if not self._loop.is_closed():
                    self._loop.call_soon_threadsafe(self.track.put, speech)

    async def close(self) -> None:
        """Idempotent."""
        self.open = False
        self._closed(self)
        self.track.stop()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self, track: Heard) -> None:
        try:
            while True:
                frame = await track.recv()
                if self.open and isinstance(frame, av.AudioFrame) and frame.sample_rate == RATE_HZ:
                    self._rest = (self._rest + _mono(frame))[-MAX_LATE * PIECE_BYTES :]
                    while len(self._rest) >= PIECE_BYTES:
                        self._came.append(self._rest[:PIECE_BYTES])
                        self._rest = self._rest[PIECE_BYTES:]
        except MediaStreamError:
            pass


def _mono(frame: av.AudioFrame) -> bytes:
    """Interleaved or single samples, as one channel."""
    samples: Any = frame.to_ndarray().reshape(-1, len(frame.layout.channels)).astype(np.int32)
    return samples.mean(axis=1).astype(np.int16).tobytes()


class Voice:
    """All the talk of one session process. ``card`` is called in a thread, once."""

    def __init__(
        self,
        card: Callable[[], SoundCard],
        on_state: Callable[[VoiceState], None],
        on_levels: Callable[[Levels], None],
        canceller: Callable[[], Canceller] = open_canceller,
    ) -> None:
        self._make_card, self._make_canceller = card, canceller
        self._on_state, self._on_levels = on_state, on_levels
        self._loop = asyncio.get_running_loop()
        self._lines: tuple[VoiceLine, ...] = ()
        self._let: frozenset[str] = frozenset()
        self._card: SoundCard | None = None
        self._running: OpenSound | None = None
        self._canceller: Canceller | None = None
        self._chosen = ("", "")
        self._wanted = False
        self._changing = asyncio.Lock()
        self._guard = threading.Lock()
        self._played: deque[bytes] = deque(maxlen=MAX_LATE)
        self._heard: dict[VoiceLine, bytes] = {}
        self._here_db = self._there_db = QUIET_DB
        self._told_at = 0.0
        self.muted = False

    def line(self, peer_id: str) -> VoiceLine:
        """A line for one connection; open only to whom ``let`` has let."""
        made = VoiceLine(peer_id, self._forget)
        made.open = peer_id in self._let
        self._lines += (made,)
        return made

    async def devices(self) -> SoundDevices:
        """Raises SoundFault."""
        async with self._changing:
            return await asyncio.to_thread(lambda: self._the_card().devices())

    async def let(self, peer_ids: frozenset[str]) -> None:
        """Only these may be heard and hear from now on; devices run while there is one."""
        self._let = peer_ids
        for line in self._lines:
            line.open = line.peer_id in peer_ids
        await self._run(bool(peer_ids))

    def shut(self) -> None:
        """Nobody is heard or hears from here on, at once; ``close`` then ends the devices."""
        self._let = frozenset()
        for line in self._lines:
            line.open = False

    async def choose(self, input_id: str, output_id: str) -> None:
        """Other devices; empty: the system's choice."""
        if (input_id, output_id) != self._chosen:
            self._chosen = (input_id, output_id)
            if self._wanted:
                await self._run(False)
                await self._run(True)

    async def close(self) -> None:
        """Ends the devices. Idempotent; the lines end with their connections."""
        self.shut()
        await self._run(False)

    async def _run(self, wanted: bool) -> None:
        self._wanted = wanted
        async with self._changing:
            if self._wanted == (self._running is not None):
                return
            try:
                await asyncio.to_thread(self._start if self._wanted else self._stop)
            except SoundFault as fault:
                self._on_state(VoiceState(False, fault.code))
            else:
                self._on_state(VoiceState(self._running is not None))

    # In a thread, one at a time

    def _the_card(self) -> SoundCard:
        if self._card is None:
            self._card = self._make_card()
        return self._card

    def _start(self) -> None:
        self._played.clear()
        self._canceller = self._make_canceller()
        self._running = self._the_card().open(*self._chosen, self._captured, self._next)

    def _stop(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.close()
        with self._guard:
            if self._canceller is not None:
                self._canceller.close()
                self._canceller = None

    # In the sound library's threads

    def _next(self) -> bytes:
        """What the loudspeaker says next: everybody at once."""
        heard = {line: piece for line in self._lines if line.open and (piece := line.take()) is not None}
        self._heard = heard
        piece = mixed(tuple(heard.values()))
        self._there_db = level_db(piece)
        self._played.append(piece)
        self._tell()
        return piece

    def _captured(self, piece: bytes) -> None:
        """To each person: the microphone without echo, and the other people."""
        if len(piece) != PIECE_BYTES:
            return
        played = self._played.popleft() if self._played else SILENCE
        with self._guard:
            clean = self._canceller.clean(piece, played) if self._canceller is not None else piece
        own = SILENCE if self.muted else clean
        self._here_db = level_db(own)
        others = self._heard
        for line in self._lines:
            line.say(mixed([own, *(theirs for other, theirs in others.items() if other is not line)]))
        self._tell()

    def _tell(self) -> None:
        if self._loop.is_closed():
            return
        now = self._loop.time()
        if now - self._told_at >= LEVELS_S:
            self._told_at = now
            self._loop.call_soon_threadsafe(self._on_levels, Levels(self._here_db, self._there_db))

    def _forget(self, line: VoiceLine) -> None:
        self._lines = tuple(each for each in self._lines if each is not line)
