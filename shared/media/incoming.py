"""The receiving end of a sharer's pictures: holds, rebuilds, asks again, hands units out in order, and reports.

The sharer is treated as hostile: what is held is bounded, and nonsense is dropped.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from shared.media import packets
from shared.media.feedback import REPORT_S, SOON_S, Recorder
from shared.media.packets import KeyWanted, Media, Nack, Piece, Repair, Said, parse, say
from shared.media.reassembly import Reassembly
from shared.media.recovery import Recovery
from shared.media.stats import now_us

PLI_INTERVAL_S: Final = 0.5


class Incoming:
    """``send`` gives an RTCP packet to the transport. ``on_unit(unit, broken)``: ``broken`` says that units before this
    one were given up."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], on_unit: Callable[[bytes, bool], None]) -> None:
        self._send = send
        self._on_unit = on_unit
        self._loop = asyncio.get_running_loop()
        self._reassembly = Reassembly()
        self._recovery = Recovery()
        self._recorder = Recorder()
        self._asking: asyncio.TimerHandle | None = None
        self._reporting: asyncio.TimerHandle | None = None
        self._reported_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_pli = -PLI_INTERVAL_S
        self._closed = False
        self.rtt_s = 0.0
        self.packets_received = self.bytes_received = 0
        self.nacks = self.plis = 0

    @property
    def lost(self) -> int:
        """Packets given up for good."""
        return self._reassembly.lost

    @property
    def recovered(self) -> int:
        """Packets that parity brought back."""
        return self._recovery.recovered

    def packet(self, data: bytes) -> None:
        """Takes an RTP packet of ours as it comes from the transport."""
        parsed = parse(data)
        if parsed is None or self._closed:
            return
        self.packets_received += 1
        self.bytes_received += len(data)
        match parsed:
            case Media():
                self.rtt_s = parsed.rtt_s
                self._recorder.media(parsed, len(data), now_us())
                self._piece(self._reassembly.running(parsed.number), parsed.piece)
            case Repair():
                self._recorder.repair(parsed, len(data), now_us())
                self._repair(parsed)
        self._plan_asking()
        self._plan_report(self._reported_at + REPORT_S)

    def _piece(self, number: int, piece: Piece, *, original: bool = True) -> None:
        self._hold(number, piece, original=original)
        for found, rebuilt in self._recovery.add_piece(number, piece):
            self._hold(found, rebuilt, original=False)

    def _repair(self, packet: Repair) -> None:
        number = self._reassembly.running(packet.about)
        match packet.kind:
            case packets.COPY:
                self._piece(number, Piece(packet.data, bool(packet.a)), original=False)
            case packets.PARITY:
                for found, rebuilt in self._recovery.add_parity(number, packet.a, packet.b, packet.data):
                    self._hold(found, rebuilt, original=False)
                self._reassembly.sent_up_to(number + packet.a - 1, self._loop.time())
            case packets.PROBE:
                self._reassembly.sent_up_to(number, self._loop.time())
            case packets.FORGET:
                self._hand_out(self._reassembly.forget(number))
                self._plan_report(self._reported_at + SOON_S)
            case _:
                pass

    def _hold(self, number: int, piece: Piece, *, original: bool) -> None:
        self._hand_out(self._reassembly.add(number, piece, self._loop.time(), original=original))

    def _hand_out(self, units: list[bytes]) -> None:
        for unit in units:
            self._on_unit(unit, self._reassembly.take_broken())
        if units:
            self._plan_report(self._reported_at + SOON_S)

    def ask_for_key_frame(self) -> bool:
        """Asks unless it did just now. True when it was sent."""
        now = self._loop.time()
        if now - self._last_pli < PLI_INTERVAL_S or self._closed:
            return False
        self._last_pli = now
        self.plis += 1
        self._say(KeyWanted())
        return True

    def _plan_asking(self) -> None:
        due = self._reassembly.next_due()
        if due is None or (self._asking is not None and self._asking.when() <= due):
            return
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self._loop.call_at(due, self._ask)

    def _ask(self) -> None:
        self._asking = None
        now = self._loop.time()
        if self._reassembly.give_up(now):
            self.ask_for_key_frame()
        if numbers := self._reassembly.due(now, self.rtt_s):
            self.nacks += len(numbers)
            self._say(Nack(tuple(numbers)))
        self._plan_asking()

    def _plan_report(self, at: float) -> None:
        if self._reporting is not None:
            if self._reporting.when() <= at:
                return
            self._reporting.cancel()
        self._reporting = self._loop.call_at(at, self._report)

    def _report(self) -> None:
        """Only ever planned by a packet: a still screen is silent."""
        self._reporting = None
        self._reported_at = self._loop.time()
        self._say(self._recorder.report(now_us(), self._reassembly.arrived))

    def _say(self, said: Said) -> None:
        task = asyncio.ensure_future(self._sent(say(said)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sent(self, packet: bytes) -> None:
        try:
            await self._send(packet)
        except ConnectionError:
            self._closed = True

    async def close(self) -> None:
        """Ends the timers. Idempotent."""
        self._closed = True
        for timer in (self._asking, self._reporting):
            if timer is not None:
                timer.cancel()
        await asyncio.gather(*self._tasks)
