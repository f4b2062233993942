"""What every bus must do: told here at once and in order; and what one between nodes must do besides."""

import asyncio
import hashlib
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from nats.aio.client import Client

from relay_server.engine import bus_local, bus_nats, bus_wire
from relay_server.engine.bus import (
    LOOK,
    Bus,
    Committed,
    ToPerson,
    ToStream,
    Wake,
    person_key,
    stream_key,
)
from relay_server.engine.bus_at import NatsAt
from relay_server.engine.bus_nats import NatsBus
from shared.protocol.messages.conversations import EventRecord, TypingNow
from shared.protocol.types import PersonRef
from tests.nats import NatsServer

WAIT_S = 20
STREAM = "c/one/public"
KEY = b"k" * 32
NOISE = hashlib.shake_256(b"noise").digest(5000)
LI = PersonRef(id="li", name="Li", kind="customer")


def event(seq: int, stream: str = STREAM, body: str = "{}") -> EventRecord:
    return EventRecord(stream=stream, seq=seq, order=seq, at_ms=1, kind="chat_posted", body=body)


def line(seq: int, stream: str = STREAM, body: str = "{}") -> Committed:
    return Committed((event(seq, stream, body),), (ToPerson("li", TypingNow(conversation_id="one", person=LI)),))


async def until(there: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while True:
            if there():
                return
            await asyncio.sleep(0.02)


class Heard:
    """What one node's listeners were told."""

    def __init__(self, bus: Bus) -> None:
        self.committed: list[Committed] = []
        self._news = asyncio.Event()
        bus.subscribe(self._hear)

    def _hear(self, committed: Committed) -> None:
        self.committed.append(committed)
        self._news.set()

    @property
    def seqs(self) -> list[int]:
        return [record.seq for each in self.committed for record in each.events]

    @property
    def wakes(self) -> list[Wake]:
        return [note for each in self.committed for note in each.notes if isinstance(note, Wake)]

    async def until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not there():
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def server() -> AsyncIterator[NatsServer]:
    async with NatsServer() as running:
        yield running


def at(server: NatsServer, password: str = "") -> NatsAt:
    return NatsAt((server.url,), user=server.user, password=password or server.password)


@asynccontextmanager
async def node(server: NatsServer, key: bytes = KEY, queue: int = bus_nats.QUEUE) -> AsyncIterator[NatsBus]:
    async with bus_nats.opened(at(server), key, queue) as bus:
        yield bus


@asynccontextmanager
async def acquainted(server: NatsServer, count: int) -> AsyncIterator[list[NatsBus]]:
    """Nodes that know of each other and no longer send everything to everybody."""
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(node(server)) for _ in range(count)]
        await until(lambda: all(each.routed for each in nodes))
        yield nodes


# What every bus does


@pytest.fixture(params=["local", "nats"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    async with AsyncExitStack() as stack:
        if request.param == "local":
            yield await stack.enter_async_context(bus_local.opened())
        else:
            server = await stack.enter_async_context(NatsServer())
            yield await stack.enter_async_context(node(server))


async def test_listeners_here_are_told_at_once_and_in_order(bus: Bus) -> None:
    heard = Heard(bus)
    for seq in range(100):
        bus.publish(line(seq))
    assert heard.seqs == list(range(100))
    assert all(each.here for each in heard.committed)
    bus.publish_here(line(100))
    assert heard.seqs[-1] == 100


async def test_a_listener_that_fails_stands_in_nobodys_way(bus: Bus, caplog: pytest.LogCaptureFixture) -> None:
    def fails(committed: Committed) -> None:
        raise ValueError(committed)

    bus.subscribe(fails)
    heard = Heard(bus)
    bus.publish(line(1))
    assert heard.seqs == [1]
    assert "a listener of the bus failed" in caplog.text


async def test_who_has_unsubscribed_hears_no_more(bus: Bus) -> None:
    told: list[Committed] = []
    unsubscribe = bus.subscribe(told.append)
    unsubscribe()
    bus.publish(line(1))
    assert told == []


async def test_settling_ends_whoever_listens(bus: Bus) -> None:
    bus.want(stream_key(STREAM))
    async with asyncio.timeout(WAIT_S):
        await bus.settled()
    bus.unwant(stream_key(STREAM))


# What a bus between nodes does


async def test_what_a_link_elsewhere_wants_goes_there_and_nothing_else(server: NatsServer) -> None:
    async with acquainted(server, 3) as (a, b, c):
        at_b, at_c = Heard(b), Heard(c)
        b.want(stream_key(STREAM))
        c.want(person_key("other"))
        await asyncio.gather(b.settled(), c.settled())
        for seq in range(1, 201):
            a.publish(Committed((event(seq),)))
        a.publish(Committed(notes=(Wake("marked", everywhere=True), Wake("ours"))))
        await asyncio.gather(*(each.until(lambda each=each: bool(each.wakes)) for each in (at_b, at_c)))
        assert at_b.seqs == list(range(1, 201))
        assert at_c.seqs == []
        assert at_b.wakes == at_c.wakes == [Wake("marked", everywhere=True)]
        assert not any(each.here for each in at_b.committed)


async def test_a_push_comes_whole(server: NatsServer) -> None:
    async with acquainted(server, 2) as (a, b):
        heard = Heard(b)
        b.want(person_key("li"))
        await b.settled()
        sent = line(1)
        a.publish(sent)
        await heard.until(lambda: bool(heard.committed))
        assert heard.committed == [Committed(sent.events, sent.notes, here=False)]


async def test_what_is_no_longer_wanted_goes_nowhere(server: NatsServer) -> None:
    async with acquainted(server, 2) as (a, b):
        heard = Heard(b)
        for _ in range(2):
            b.want(stream_key(STREAM))
        b.unwant(stream_key(STREAM))
        await b.settled()
        a.publish(Committed((event(1),)))
        await heard.until(lambda: heard.seqs == [1])
        b.unwant(stream_key(STREAM))
        await b.settled()
        a.publish(Committed((event(2),)))
        a.publish(Committed(notes=(Wake("marked", everywhere=True),)))
        await heard.until(lambda: bool(heard.wakes))
        assert heard.seqs == [1]


async def test_a_node_that_nobody_knows_yet_gets_everything(server: NatsServer) -> None:
    async with node(server) as a, node(server) as b:
        heard = Heard(b)
        a.publish(line(1))
        await heard.until(lambda: heard.seqs == [1])


async def test_many_wishes_come_over_in_parts() -> None:
    async with NatsServer(max_payload=4096) as server, acquainted(server, 2) as (a, b):
        heard = Heard(b)
        for number in range(5_000):
            b.want(stream_key(f"c/{number}/public"))
        await b.settled()
        a.publish(Committed((event(1, "c/4999/public"), event(2, "c/none/public"))))
        await heard.until(lambda: bool(heard.seqs))
        for seq in range(3, 6):
            a.publish(Committed((event(seq, "c/nobody/public"),)))
        a.publish(Committed(notes=(Wake("marked", everywhere=True),)))
        await heard.until(lambda: any(wake.topic == "marked" for wake in heard.wakes))
        assert heard.seqs == [1, 2]


async def test_what_is_too_large_becomes_smaller_or_a_hint() -> None:
    async with NatsServer(max_payload=4096) as server, acquainted(server, 2) as (a, b):
        heard = Heard(b)
        b.want(stream_key(STREAM))
        await b.settled()
        a.publish(Committed(tuple(event(seq, body="x" * 1000) for seq in range(1, 11))))
        a.publish(Committed((event(11, body="x" * 5000), event(12)), (ToStream(STREAM, line(1).notes[0].push),)))
        await heard.until(lambda: 12 in heard.seqs and len(heard.committed) == 13)
        assert heard.seqs == [*range(1, 11), 12]
        assert heard.wakes == [Wake(LOOK, STREAM, everywhere=True)]


async def test_the_bus_comes_back_by_itself_and_says_that_something_was_missed(server: NatsServer) -> None:
    async with acquainted(server, 2) as (a, b):
        heard = Heard(b)
        b.want(stream_key(STREAM))
        await b.settled()
        server.stop()
        await until(lambda: not (a.up or b.up))
        b.want(person_key("li"))
        a.publish(line(1))
        assert a.counts()["dropped"] == 1
        async with asyncio.timeout(1):
            await b.settled()
        await server.start()
        await heard.until(lambda: Wake(LOOK) in heard.wakes)
        await until(lambda: a.up and b.up)
        a.publish(line(2))
        await heard.until(lambda: 2 in heard.seqs)


async def test_a_frozen_server_costs_neither_memory_nor_time(server: NatsServer) -> None:
    async with bus_nats.opened(at(server), KEY, 100) as a, node(server):
        server.send(signal.SIGSTOP)
        try:
            loop = asyncio.get_running_loop()
            started_s, seq = loop.time(), 0
            while not a.counts()["dropped"]:
                seq += 1
                a.publish(Committed((event(seq, body="x" * 60_000),)))
                await asyncio.sleep(0)
                assert loop.time() - started_s < WAIT_S
            assert a.waiting <= 100
        finally:
            server.send(signal.SIGCONT)


async def test_a_lost_word_is_noticed(server: NatsServer) -> None:
    async with acquainted(server, 2) as (a, b):
        heard = Heard(b)
        b.want(stream_key(STREAM))
        await b.settled()
        a.publish(Committed((event(1),)))
        await heard.until(lambda: heard.seqs == [1])
        a.skip(b.origin)
        await heard.until(lambda: Wake(LOOK) in heard.wakes)
        assert b.counts()["lost"] == 1


# Who else may be there


async def test_another_installations_words_are_not_heard(server: NatsServer) -> None:
    async with node(server, b"other" * 8) as stranger, node(server) as ours:
        heard = Heard(ours)
        stranger.publish(line(1))
        await until(lambda: ours.counts()["refused"])
        assert heard.seqs == []
        assert ours.counts()["nodes"] == 0


@pytest.mark.parametrize("datagram", [b"", b"\x01", b"hello", b"\x01" + b"\0" * 60, NOISE])
async def test_foreign_bytes_are_counted_and_passed_over(server: NatsServer, datagram: bytes) -> None:
    async with node(server) as ours:
        heard = Heard(ours)
        await _throw(server, f"threeline.node.{ours.origin.hex()}", datagram)
        await until(lambda: ours.counts()["refused"] == 1)
        assert [each for each in heard.committed if each.events] == []


async def test_a_word_that_is_repeated_or_moved_to_another_lane_is_refused(server: NatsServer) -> None:
    seal, heard_all = bus_wire.Seal(KEY), list[bytes]()
    async with node(server) as ours:
        heard = Heard(ours)
        told = bus_wire.Told((bus_wire.msgspec.Raw(bus_wire.encode_item((event(1),), ())),))
        datagram = seal.seal(bus_wire.ALL, 1, told)
        heard_all.append(datagram)
        await _throw(server, "threeline.all", datagram, datagram)
        await _throw(server, f"threeline.node.{ours.origin.hex()}", datagram)
        await until(lambda: ours.counts()["refused"] == 2)
        assert heard.seqs == [1]


async def test_a_wrong_password_leaves_a_relay_on_its_own(server: NatsServer, caplog: pytest.LogCaptureFixture) -> None:
    async with bus_nats.opened(at(server, "wrong"), KEY) as bus:
        heard = Heard(bus)
        bus.publish(line(1))
        assert heard.seqs == [1]
        assert not bus.up
    assert "the bus cannot be reached" in caplog.text


async def _throw(server: NatsServer, subject: str, *datagrams: bytes) -> None:
    async def ignore(error: Exception | None = None) -> None:
        del error

    client = Client()
    await client.connect(
        server.url,
        name="stranger",
        error_cb=ignore,
        disconnected_cb=ignore,
        closed_cb=ignore,
        allow_reconnect=False,
        connect_timeout=2,
        ping_interval=10,
        max_outstanding_pings=2,
        no_echo=True,
        pending_size=1_000_000,
        flush_timeout=2,
        tls=None,
        user=server.user,
        password=server.password,
        token=None,
        user_credentials=None,
    )
    for datagram in datagrams:
        await client.publish(subject, datagram)
    await client.flush(5)
    await client.close()
