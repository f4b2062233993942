"""The sending end of the pictures to one viewer of ours: packets, parity, copies of what was lost, pace, and the gate.

Retransmissions go before new packets, new packets at the pace that the path is thought to bear, and no frame is made
before the last ones have left: whatever waits would only be old when it is shown.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, Protocol

from shared.media import parity
from shared.media.encoder import AccessUnit
from shared.media.outbox import Outbox
from shared.media.pacer import Pacer
from shared.media.packets import (
    FIRST,
    PAYLOAD,
    KeyWanted,
    Nack,
    Piece,
    Report,
    Said,
    copy_body,
    forget_body,
    media_packet,
    nearest,
    parity_body,
    probe_body,
    repair_packet,
    to_shard,
)
from shared.media.path import Path
from shared.media.rate import PACING_FACTOR, copied_again_after, is_hopeless, pacing_bps, waiting_bytes
from shared.media.stats import now_us

HISTORY: Final = 2048
MAX_COPIES: Final = 256
"""Retransmissions that wait; more were asked for in vain."""
FIRST_PROBES: Final = 4
"""Packets of filling at the start: how far apart they come tells the path's rate before the first picture is made."""
FIRST_WAIT_S: Final = 0.2
"""The first picture waits for that measure no longer than this: made too large, it would overflow a thin path."""
PROBE_MARGIN_S: Final = 0.06
PROBE_GROWTH: Final = 2.0
MAX_PROBE_S: Final = 1.0


class LaneEvents(Protocol):
    """What a lane tells its viewing."""

    def idle(self) -> None: ...
    def key_frame_asked(self) -> None: ...
    def sent(self, unit: AccessUnit) -> None: ...
    def heard(self) -> None: ...
    def target_changed(self) -> None: ...


class Lane(Protocol):
    """The way of the pictures to one viewer."""

    @property
    def outbox(self) -> Outbox: ...
    @property
    def target_bps(self) -> int: ...
    @property
    def bytes_sent(self) -> int: ...
    @property
    def waiting(self) -> bool:
        """Whether all has been sent, and a new frame would go at once."""
        ...

    def start(self) -> None: ...
    def put(self, unit: AccessUnit) -> None: ...
    async def close(self) -> None: ...


class Outgoing:
    """A ``Lane`` to a viewer of ours. ``send`` gives a packet to the transport; ConnectionError ends the lane."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], ssrcs: tuple[int, int], events: LaneEvents) -> None:
        self._send = send
        self._media_ssrc, self._repair_ssrc = ssrcs
        self._events = events
        self._loop = asyncio.get_running_loop()
        self.outbox = Outbox()
        self.path = Path()
        self.bytes_sent = 0
        self._pacer = Pacer(pacing_bps(self.path.target_bps), self._loop.time())
        self._pieces: dict[int, Piece] = {}
        self._next = FIRST
        self._next_repair = FIRST
        self._packets: Iterator[bytes] | None = None
        self._copies: dict[int, None] = {}
        self._copied_at: dict[int, float] = {}
        self._forgotten = FIRST - 1
        """Up to this number nothing is sent again."""
        self._weight = 1.0
        """Copies go no faster than the target: a narrow path has lost them by its full queue."""
        self._bodies: deque[bytes] = deque()
        self._idle = False
        self._filled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._probe: asyncio.TimerHandle | None = None
        self._probe_s = 0.0
        self._first: asyncio.TimerHandle | None = None
        self._first_at = 0.0

    @property
    def target_bps(self) -> int:
        return self.path.target_bps

    @property
    def waiting(self) -> bool:
        now = self._loop.time()
        return self._idle and (self.path.is_measured or now >= self._first_at) and self.path.is_open(now)

    def start(self) -> None:
        """The connection stands. Without effect when started already."""
        if self._task is None:
            self._bodies.extend(probe_body(self._next - 1, PAYLOAD) for _ in range(FIRST_PROBES))
            self._first_at = self._loop.time() + FIRST_WAIT_S
            self._first = self._loop.call_at(self._first_at, self._events.idle)
            self._task = asyncio.create_task(self._run())

    def put(self, unit: AccessUnit) -> None:
        self.outbox.put(unit)
        if len(self.outbox):
            self._fill()

    def said(self, said: Said) -> None:
        """The viewer reports or asks for something."""
        self._events.heard()
        match said:
            case Report():
                self._reported(said)
            case Nack(numbers=numbers):
                self._ask_again(numbers)
            case KeyWanted():
                self._events.key_frame_asked()

    def _reported(self, report: Report) -> None:
        before = self.path.target_bps
        self.path.reported(report, self._loop.time(), now_us())
        if self.path.target_bps != before:
            self._pacer.rate_bps = pacing_bps(self.path.target_bps)
            self.outbox.limit_bytes = waiting_bytes(self.path.target_bps)
            self._events.target_changed()
        if self.path.all_arrived:
            self._cancel_probe()
        self._events.idle()

    def _ask_again(self, numbers: tuple[int, ...]) -> None:
        asked = [nearest(each, self._next) for each in numbers]
        for number in asked:
            if number > self._forgotten and self._may_copy(number):
                self._copies[number] = None
        if is_hopeless(len(self._copies) * PAYLOAD, self.path.target_bps):
            self._give_up()
        elif min(asked, default=self._next) <= self._forgotten:
            self._tell_forgotten()
        self._fill()

    def _may_copy(self, number: int) -> bool:
        recent = self._loop.time() - self._copied_at.get(number, -1e9) < copied_again_after(self.path.rtt_s)
        return number in self._pieces and not recent and len(self._copies) < MAX_COPIES

    def _give_up(self) -> None:
        """The path has become too thin for what was sent: it begins anew with a key."""
        self._forgotten = self._next - 1
        self._copies.clear()
        self._packets = None
        self.outbox.clear()
        self._tell_forgotten()
        self._events.key_frame_asked()

    def _tell_forgotten(self) -> None:
        """Lost itself, it is told again with the next request."""
        if not self._bodies:
            self._bodies.append(forget_body(self._forgotten))

    def _fill(self) -> None:
        self._idle = False
        self._filled.set()

    async def _run(self) -> None:
        try:
            while True:
                await self._pace()
                packet = self._take()
                if packet is None:
                    await self._rest()
                    continue
                self.bytes_sent += len(packet)
                self._pacer.take(int(len(packet) * self._weight))
                await self._send(packet)
        except ConnectionError:
            self._cancel_probe()

    async def _pace(self) -> None:
        delay = self._pacer.wait(self._loop.time())
        if delay > 0:
            await asyncio.sleep(delay)

    async def _rest(self) -> None:
        """Nothing is left to send: until there is."""
        self._plan_probe()
        self._filled.clear()
        self._idle = True
        self._events.idle()
        await self._filled.wait()
        self._idle = False

    def _take(self) -> bytes | None:
        """The next packet, made now: its time is that of its sending."""
        self._weight = PACING_FACTOR if self._copies else 1.0
        if self._copies:
            return self._copy()
        if self._bodies:
            return self._repair(self._bodies.popleft())
        while True:
            if self._packets is not None:
                if (packet := next(self._packets, None)) is not None:
                    return packet
                self._packets = None
            if (unit := self.outbox.pop()) is None:
                return None
            self._cancel_probe()
            self._packets = self._packets_of(unit)

    def _packets_of(self, unit: AccessUnit) -> Iterator[bytes]:
        for group in groups(pieces(unit.data)):
            first = self._next
            for piece in group:
                yield self._media(piece)
            count = parity.packets_for(len(group), self.path.loss, busy=self.path.is_busy)
            if count:
                for index, shard in enumerate(parity.protect([to_shard(piece) for piece in group], count)):
                    yield self._repair(parity_body(first, len(group), index, shard))
        self._events.sent(unit)

    def _media(self, piece: Piece) -> bytes:
        number, now = self._next, self._loop.time()
        self._next += 1
        self._pieces[number] = piece
        if len(self._pieces) > HISTORY:
            self._pieces.pop(number - HISTORY, None)
        packet = media_packet(self._media_ssrc, number, piece, now_us(), self.path.rtt_s)
        self.path.sent(number, len(packet), now)
        return packet

    def _copy(self) -> bytes:
        number = next(iter(self._copies))
        del self._copies[number]
        self._copied_at[number] = self._loop.time()
        if len(self._copied_at) > HISTORY:
            del self._copied_at[next(iter(self._copied_at))]
        return self._repair(copy_body(number, self._pieces[number]))

    def _repair(self, body: bytes) -> bytes:
        number = self._next_repair
        self._next_repair += 1
        packet = repair_packet(self._repair_ssrc, number, now_us(), body)
        self.path.repaired(len(packet))
        return packet

    def _plan_probe(self) -> None:
        """Nothing else would tell the viewer that the end of the last frame was lost."""
        if self._probe is None and not self.path.all_arrived:
            self._probe_s = self.path.rtt_s + PROBE_MARGIN_S
            self._probe = self._loop.call_later(self._probe_s, self._send_probe)

    def _send_probe(self) -> None:
        self._probe_s = min(self._probe_s * PROBE_GROWTH, MAX_PROBE_S)
        self._probe = self._loop.call_later(self._probe_s, self._send_probe)
        if self._idle:
            self._bodies.append(probe_body(self._next - 1))
            self._fill()

    def _cancel_probe(self) -> None:
        if self._probe is not None:
            self._probe.cancel()
            self._probe = None

    async def close(self) -> None:
        """Idempotent."""
        self._cancel_probe()
        if self._first is not None:
            self._first.cancel()
        self.outbox.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._cancel_probe()


def pieces(data: bytes) -> list[Piece]:
    """A unit in as few packets as it takes, all about as long: parity is as long as the longest."""
    count = max(1, -(-len(data) // PAYLOAD))
    size = max(1, -(-len(data) // count))
    parts = [data[at : at + size] for at in range(0, max(len(data), 1), size)]
    return [Piece(part, index == len(parts) - 1) for index, part in enumerate(parts)]


def groups(parts: list[Piece]) -> list[list[Piece]]:
    """As few groups as parity can cover, all about as large."""
    count = -(-len(parts) // parity.MAX_GROUP)
    size = -(-len(parts) // count)
    return [parts[at : at + size] for at in range(0, len(parts), size)]
