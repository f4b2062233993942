"""The bus between nodes over NATS core: one subject a node, one that all hear, and a routing table in each process.

Listeners here are called at once; other nodes get what their links want, from a bounded queue that is given up rather
than waited for. Nothing is asked of NATS: what it loses is noticed by the numbers on the lanes, told to the listeners
as a wake of topic `look`, and found again by clients that resume from the store.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import msgspec

from relay_server.engine import bus_wire as wire
from relay_server.engine.bus import LOOK, Committed, Listener, Note, ToStream, Wake, keys_of
from relay_server.engine.bus_at import NatsAt
from relay_server.engine.bus_link import Link
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.bus_routes import Peer, Peers, Wishes
from shared.common.errors import PeerBroken

QUEUE: Final = 20_000
"""Datagrams that may wait for NATS; more are dropped."""
QUEUE_BYTES: Final = 16 * 1024 * 1024
HERE_S: Final = 1.0
FRESH_S: Final = 1.5
"""So long after connecting everything goes to everybody: not all nodes have been heard yet."""
SETTLE_S: Final = 0.25
START_S: Final = 2.0
_NUMBER_BYTES: Final = 16

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Counts:
    sent: int = 0
    heard: int = 0
    dropped: int = 0
    refused: int = 0
    lost: int = 0


class NatsBus:
    """Made by `opened`; belongs to the event loop that opened it."""

    def __init__(self, at: NatsAt, key: bytes, queue: int = QUEUE) -> None:
        self._local = LocalBus()
        self._loop = asyncio.get_running_loop()
        self._seal = wire.Seal(key)
        self._link = Link(at, self._seal.origin.hex(), self._connected, self._hear)
        self._peers = Peers()
        self._wishes = Wishes()
        self._numbers: dict[bytes, int] = {wire.ALL: 0}
        self._outgoing: deque[tuple[bytes, bytes]] = deque()
        self._outgoing_bytes = 0
        self._queue = queue
        self._gathered: list[Committed] = []
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._woken = asyncio.Event()
        self._connected_s = 0.0
        self._looking = False
        self._counts = _Counts()

    # The port

    def publish(self, committed: Committed) -> None:
        """Here at once; elsewhere in the next turn of the loop, with whatever else comes until then."""
        self._local.publish(committed)
        if not self._link.up:
            self._counts.dropped += 1
            return
        if not self._gathered:
            self._loop.call_soon(self._tell_others)
        self._gathered.append(committed)

    def publish_here(self, committed: Committed) -> None:
        """Tells the listeners of this process only."""
        self._local.publish(committed)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener; the returned function takes it away again."""
        return self._local.subscribe(listener)

    def want(self, key: str) -> None:
        """A link here is concerned with it."""
        if self._wishes.want(key):
            self._loop.call_soon(self._tell_wishes)

    def unwant(self, key: str) -> None:
        """One link less."""
        if self._wishes.unwant(key):
            self._loop.call_soon(self._tell_wishes)

    async def settled(self) -> None:
        """Waits for the other nodes' answers, a quarter of a second at most."""
        self._tell_wishes()
        number = self._wishes.number
        if not self._link.up or not self._peers.awaited(number, self._loop.time()):
            return
        known: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((number, known))
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                await known

    def counts(self) -> dict[str, int]:
        """Datagrams sent, heard, dropped before NATS, refused as not ours, and losses noticed; nodes heard."""
        counts = self._counts
        return {
            "sent": counts.sent,
            "heard": counts.heard,
            "dropped": counts.dropped,
            "refused": counts.refused,
            "lost": counts.lost,
            "nodes": len(self._peers),
        }

    @property
    def up(self) -> bool:
        """Whether NATS is there now."""
        return self._link.up

    @property
    def origin(self) -> bytes:
        """What this process is called on the bus."""
        return self._seal.origin

    @property
    def waiting(self) -> int:
        """Datagrams that wait for NATS."""
        return len(self._outgoing)

    @property
    def routed(self) -> bool:
        """Whether others get only what they want: all that are heard said what that is, and know what we want."""
        now_s = self._loop.time()
        return (
            self.up
            and now_s - self._connected_s >= FRESH_S
            and self._peers.certain
            and not self._peers.awaited(self._wishes.number, now_s)
        )

    async def run(self) -> None:
        """Connects, sends, and says that this node lives, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._link.run())
            tasks.create_task(self._send())
            tasks.create_task(self._say_here())

    def skip(self, origin: bytes) -> None:
        """As if the next word to a node were lost on the way."""
        self._numbers[origin] = self._numbers.get(origin, 0) + 1

    async def started(self) -> None:
        """Once NATS is there, or after a while without it: a relay begins without its bus."""
        with suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                await self._link.first.wait()

    # To other nodes

    def _tell_others(self) -> None:
        gathered, self._gathered = self._gathered, []
        lanes: dict[bytes, list[bytes]] = {}
        now_s = self._loop.time()
        fresh = now_s - self._connected_s < FRESH_S
        for committed in gathered:
            notes = tuple(note for note in committed.notes if not isinstance(note, Wake) or note.everywhere)
            if not notes and not committed.events:
                continue
            told = committed if len(notes) == len(committed.notes) else Committed(committed.events, notes)
            concerned = [wire.ALL] if fresh else self._peers.concerned(keys_of(told), now_s)
            items = self._items(told) if concerned else []
            for lane in concerned:
                lanes.setdefault(lane, []).extend(items)
        for lane, items in lanes.items():
            self._put_items(lane, items)

    def _items(self, committed: Committed) -> list[bytes]:
        """Encoded, each small enough for one datagram; what cannot be made so becomes a hint to look."""
        whole = wire.encode_item(committed.events, committed.notes)
        if len(whole) <= self._room:
            return [whole]
        singly = [wire.encode_item((record,), ()) for record in committed.events]
        singly += [wire.encode_item((), (note,)) for note in committed.notes]
        streams = [record.stream for record in committed.events] + [_stream_of(note) for note in committed.notes]
        return [
            item if len(item) <= self._room else wire.encode_item((), (Wake(LOOK, stream, everywhere=True),))
            for item, stream in zip(singly, streams, strict=True)
        ]

    def _put_items(self, lane: bytes, items: list[bytes]) -> None:
        room, batch = self._room, list[msgspec.Raw]()
        for item in items:
            if len(item) > room and batch:
                self._put(lane, wire.Told(tuple(batch)))
                room, batch = self._room, []
            room -= len(item)
            batch.append(msgspec.Raw(item))
        if batch:
            self._put(lane, wire.Told(tuple(batch)))

    def _put(self, lane: bytes, word: wire.Word) -> None:
        number = self._numbers[lane] = self._numbers.get(lane, 0) + 1
        if not self._link.up or len(self._outgoing) >= self._queue or self._outgoing_bytes > QUEUE_BYTES:
            self._counts.dropped += 1
            return
        datagram = self._seal.seal(lane, number, word)
        self._outgoing.append((lane, datagram))
        self._outgoing_bytes += len(datagram)
        self._woken.set()

    async def _send(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._outgoing:
                lane, datagram = self._outgoing.popleft()
                self._outgoing_bytes -= len(datagram)
                if await self._link.send(lane, datagram):
                    self._counts.sent += 1
                else:
                    self._counts.dropped += 1

    @property
    def _room(self) -> int:
        return min(self._link.max_bytes, wire.MAX_BYTES) - wire.OVERHEAD - 4 * _NUMBER_BYTES

    # What is wanted here

    def _tell_wishes(self) -> None:
        change = self._wishes.change()
        if change is None or not self._link.up:
            return
        if len(change.more) + len(change.less) <= self._room:
            self._put(wire.ALL, change)
        else:
            self._tell_all_wishes(wire.ALL)

    def _tell_all_wishes(self, lane: bytes) -> None:
        for part in self._wishes.whole(self._room):
            self._put(lane, part)

    # Being one of several

    async def _connected(self) -> None:
        """What was queued for the old connection is old, what others know of us is not certain."""
        self._outgoing.clear()
        self._outgoing_bytes = 0
        self._connected_s = self._loop.time()
        self._peers.doubt_all()
        self._put(wire.ALL, self._here())
        self._tell_wishes()
        self._tell_all_wishes(wire.ALL)
        self._put(wire.ALL, wire.Ask())
        self._look()

    async def _say_here(self) -> None:
        while True:
            await asyncio.sleep(HERE_S)
            self._looking = False
            if self._link.up:
                self._put(wire.ALL, self._here())
            for origin in self._peers.drop_gone(self._loop.time()):
                self._numbers.pop(origin, None)

    def _here(self) -> wire.Here:
        return wire.Here(self._wishes.number, dict(self._numbers))

    def _look(self) -> None:
        """Something was not told: whoever can look at the store should, once a second at most."""
        if not self._looking:
            self._looking = True
            self._local.publish(Committed(notes=(Wake(LOOK),), here=False))

    # From other nodes

    def _hear(self, lane: bytes, datagram: bytes) -> None:
        try:
            origin, number, word = self._seal.open(lane, datagram)
            if origin != self._seal.origin:
                self._take(origin, lane, number, word)
        except PeerBroken as error:
            self._counts.refused += 1
            if self._counts.refused & (self._counts.refused - 1) == 0:  # the 1st, 2nd, 4th, 8th ...
                _log.warning("the bus carried what no node of ours said (%d): %s", self._counts.refused, error)

    def _take(self, origin: bytes, lane: bytes, number: int, word: wire.Word) -> None:
        peer = self._peers.get(origin, self._loop.time())
        if peer is None:
            raise PeerBroken("more nodes than there may be")
        heard = peer.hear(lane, number, self._loop.time())
        if heard == "again":
            raise PeerBroken("a repetition")
        self._counts.heard += 1
        if heard == "lost":
            self._lost()
        match word:
            case wire.Told(items):
                self._pass_on(items)
            case wire.Here():
                self._compare(origin, peer, word)
            case wire.Change():
                self._answer(origin, word.number, known=peer.take_change(word))
            case wire.Wants():
                if peer.take_whole(word):
                    self._put(origin, wire.Noted(word.number))
            case wire.Noted(noted):
                peer.noted = max(peer.noted, noted)
                self._settle()
            case wire.Ask():
                self._tell_wishes()
                self._tell_all_wishes(origin)

    def _pass_on(self, items: tuple[msgspec.Raw, ...]) -> None:
        for raw in items:
            item = wire.decode_item(raw)
            self._local.publish(Committed(item.events, item.notes, here=False))

    def _compare(self, origin: bytes, peer: Peer, here: wire.Here) -> None:
        """What it had sent a second ago must be here by now; what it wants must be what we know."""
        mine = self._seal.origin
        if peer.on_lane.get(mine, 0) < peer.said_sent:
            peer.on_lane[mine] = peer.said_sent
            self._lost()
        peer.said_sent = here.sent.get(mine, 0)
        if not peer.certain or peer.number != here.wants:
            self._put(origin, wire.Ask())

    def _answer(self, origin: bytes, number: int, *, known: bool) -> None:
        self._put(origin, wire.Noted(number) if known else wire.Ask())

    def _settle(self) -> None:
        now_s = self._loop.time()
        still: list[tuple[int, asyncio.Future[None]]] = []
        for number, known in self._waiting:
            if known.done():
                continue
            if self._peers.awaited(number, now_s):
                still.append((number, known))
            else:
                known.set_result(None)
        self._waiting = still

    def _lost(self) -> None:
        self._counts.lost += 1
        self._look()


def _stream_of(note: Note) -> str:
    return note.stream if isinstance(note, ToStream) else ""


@asynccontextmanager
async def opened(at: NatsAt, key: bytes, queue: int = QUEUE) -> AsyncGenerator[NatsBus]:
    """A bus over the NATS at `at`, sealed with the key that the nodes of one installation share."""
    bus = NatsBus(at, key, queue)
    running = asyncio.create_task(bus.run())
    try:
        await bus.started()
        yield bus
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
