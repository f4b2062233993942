"""Several nodes on one store: who is connected, whatever becomes of the nodes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from relay_server.engine import leases
from relay_server.engine.bus import NODE_LOST, Committed, ToStream, Wake
from relay_server.engine.journal import Transaction
from relay_server.engine.leases import ThisNode
from relay_server.engine.raw import rows_of
from relay_server.gateway.lease import Lease
from relay_server.routing import attendance
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import routing as q
from tests.relay_house import Clock, House, ok, open_house

LEASE_S = 12.0


@dataclass
class Node:
    """A house, its lease, and what it was told."""

    house: House
    alone: bool = False
    held: list[bool] = field(default_factory=list[bool])
    heard: list[Committed] = field(default_factory=list[Committed])

    def __post_init__(self) -> None:
        self.house.bus.subscribe(self.heard.append)
        self.lease = Lease(self.house.journal, self.house.bus, self.house.routing, LEASE_S, self.told, alone=self.alone)

    def told(self, *, held: bool) -> None:
        self.held.append(held)

    @property
    def presence(self) -> list[bool]:
        """What followers were told of others, oldest first."""
        pushes = [note.push for each in self.heard for note in each.notes if isinstance(note, ToStream)]
        return [push.online for push in pushes if isinstance(push, c.PresenceChanged)]

    async def online(self, person_id: str) -> bool:
        return await self.house.journal.read(lambda sql: bool(leases.online(rows_of(sql), (person_id,))))

    async def look_until(self, from_s: float, to_s: float) -> None:
        """Looks as often as it would."""
        for step in range(int((to_s - from_s) / 3) + 1):
            await self.lease.look(from_s + 3 * step)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[Node, Node]]:
    clock = Clock()
    async with AsyncExitStack() as stack:
        a, b = [await stack.enter_async_context(open_house(tmp_path / "one.db", clock, node=name)) for name in "ab"]
        yield Node(a), Node(b)


async def test_a_move_from_node_to_node_is_no_gap(two: tuple[Node, Node]) -> None:
    a, b = two
    li = await a.house.customer()
    lin = await a.house.served(li, "C1")
    await b.house.routing.agent_connected(lin.profile)
    before = (len(a.presence), len(b.presence))
    await a.house.routing.agent_disconnected(lin.profile)
    assert await a.online(lin.id)
    assert (len(a.presence), len(b.presence)) == before
    await a.house.pass_time(3600)
    assert (await a.house.events("c/C1/public"))[-1][0].kind == "participant_joined"
    await b.house.routing.agent_disconnected(lin.profile)
    assert not await a.online(lin.id)
    assert b.presence == [False]


async def test_an_offer_goes_back_when_its_agent_is_nowhere(two: tuple[Node, Node]) -> None:
    a, b = two
    lin = await a.house.on_duty("lin")
    await b.house.routing.agent_connected(lin.profile)
    await a.house.ask(await a.house.customer(), "C1")
    await a.house.routing.agent_disconnected(lin.profile)
    assert b.house.told(lin.id, q.OfferWithdrawn) == []
    await b.house.routing.agent_disconnected(lin.profile)
    assert b.house.told(lin.id, q.OfferWithdrawn)[0].why == "went_offline"


async def test_a_node_whose_beat_stands_still_is_declared_dead_and_its_people_are_lost(two: tuple[Node, Node]) -> None:
    a, b = two
    li = await a.house.customer()
    lin = await a.house.served(li, "C1")
    await b.house.routing.customer_connected(li.person)
    await b.look_until(0, LEASE_S - 3)
    assert await b.online(lin.id)
    await b.look_until(LEASE_S, LEASE_S)
    assert not await b.online(lin.id)
    assert await b.online(li.id)
    assert b.presence == [True, False]
    assert any(isinstance(note, Wake) and note.topic == NODE_LOST for each in b.heard for note in each.notes)
    await b.house.pass_time(61)
    assert [record.kind for record, _ in await b.house.events("c/C1/public")][-1] == "conversation_queued"
    assert [node.node_id for node in await nodes(b)] == [b.house.routing.node.node_id]


async def test_who_was_declared_dead_ends_its_links_and_begins_anew(two: tuple[Node, Node]) -> None:
    a, b = two
    lin = await a.house.on_duty("lin")
    before = a.house.routing.node.node_id
    await b.look_until(0, LEASE_S)
    assert await a.house.routing.agent_connected(lin.profile) == Refused(code="shutting_down")
    assert not await a.online(lin.id)
    await a.lease.look(LEASE_S)
    assert a.held == [False, True]
    assert a.house.routing.node.node_id != before
    assert await a.house.routing.agent_connected(lin.profile) is None
    assert await b.online(lin.id)


async def test_a_node_that_beats_is_left_alone(two: tuple[Node, Node]) -> None:
    a, b = two
    for second in range(0, 60, 3):
        await a.lease.look(second)
        await b.lease.look(second)
    assert a.held == b.held == []
    assert len(await nodes(a)) == 2


async def test_who_stood_still_itself_watches_anew_before_it_judges(two: tuple[Node, Node]) -> None:
    a, b = two
    await b.lease.look(0)
    await a.lease.look(1)
    await b.lease.look(100)
    assert len([node for node in await nodes(b) if not node.dead_ms]) == 2


async def test_only_one_declares_a_node_dead(two: tuple[Node, Node]) -> None:
    a, b = two
    (seen,) = [node for node in await nodes(b) if node.node_id == a.house.routing.node.node_id]
    await a.lease.look(0)
    assert await b.house.journal.write(lambda tx: leases.declare_dead(tx, seen)) is False
    (seen,) = [node for node in await nodes(b) if node.node_id == a.house.routing.node.node_id]
    declared = [await b.house.journal.write(lambda tx: leases.declare_dead(tx, seen)) for _ in range(2)]
    assert declared == [True, False]


async def test_a_restart_clears_only_its_own(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "one.db"
    async with open_house(path, clock, node="b") as b:
        async with open_house(path, clock, node="a") as a:
            lin = await a.on_duty("lin")
            chen = await b.on_duty("chen")
        async with open_house(path, clock, node="a") as a:
            await b.journal.read(lambda sql: None)
            again = Node(a)
            assert not await again.online(lin.id)
            assert await again.online(chen.id)
            assert await a.routing.release() == 1
            assert await a.routing.release() == 0
            await a.routing.agent_connected(lin.profile)
            assert await again.online(lin.id)


async def test_people_of_an_ended_node_have_the_grace(two: tuple[Node, Node]) -> None:
    a, b = two
    lin = await a.house.on_duty("lin")
    await a.house.routing.end()
    b.house.clock.at_ms -= 1
    assert await b.house.routing.release() == 0
    b.house.clock.at_ms += 1
    assert await b.house.routing.release() == 1
    assert not await b.online(lin.id)


async def test_a_clock_that_is_set_back_keeps_nobody_of_a_dead_node_for_hours(two: tuple[Node, Node]) -> None:
    a, b = two
    lin = await a.house.on_duty("lin")
    await a.house.routing.end()
    b.house.clock.at_ms -= 6 * 3_600_000
    assert await b.house.routing.release() == 1
    assert not await b.online(lin.id)


async def test_a_node_that_cannot_reach_the_store_for_a_lease_lets_go_unless_it_is_the_only_one(
    two: tuple[Node, Node], caplog: pytest.LogCaptureFixture
) -> None:
    for node, alone in zip(two, (False, True), strict=True):
        node.alone = alone
        node.__post_init__()
        await node.lease.look(0)
        await node.house.journal.close()
        await node.look_until(3, LEASE_S)
    assert [node.held for node in two] == [[False], []]
    assert "the store has not answered" in caplog.text


async def test_a_node_with_other_files_is_not_let_in(two: tuple[Node, Node]) -> None:
    a, b = two
    stranger = ThisNode("c", "c", "other files")

    def begin(tx: Transaction) -> Refused | None:
        return attendance.begin(tx, stranger, alone=False)

    refused = await b.house.journal.write(begin)
    assert refused == Refused(code="wrong_state", params={"host": "a"})
    assert len(await nodes(a)) == 2


async def nodes(of: Node) -> list[leases.Node]:
    return await of.house.journal.read(lambda sql: leases.nodes(rows_of(sql)))


async def test_people_of_a_large_dead_node_are_let_go_in_steps(two: tuple[Node, Node]) -> None:
    a, b = two
    people = [await a.house.customer(f"P{n}", f"key{n}") for n in range(attendance.RELEASED + 5)]
    for person in people:
        ok(await a.house.routing.customer_connected(person.person) or True)
    await b.look_until(0, LEASE_S)
    assert await b.house.routing.release() == 0
    assert not await b.online(people[-1].id)
