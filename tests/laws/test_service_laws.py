"""Laws 1, 2, 4, 6 and 7 over the real services and a real store, whatever people do in whatever order, with restarts
and crash images in between.

1. No conversation has two owners; nobody is given more than they hold, offers included; none is assigned twice.
2. A line that was acknowledged is there once, at its place, also after a crash.
4. Old snapshot + events = fresh snapshot = the relay's own rows.
6. Everything waiting is told its place, and served while one eligible agent works.
7. Notes are in nothing that a customer is told or can fetch.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from relay_server.engine.raw import rows_of
from relay_server.identity.actors import Actor, AgentActor, CustomerActor
from relay_server.routing.rules import load
from shared.common.errors import LinkLost
from shared.protocol.codec import encode_to_customer
from shared.protocol.frames import Push, Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import routing as q
from shared.protocol.messages.organisation import GetHome
from shared.protocol.types import AgentState
from shared.rules import timeline as t
from tests.relay_house import ANSWERS, MESSAGE, Clock, House, crash_image, ok, open_house

T = TypeVar("T")
CUSTOMERS = ("Li", "Eve", "Bo")
AGENTS = ("lin", "chen", "maria")
SECRET = "SECRET-NOTE"

customers = st.sampled_from(CUSTOMERS)
agents = st.sampled_from(AGENTS)
client_ids = st.sampled_from(["m1", "m2", "m3"])
numbers = st.integers(0, 5)


GENERATE = (Phase.explicit, Phase.generate)
"""Crash images are taken at moments that nobody chooses, so a failing history is shown as it was, not made smaller."""


class Relay(RuleBasedStateMachine):
    """People at both ends of one relay."""

    engine = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.loop = asyncio.Runner()
        self.clock = Clock()
        self.stores = 0
        self.asked: list[tuple[str, str]] = []
        self.accepted: dict[tuple[str, str, str], c.ChatAccepted] = {}
        self.timelines: dict[str, t.Timeline] = {}
        self.people: dict[str, CustomerActor] = {}
        self.told_places: dict[str, int] = {}
        self.is_open = False
        self.broken = False
        """A law did not hold: what comes after would only hide which."""

    # The world

    def do(self, work: Any) -> Any:
        return self.loop.run(work)

    @initialize()
    def open(self) -> None:
        self.do(self._open(self.directory / "0.db"))
        narrow = "UPDATE agents SET max_units = CASE username WHEN 'lin' THEN 2 ELSE 1 END"
        self.do(self.house.journal.write(lambda tx: tx.run(narrow)))
        for who in ("lin", "maria"):
            self.work(who)
        for who in CUSTOMERS[:2]:
            self.ask(who)

    async def _open(self, path: Path) -> None:
        self.stack = AsyncExitStack()
        self.house: House = await self.stack.enter_async_context(open_house(path, self.clock, self.engine))
        self.house.bus.subscribe(self.house.routing.hear)
        self.path = path
        self.is_open = True
        for name in CUSTOMERS:
            self.people[name] = await self.house.customer(name)

    async def _leave(self) -> None:
        self._no_customer_was_told_a_note()
        self.is_open = False
        await self.stack.aclose()

    def teardown(self) -> None:
        try:
            if self.is_open and not self.broken:
                self.do(self._serve_everybody())
                self.laws()
        finally:
            if self.is_open:
                self.do(self.stack.aclose())
            self.loop.close()
            shutil.rmtree(self.directory)

    @rule()
    def restart(self) -> None:
        self.do(self._leave())
        self.do(self._open(self.path))

    @rule(who=customers, number=numbers)
    def crash_while_sending(self, who: str, number: int) -> None:
        self.do(self._crash(who, number))

    async def _crash(self, who: str, number: int) -> None:
        conversation_id = self._some(number)
        sends = {
            name: asyncio.create_task(self._send(self.people[who], conversation_id, name))
            for name in (f"x{self.stores}-{at}" for at in range(4))
        }
        await asyncio.wait(sends.values(), return_when=asyncio.FIRST_COMPLETED)
        acknowledged = {name: task.result() for name, task in sends.items() if task.done()}
        image = await crash_image(self.house, self.directory / f"{self.stores + 1}.db")
        left = await asyncio.gather(*sends.values(), return_exceptions=True)
        assert all(isinstance(each, c.ChatAccepted | Refused | LinkLost) for each in left), left
        await self._leave()
        self.stores += 1
        self.timelines.clear()
        self._note_accepted(who, conversation_id, acknowledged)
        await self._open(image)
        again = {name: await self._send(self.people[who], conversation_id, name) for name in sends}
        assert all(again[name] == answer for name, answer in acknowledged.items())
        self._note_accepted(who, conversation_id, again)

    def _note_accepted(self, who: str, conversation_id: str, answers: dict[str, c.ChatAccepted | Refused]) -> None:
        for name, answer in answers.items():
            if isinstance(answer, c.ChatAccepted):
                self.accepted[self.people[who].id, conversation_id, name] = answer

    def _some(self, number: int) -> str:
        return self.asked[number % len(self.asked)][1] if self.asked else "none"

    # Customers

    @rule(who=customers)
    def ask(self, who: str) -> None:
        conversation_id = f"C{len(self.asked)}"
        command = c.OpenConversation(conversation_id=conversation_id, group_id="desk", subject="x", answers=ANSWERS)
        if not isinstance(self.do(self.house.routing.open_conversation(self.people[who], command)), Refused):
            self.asked.append((who, conversation_id))

    @rule(who=customers, number=numbers, keep=st.booleans(), text=st.sampled_from("ab"))
    def leave_message(self, who: str, number: int, keep: bool, text: str) -> None:
        command = c.LeaveMessage(
            conversation_id=self._some(number),
            group_id="desk",
            subject="x",
            answers={**MESSAGE, "message": text},
            keep_place=keep,
        )
        if self.asked:
            self.do(self.house.routing.leave_message(self.people[who], command))

    @rule(who=customers, number=numbers)
    def cancel(self, who: str, number: int) -> None:
        command = c.CancelWaiting(conversation_id=self._some(number))
        self.do(self.house.routing.cancel_waiting(self.people[who], command))

    @rule(who=customers, number=numbers)
    def reopen(self, who: str, number: int) -> None:
        self.do(self.house.routing.reopen(self.people[who], c.Reopen(conversation_id=self._some(number))))

    # Both

    async def _send(self, actor: Actor, conversation_id: str, client_id: str) -> c.ChatAccepted | Refused:
        command = c.SendChat(conversation_id=conversation_id, client_id=client_id, text=f"{actor.id} {client_id}")
        return await self.house.conversations.send_chat(actor, command)

    def _actor(self, who: str) -> Actor:
        return self.people[who] if who in CUSTOMERS else self.house.agents[who]

    @rule(who=customers | agents, number=numbers, client_id=client_ids)
    def chat(self, who: str, number: int, client_id: str) -> None:
        actor, conversation_id = self._actor(who), self._some(number)
        answer = self.do(self._send(actor, conversation_id, client_id))
        before = self.accepted.get((actor.id, conversation_id, client_id))
        if isinstance(answer, c.ChatAccepted):
            assert before in (None, answer)
            self.accepted[actor.id, conversation_id, client_id] = answer

    @rule(who=customers | agents, number=numbers, seq=st.integers(0, 30), is_read=st.booleans())
    def mark(self, who: str, number: int, seq: int, is_read: bool) -> None:
        actor, conversation_id = self._actor(who), self._some(number)
        if is_read:
            self.do(self.house.conversations.mark_read(actor, c.MarkRead(conversation_id=conversation_id, seq=seq)))
        else:
            command = c.MarkDelivered(conversation_id=conversation_id, seq=seq)
            self.do(self.house.conversations.mark_delivered(actor, command))

    # Agents

    @rule(who=agents, there=st.booleans())
    def come_or_go(self, who: str, there: bool) -> None:
        routing, profile = self.house.routing, self.house.agents[who].profile
        self.do(routing.agent_connected(profile) if there else routing.agent_disconnected(profile))

    @rule(who=agents, state=st.sampled_from(["available", "available", "busy", "break", "offline"]), now=st.booleans())
    def set_state(self, who: str, state: AgentState, now: bool) -> None:
        self.do(self.house.routing.set_state(self.house.agents[who], q.SetState(state=state, now=now)))

    @rule(who=agents)
    def work(self, who: str) -> None:
        """Comes and is available: without this little would ever happen."""
        self.do(self.house.on_duty(who))

    @rule(numbers=st.sets(numbers, min_size=1), decline=st.booleans())
    def answer_offers(self, numbers: set[int], decline: bool) -> None:
        """Everybody answers as if they were asked: most are not."""
        for conversation_id in {self._some(number) for number in numbers}:
            for agent in self.house.agents.values():
                if decline:
                    command = q.DeclineOffer(conversation_id=conversation_id)
                    self.do(self.house.routing.decline_offer(agent, command))
                else:
                    self.do(self.house.routing.accept_offer(agent, q.AcceptOffer(conversation_id=conversation_id)))

    @rule(who=agents, number=numbers)
    def take(self, who: str, number: int) -> None:
        command = q.TakeFromQueue(conversation_id=self._some(number))
        self.do(self.house.routing.take_from_queue(self.house.agents[who], command))

    @rule(who=agents, number=numbers, client_id=client_ids)
    def note(self, who: str, number: int, client_id: str) -> None:
        command = c.AddNote(conversation_id=self._some(number), client_id=client_id, text=SECRET)
        self.do(self.house.conversations.add_note(self.house.agents[who], command))

    @rule(number=numbers, close=st.booleans())
    def finish(self, number: int, close: bool) -> None:
        """Everybody tries; only the owner may."""
        for agent in self.house.agents.values():
            self.do(self._finish(agent, self._some(number), close=close))

    async def _finish(self, agent: AgentActor, conversation_id: str, *, close: bool = True) -> None:
        ending = c.EndConversation(conversation_id=conversation_id)
        await self.house.conversations.end_conversation(agent, ending)
        if close:
            closing = c.CloseConversation(conversation_id=conversation_id, category="software", result="solved")
            await self.house.conversations.close_conversation(agent, closing)

    @rule(seconds=st.sampled_from([1, 9, 20, 60]))
    def pass_time(self, seconds: int) -> None:
        self.do(self.house.pass_time(seconds))
        assert not self._rows("SELECT id FROM conversations WHERE state = 'offered' AND deadline_ms <= ?", self.clock())

    @rule()
    def fold(self) -> None:
        self.do(self.house.fold())

    @rule(steps=st.lists(st.tuples(st.integers(0, 12), numbers, numbers), min_size=10, max_size=16))
    def a_while(self, steps: list[tuple[int, int, int]]) -> None:
        """Many things at once, all of them equally likely, so that days are long enough for something to happen."""
        for step, who, number in steps:
            STEPS[step](self, who, number)

    # The laws

    @precondition(lambda self: self.is_open)
    @invariant()
    def laws(self) -> None:
        self.broken = True
        self._check()
        self.broken = False

    def _check(self) -> None:
        rows = self._rows("SELECT id, key, state, owner_id, offered_to, group_id, subject FROM conversations")
        for row in rows:
            events = self.do(self.house.events(c.public_stream(row[0])))
            hidden = self.do(self.house.events(c.internal_stream(row[0])))
            self._lines_are_there(row[0], events)
            fresh = t.apply_all(t.empty(row[0]), sorted((*events, *hidden), key=lambda each: each[0].order))
            known = self.timelines.get(row[0], t.empty(row[0]))
            missed = [e for e in events if e[0].seq > known.public_seq] + [
                e for e in hidden if e[0].seq > known.internal_seq
            ]
            self.timelines[row[0]] = t.apply_all(known, missed)
            assert self.timelines[row[0]] == fresh
            self._row_is_the_fold(row, fresh)
        self._nobody_holds_too_much()
        self._what_is_counted_is_there()

    def _lines_are_there(self, conversation_id: str, events: list[tuple[c.EventRecord, Any]]) -> None:
        assert [record.seq for record, _ in events] == list(range(1, len(events) + 1))
        lines = {
            (event.author.id, event.client_id): record.seq
            for record, event in events
            if isinstance(event, c.ChatPosted)
        }
        assert len(lines) == sum(isinstance(event, c.ChatPosted) for _, event in events)
        mine = {key: answer for key, answer in self.accepted.items() if key[1] == conversation_id}
        assert all(lines[author, client_id] == answer.seq for (author, _, client_id), answer in mine.items())

    def _row_is_the_fold(self, row: Any, fold: t.Timeline) -> None:
        conversation_id, key, state, owner_id, offered_to, group_id, subject = row
        owners = [each.person.id for each in fold.participants if each.mode == "owner"]
        assert len(owners) <= 1
        assert (state, owner_id, group_id, subject) == (fold.state, "".join(owners), fold.group_id, fold.subject)
        assert (offered_to != "") == (state == "offered")
        assert (owner_id != "") == (state in ("active", "wrap_up"))
        present = self._rows("SELECT person_id FROM participants WHERE conversation_key = ? AND left_ms = 0", key)
        assert {each[0] for each in present} == {each.person.id for each in fold.participants}, conversation_id
        marks = self._rows("SELECT person_id, delivered, read FROM marks WHERE conversation_key = ?", key)
        assert {each[0]: each[1] for each in marks if each[1]} == dict(fold.delivered)
        assert {each[0]: each[2] for each in marks if each[2]} == dict(fold.read)

    def _nobody_holds_too_much(self) -> None:
        held = self._rows(
            "SELECT a.max_units, (SELECT count(*) FROM conversations c WHERE c.offered_to = a.id OR (c.owner_id = a.id"
            " AND c.state IN ('active', 'held', 'wrap_up'))) FROM agents a"
        )
        assert all(used <= maximum for maximum, used in held)

    def _what_is_counted_is_there(self) -> None:
        """What routing keeps so that it need not count: each agent's load, who is free in what order, who is due."""
        counted = self._rows(
            "SELECT s.used, (SELECT count(*) FROM conversations c WHERE c.offered_to = s.agent_id"
            " OR c.owner_id = s.agent_id) FROM agent_states s"
        )
        assert all(used == held for used, held in counted)
        free = self._rows(
            "SELECT m.group_id, s.agent_id, s.idle_since_ms, s.used, a.max_units FROM agent_states s"
            " JOIN agents a ON a.id = s.agent_id JOIN group_members m ON m.agent_id = s.agent_id"
            " WHERE s.connected = 1 AND s.state = 'available' AND s.after = '' AND s.used < a.max_units"
        )
        seats = self._rows("SELECT group_id, agent_id, idle_since_ms, used, maximum, load FROM seats")
        assert sorted(tuple(row) for row in seats) == sorted((*row, load(row[3], row[4])) for row in free)
        forgotten = self._rows(
            "SELECT c.id, t.agent_id FROM conversations c JOIN seats t ON t.group_id = c.group_id"
            " WHERE c.state = 'queued' AND c.group_id NOT IN (SELECT group_id FROM due_groups) AND NOT EXISTS"
            " (SELECT 1 FROM offer_refusals r WHERE r.conversation_key = c.key AND r.agent_id = t.agent_id)"
        )
        assert not forgotten, "whoever could be served is found by the next pass"

    def _no_customer_was_told_a_note(self) -> None:
        mine = {person.id for person in self.people.values()}
        for to, push in self.house.pushes:
            if to in mine:
                frame: Any = Push(body=push)
                assert SECRET.encode() not in encode_to_customer(frame)
            if isinstance(push, c.QueuePlace):
                self.told_places[push.conversation_id] = push.place
        self.house.pushes.clear()

    @rule(who=customers)
    def look(self, who: str) -> None:
        """Everything a customer can fetch, of their own and of others."""
        person = self.people[who]
        found = [self.do(self.house.routing.get_home(person, GetHome()))]
        for owner, conversation_id in self.asked:
            for stream in (c.public_stream(conversation_id), c.internal_stream(conversation_id)):
                page = self.do(self.house.conversations.follow(person, c.Follow(stream=stream)))
                allowed = owner == who and stream.endswith("/public")
                assert isinstance(page, c.StreamPage) == allowed
                found.append(page)
        assert SECRET not in repr(found)
        self._no_customer_was_told_a_note()

    async def _serve_everybody(self) -> None:
        """Law 6: after a look all who wait know their place; and one agent who works serves them all in the end."""
        for agent in self.house.agents.values():
            await self.house.routing.agent_disconnected(agent.profile)
        lin = self.house.agents["lin"]
        await self.house.pass_time(61)
        await self.house.on_duty("lin", "busy")
        await self.house.routing.tick()
        await self._all_know_their_place()
        ok(await self.house.routing.set_state(lin, q.SetState(state="available", now=True)))
        for _ in range(6 * (len(self.asked) + 1)):
            await self._one_round(lin)
        assert not await self._waiting()

    async def _one_round(self, lin: AgentActor) -> None:
        for _, conversation_id in self.asked:
            await self.house.routing.accept_offer(lin, q.AcceptOffer(conversation_id=conversation_id))
            await self._finish(lin, conversation_id)
        await self.house.pass_time(5)

    async def _all_know_their_place(self) -> None:
        told = {push.conversation_id: push.place for _, push in self.house.pushes if isinstance(push, c.QueuePlace)}
        self.told_places.update(told)
        expected = {conversation_id: place for place, conversation_id in enumerate(await self._waiting(), 1)}
        assert {key: self.told_places.get(key) for key in expected} == expected

    async def _waiting(self) -> list[str]:
        found = await self.house.journal.read(
            lambda sql: sql.exec_driver_sql(
                "SELECT id FROM conversations WHERE state IN ('queued', 'offered') ORDER BY rank_ms, id"
            ).all()
        )
        return [row[0] for row in found]

    def states(self) -> list[Any]:
        """The states of all conversations."""
        return self._rows("SELECT state FROM conversations")

    def _rows(self, statement: str, *parameters: object) -> list[Any]:
        return self.do(self.house.journal.read(lambda sql: rows_of(sql)(statement, parameters)))


STEPS: tuple[Callable[[Relay, int, int], object], ...] = (
    lambda relay, who, _: relay.ask(CUSTOMERS[who % 3]),
    lambda relay, who, number: relay.chat((*CUSTOMERS, *AGENTS)[who], number, f"m{who}"),
    lambda relay, who, number: relay.chat((*CUSTOMERS, *AGENTS)[who], number, f"n{number}"),
    lambda relay, who, number: relay.mark((*CUSTOMERS, *AGENTS)[who], number, 30, is_read=number % 2 == 0),
    lambda relay, who, number: relay.note(AGENTS[who % 3], number, "m1"),
    lambda relay, _, number: relay.answer_offers({number}, decline=False),
    lambda relay, who, number: relay.answer_offers({number, who}, decline=False),
    lambda relay, _, number: relay.answer_offers({number}, decline=True),
    lambda relay, who, number: relay.take(AGENTS[who % 3], number),
    lambda relay, _, number: relay.finish(number, close=True),
    lambda relay, who, _: relay.work(AGENTS[who % 3]),
    lambda relay, who, number: relay.reopen(CUSTOMERS[who % 3], number),
    lambda relay, who, number: relay.come_or_go(AGENTS[who % 3], there=number > 2),
)

BETWEEN: tuple[Callable[[Relay, int], object], ...] = (
    lambda relay, _: relay.restart(),
    lambda relay, who: relay.crash_while_sending(CUSTOMERS[who], who),
    lambda relay, who: relay.pass_time((1, 20, 60)[who]),
    lambda relay, who: relay.look(CUSTOMERS[who]),
    lambda relay, who: relay.cancel(CUSTOMERS[who], who),
    lambda relay, who: relay.leave_message(CUSTOMERS[who], who, keep=who == 1, text=f"t{who}"),
    lambda relay, who: relay.set_state(AGENTS[who], ("busy", "break", "offline")[who], now=who != 1),
    lambda relay, _: relay.fold(),
)

TestRelay = Relay.TestCase
TestRelay.settings = settings(max_examples=20, stateful_step_count=16, derandomize=True, deadline=None, phases=GENERATE)


class RelayOnPostgres(Relay):
    """The same people, the same laws."""

    engine = "postgres"


TestRelayOnPostgres = RelayOnPostgres.TestCase
TestRelayOnPostgres.settings = settings(TestRelay.settings, max_examples=6)


@pytest.mark.parametrize(("kind", "days"), [(Relay, 5), (RelayOnPostgres, 1)])
def test_the_laws_hold_on_long_days(kind: type[Relay], days: int) -> None:
    """What short histories never reach: hundreds of steps with restarts, crashes and hours in between."""

    @given(st.randoms(use_true_random=True))
    @settings(max_examples=days, phases=GENERATE)
    def live(luck: Random) -> None:
        _live_a_day(kind(), luck)

    live()


def _live_a_day(relay: Relay, luck: Random) -> None:
    try:
        relay.open()
        for _ in range(30):
            for _ in range(8):
                luck.choice(STEPS)(relay, luck.randrange(6), luck.randrange(6))
            luck.choice(BETWEEN)(relay, luck.randrange(3))
            relay.laws()
        states = {row[0] for row in relay.states()}
        assert {"closed"} <= states
    finally:
        relay.teardown()
