"""10,000 customers wait, 10,000 agents are free: what routing takes, on the real services, rules, store and journal.

Offers for everybody are made in several units of work, one after another as the relay's own loop makes them; `pass_ms`
is what one of them takes, which is how long somebody else's change may have to wait for it. `p50_ms` and `p99_ms` are
of single changes, from the command to the durable answer, the pass of routing that follows included: a customer asks
while 10,000 agents are free; an agent accepts, and another declines, while 10,000 wait.
"""

import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import msgspec

from benchmarks.relay.cases import Figures
from benchmarks.relay.people import answer
from benchmarks.report import percentile
from relay_server.engine.bus import Committed, ToPerson
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import Shape, rows_of, write_rows
from relay_server.engine.store import Store
from relay_server.identity import seats
from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.organisation import store as organisation
from relay_server.routing import passes
from relay_server.routing.service import Routing
from shared.common.clock import now_ms
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import routing as q
from shared.protocol.messages.identity import AgentProfile
from shared.protocol.types import PersonRef

Change = Callable[[], Awaitable[object]]
WAITING, AGENTS, GROUPS = 10_000, 10_000, 50
CHANGES = 300
STEP = 1000
NOBODY = "!"
"""No password has this hash."""
_AGENT: Shape = (
    "INSERT INTO agents (id, username, name, password_hash, roles, tier, max_units, created_ms) VALUES ",
    "(?,?,?,?,'[]',1,1,?)",
    "",
)
_MEMBER: Shape = ("INSERT INTO group_members (group_id, agent_id, place) VALUES ", "(?,?,0)", "")
_STATE: Shape = (
    "INSERT INTO agent_states (agent_id, state, since_ms, reason, after, after_reason, idle_since_ms, connected,"
    " lost_ms, used) VALUES ",
    "(?,'available',?,'','','',?,1,0,0)",
    "",
)
_CUSTOMER: Shape = (
    "INSERT INTO customers (id, name, email, phone, organisation, vip_level, first_seen_ms) VALUES ",
    "(?,?,'','','',0,?)",
    "",
)
_WAITING: Shape = (
    "INSERT INTO conversations (id, customer_id, customer_name, vip_level, subject, state, group_id, owner_id, owner,"
    " opened_ms, since_ms, rank_ms, offered_to, offered, offer_ms, deadline_ms, last_text, last_at_ms, last_by,"
    " last_chat_seq, unread, ended_ms, reopen_until_ms, rated, updated_ms, ticket_id, ticket_number, ticket_state)"
    " VALUES ",
    "(?,?,?,0,'bench','queued',?,'','',?,?,?,'','',0,0,'',?,'customer',0,0,0,0,0,?,'','','new')",
    "",
)


async def measure(store: Store) -> Figures:
    """Offers for everybody, then single changes in a full house. The store must be empty."""
    await store.upgrade()
    bus = LocalBus()
    counted = _Counted()
    bus.subscribe(counted.hear)
    async with store.open(bus) as journal:
        await journal.write(_groups)
        await journal.write(_patient)
        for first in range(0, AGENTS, STEP):
            await journal.write(lambda tx, first=first: _agents(tx, range(first, first + STEP)))
        routing = Routing(journal, bus)
        asks = await _timed(await _asking(journal, routing))
        await _wait(journal, range(CHANGES, CHANGES + WAITING))
        counted.offers.clear()
        took, units = await _offer_all(journal)
        made = len(counted.offers)
        await _wait(journal, range(CHANGES + WAITING, CHANGES + 2 * WAITING))
        asked = list(counted.offers.items())[:: made // (2 * CHANGES)]
        accepts = await _timed(
            partial(routing.accept_offer, _actor(agent), q.AcceptOffer(conversation_id=each))
            for each, agent in asked[:CHANGES]
        )
        declines = await _timed(
            partial(routing.decline_offer, _actor(agent), q.DeclineOffer(conversation_id=each))
            for each, agent in asked[CHANGES : 2 * CHANGES]
        )
    changes = [*asks, *accepts, *declines]
    return {
        "per_s": made / took,
        "messages": float(made),
        "pass_p50_ms": percentile(units, 0.5),
        "pass_p99_ms": percentile(units, 0.99),
        "p50_ms": percentile(changes, 0.5),
        "p99_ms": percentile(changes, 0.99),
        "ask_p99_ms": percentile(asks, 0.99),
        "accept_p99_ms": percentile(accepts, 0.99),
        "decline_p99_ms": percentile(declines, 0.99),
    }


class _Counted:
    """Which conversation was last offered to whom."""

    def __init__(self) -> None:
        self.offers: dict[str, str] = {}

    def hear(self, committed: Committed) -> None:
        for note in committed.notes:
            if isinstance(note, ToPerson) and isinstance(note.push, q.OfferArrived):
                self.offers[note.push.offer.row.conversation_id] = note.person_id


async def _offer_all(journal: Journal) -> tuple[float, list[float]]:
    """How long all of it took in seconds, and each unit of work in ms."""
    units: list[float] = []
    start = time.perf_counter()
    due_ms: int | Refused | None = 0
    while due_ms == 0:
        began = time.perf_counter()
        due_ms = await journal.write(passes.run)
        units.append((time.perf_counter() - began) * 1000)
    return time.perf_counter() - start, units


async def _timed(changes: Iterable[Change]) -> list[float]:
    delays: list[float] = []
    for change in changes:
        start = time.perf_counter()
        answered = await change()
        delays.append((time.perf_counter() - start) * 1000)
        if isinstance(answered, Refused):
            raise RuntimeError(f"refused: {answered.code}")
    return delays


def _groups(tx: Transaction) -> bool:
    organisation.create(tx, "Bench")
    tx.run("UPDATE groups SET id = 'g0'")
    for number in range(1, GROUPS):
        tx.run(
            "INSERT INTO groups (id, branch_id, name, tier, public, priority, overflow_id, hours, form, place)"
            " SELECT ?, branch_id, ?, tier, public, priority, overflow_id, hours, form, ? FROM groups WHERE id = 'g0'",
            (f"g{number}", f"Group {number}", number),
        )
    return True


def _patient(tx: Transaction) -> bool:
    """Offers stand until they are answered, however slow the machine."""
    policy = msgspec.structs.replace(organisation.policy(tx.rows), offer_window_s=600)
    tx.run("UPDATE organisation SET policy = ?", (msgspec.json.encode(policy).decode(),))
    return True


def _agents(tx: Transaction, numbers: range) -> bool:
    names = [(f"a{number}", number) for number in numbers]
    write_rows(tx.run, _AGENT, [(name, name, f"Agent {number}", NOBODY, tx.now_ms) for name, number in names])
    write_rows(tx.run, _MEMBER, [(f"g{number % GROUPS}", name) for name, number in names])
    write_rows(tx.run, _STATE, [(name, tx.now_ms, tx.now_ms + number) for name, number in names])
    seats.refresh(tx, *(name for name, _ in names))
    return True


async def _wait(journal: Journal, numbers: range) -> None:
    for first in range(numbers.start, numbers.stop, STEP):
        await journal.write(lambda tx, first=first: _line_up(tx, range(first, first + STEP)))


def _line_up(tx: Transaction, numbers: range) -> bool:
    at_ms = tx.now_ms
    write_rows(tx.run, _CUSTOMER, [(f"c{number}", f"Customer {number}", at_ms) for number in numbers])
    write_rows(
        tx.run,
        _WAITING,
        [
            (f"C{each}", f"c{each}", f"c{each}", f"g{each % GROUPS}", *(at_ms,) * 2, at_ms + each, *(at_ms,) * 2)
            for each in numbers
        ],
    )
    for number in range(GROUPS):
        seats.line_grew(tx, f"g{number}")
    return True


async def _asking(journal: Journal, routing: Routing) -> list[Change]:
    """Customers who are about to ask, each another group."""
    form = await journal.read(lambda sql: organisation.form(rows_of(sql), "g0"))
    answers = {each.key: answer(each) for each in form.fields}
    people = [PersonRef(id=f"c{number}", name=f"Customer {number}", kind="customer") for number in range(CHANGES)]
    at_ms = now_ms()
    rows = [(person.id, person.name, at_ms) for person in people]
    await journal.write(lambda tx: write_rows(tx.run, _CUSTOMER, rows))
    return [
        partial(
            routing.open_conversation,
            CustomerActor(person, person.id),
            c.OpenConversation(
                conversation_id=f"C{number}", group_id=f"g{number % GROUPS}", subject="bench", answers=answers
            ),
        )
        for number, person in enumerate(people)
    ]


def _actor(agent_id: str) -> AgentActor:
    person = PersonRef(id=agent_id, name=agent_id, kind="agent")
    group_id = f"g{int(agent_id[1:]) % GROUPS}"
    return AgentActor(AgentProfile(person=person, username=agent_id, group_ids=(group_id,), tier=1, branch=""))
