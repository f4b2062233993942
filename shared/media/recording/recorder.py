"""What of a received stream becomes a recording, and in which chunks. No I/O and no clock: times are passed in.

Recorded is what the customer's machine had sent while it let this engineer record, by its own clock: every unit
carries when it was captured, and the machine's word about what is granted carries since when. Since that word and the
pictures travel on different ways, nothing is sealed before it is ``HOLD_MS`` old: a revoke that is up to so much late
still takes back what was captured after it.

A decoder can begin only at a key picture, and the encoder makes them only when somebody needs one. One is asked for
when the recording begins or goes on, and then whenever seeking would have to decode too much, but never so often that
key pictures are a large part of the stream.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from shared.common.sealed.heads import KEY, LAST, NOTES
from shared.media.cursor import CursorMoved, CursorShape
from shared.media.recording import records as k
from shared.media.stamp import from_unit
from shared.protocol.types import Capability

HOLD_MS: Final = 1000
CHUNK_BYTES: Final = 1024 * 1024
CHUNK_MS: Final = 2000
MAX_UNIT: Final = 16 * 1024 * 1024
MAX_HELD: Final = 64 * 1024 * 1024
"""Bytes of pictures that wait at most; what comes beyond is left out, and said to be."""
UNITS_BETWEEN_KEYS: Final = 600
"""Decoding so many takes about two seconds: what a jump may cost at most."""
KEY_SHARE: Final = 4
"""At least so many times a key picture's size lies between two of them."""
ASK_AGAIN_MS: Final = 2000


class Batch(Struct, frozen=True):
    """What goes into the next chunk."""

    records: Sequence[k.Any]
    from_ms: int
    until_ms: int
    flags: int


class _Held(Struct, frozen=True):
    """A record that may still be taken back; `captured_us` is 0 for what is no picture."""

    record: k.Any
    captured_us: int = 0
    size: int = 0


class Recorder:
    """``ask_key`` asks the sharer for a key picture. Everything takes ``now_ms`` since the recording began."""

    def __init__(self, ask_key: Callable[[], None]) -> None:
        self._ask_key = ask_key
        self._held: list[_Held] = []
        self._bytes = 0
        self._allowed = False
        self._since_us = 0
        self._told: tuple[tuple[Capability, ...], bool] | None = None
        self._number: int | None = None
        self._asked_ms = -ASK_AGAIN_MS
        self._units = self._since_key = self._key_bytes = 0
        self._look: CursorShape | None = None
        self._place: CursorMoved | None = None

    @property
    def recording(self) -> bool:
        """Whether pictures are taken now."""
        return self._allowed

    def standing(self, capabilities: tuple[Capability, ...], paused: bool, at_us: int, now_ms: int) -> None:
        """The customer's machine says what holds since `at_us` of its clock."""
        allowed = "record" in capabilities and not paused
        if self._allowed and not allowed:
            self._take_back(at_us)
        if allowed and not self._allowed:
            self._since_us = at_us
            self._want_key(now_ms)
        self._allowed = allowed
        if self._told != (capabilities, paused):
            self._told = (capabilities, paused)
            self._keep(k.Standing(now_ms, capabilities, paused))

    def picture(self, data: bytes, broken: bool, now_ms: int) -> None:
        """A unit came; `broken`: units before it were lost."""
        if not self._allowed:
            return
        found = from_unit(data)
        if found is None or found[0].captured_us < self._since_us:
            return
        stamp, _ = found
        follows = stamp.follows(self._number) and not broken and self._fits(data)
        if self._number is not None and not follows and not stamp.key:
            self._keep(k.Gap(now_ms))
        self._number = stamp.number if self._fits(data) and (stamp.key or follows) else None
        if self._number is None:
            self._want_key(now_ms)
            return
        self._keep(k.Picture(now_ms, data, stamp.key), stamp.captured_us, len(data))
        self._follow(len(data), stamp.key, now_ms)

    def _fits(self, data: bytes) -> bool:
        return len(data) <= MAX_UNIT and self._bytes + len(data) <= MAX_HELD

    def cursor(self, cursor: CursorMoved | CursorShape, now_ms: int) -> None:
        """The customer's pointer moved or looks different."""
        if isinstance(cursor, CursorMoved):
            self._place = cursor
        else:
            self._look = cursor
        if self._allowed and self._number is not None:
            self._keep(_cursor_record(cursor, now_ms))

    def note(self, what: k.Happening, who: str, words: str, now_ms: int) -> None:
        """Something happened in the conversation."""
        if len(self._held) < k.MAX_RECORDS:
            self._keep(k.Note(now_ms, what, who[:80], words[:200]))

    def due(self, now_ms: int) -> list[Batch]:
        """The chunks that are to be sealed now: full or old enough, and held long enough."""
        ripe = sum(held.record.at_ms <= now_ms - HOLD_MS for held in self._held)
        if not ripe or (self._bytes < CHUNK_BYTES and now_ms - self._held[0].record.at_ms < CHUNK_MS + HOLD_MS):
            return []
        return self._cut(ripe)

    def end(self, why: str, now_ms: int) -> list[Batch]:
        """All that is left, and the last word."""
        batches = self._cut(len(self._held))
        self._allowed = False
        return [*batches, Batch([k.End(now_ms, why)], now_ms, now_ms, LAST | NOTES)]

    def _keep(self, record: k.Any, captured_us: int = 0, size: int = 0) -> None:
        self._held.append(_Held(record, captured_us, size))
        self._bytes += size

    def _take_back(self, at_us: int) -> None:
        """What was captured after the customer said no was never recorded."""
        self._held = [held for held in self._held if held.captured_us < at_us]
        self._bytes = sum(held.size for held in self._held)
        self._number = None

    def _want_key(self, now_ms: int) -> None:
        if now_ms - self._asked_ms >= ASK_AGAIN_MS:
            self._asked_ms = now_ms
            self._ask_key()

    def _follow(self, size: int, key: bool, now_ms: int) -> None:
        """Counts what a jump would have to decode; with a key picture the pointer as it is goes into its chunk."""
        self._units += 1
        self._since_key += size
        if key:
            self._units, self._since_key, self._key_bytes = 0, 0, size
            for cursor in (self._look, self._place):
                if cursor is not None:
                    self._keep(_cursor_record(cursor, now_ms))
        elif self._units >= UNITS_BETWEEN_KEYS and self._since_key >= KEY_SHARE * self._key_bytes:
            self._want_key(now_ms)

    def _cut(self, count: int) -> list[Batch]:
        """The first `count`: a chunk for what happened, and one for each run of pictures."""
        ripe, self._held = self._held[:count], self._held[count:]
        self._bytes -= sum(held.size for held in ripe)
        happened = [held.record for held in ripe if isinstance(held.record, k.Standing | k.Note)]
        pictures = [held.record for held in ripe if not isinstance(held.record, k.Standing | k.Note)]
        return [*([_batch(happened, NOTES)] if happened else []), *map(_batch, _runs(pictures))]


def _cursor_record(cursor: CursorMoved | CursorShape, now_ms: int) -> k.Any:
    return k.Cursor(now_ms, cursor) if isinstance(cursor, CursorMoved) else k.CursorLook(now_ms, cursor)


def _batch(run: Sequence[k.Any], flags: int = 0) -> Batch:
    first = run[0]
    flags |= KEY if isinstance(first, k.Picture) and first.key else 0
    return Batch(run, first.at_ms, max(record.at_ms for record in run), flags)


def _runs(records: Sequence[k.Any]) -> list[list[k.Any]]:
    """Records cut where a key picture begins, where pictures were lost, and where a chunk is full."""
    runs: list[list[k.Any]] = []
    size = 0
    for record in records:
        data = len(record.data) if isinstance(record, k.Picture) else 0
        starts = isinstance(record, k.Picture) and record.key
        if not runs or starts or size + data > CHUNK_BYTES or len(runs[-1]) >= k.MAX_RECORDS // 2:
            runs.append([])
            size = 0
        runs[-1].append(record)
        size += data
    return runs
