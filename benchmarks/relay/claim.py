"""10,000 customers wait, 10,000 agents are free: what one pass of routing takes, on the real rules, store and journal.

A pass is one unit of work, so an offer is as late as the pass is long. `change_ms` is what somebody else's change costs
while a whole line waits that nobody can take: the pass that follows every change.
"""

import time
from pathlib import Path

from benchmarks.relay.cases import Figures
from benchmarks.report import percentile
from relay_server.engine import migrate
from relay_server.engine.bus import Committed, ToPerson
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal import Transaction
from relay_server.engine.journal_sqlite import open_journal
from relay_server.identity.agents import NewAgent, insert_agent
from relay_server.organisation import store as organisation
from relay_server.routing import passes, store
from shared.common.clock import now_ms
from shared.protocol.messages.routing import OfferArrived

WAITING, AGENTS, GROUPS = 10_000, 10_000, 50
CHANGES = 20
NOBODY = "!"
"""No password has this hash."""


async def measure(room: Path) -> tuple[Figures, dict[str, str]]:
    """Offers for everybody at once; then passes in which nothing can be offered."""
    path = room / "relay.sqlite3"
    migrate.upgrade(path)
    bus = LocalBus()
    offered = 0

    def hear(committed: Committed) -> None:
        nonlocal offered
        offered += sum(isinstance(note, ToPerson) and isinstance(note.push, OfferArrived) for note in committed.notes)

    bus.subscribe(hear)
    async with open_journal(path, bus) as journal:
        await journal.write(_fill)
        start = time.perf_counter()
        await journal.write(passes.run)
        took = time.perf_counter() - start
        if not offered:
            raise RuntimeError("nothing was offered")
        await journal.write(lambda tx: _wait(tx, WAITING, WAITING))
        changes: list[float] = []
        for _ in range(CHANGES):
            start_change = time.perf_counter()
            await journal.write(passes.run)
            changes.append((time.perf_counter() - start_change) * 1000)
    figures = {
        "per_s": offered / took,
        "messages": float(offered),
        "p99_ms": took * 1000,
        "change_p50_ms": percentile(changes, 0.5),
        "change_p99_ms": percentile(changes, 0.99),
    }
    told = "one pass over the SQLite journal (WAL, synchronous=FULL); p99 is the whole pass, which all offers wait for"
    return figures, {"store": told}


def _fill(tx: Transaction) -> bool:
    organisation.create(tx, "Bench")
    branch = tx.rows("SELECT id FROM branches LIMIT 1")[0][0]
    first = tx.rows("SELECT * FROM groups LIMIT 1")[0]
    for number in range(1, GROUPS):
        tx.run(
            "INSERT INTO groups (id, branch_id, name, tier, public, priority, overflow_id, hours, form, place)"
            " SELECT ?, ?, ?, tier, public, priority, overflow_id, hours, form, ? FROM groups WHERE id = ?",
            (f"g{number}", branch, f"Group {number}", number, first[0]),
        )
    groups = [row[0] for row in tx.rows("SELECT id FROM groups ORDER BY id")]
    for number in range(AGENTS):
        agent_id = insert_agent(tx, NewAgent(f"a{number}", f"Agent {number}", NOBODY, 1, (), 1))
        tx.run(
            "INSERT INTO group_members (group_id, agent_id, place) VALUES (?,?,0)",
            (groups[number % GROUPS], agent_id),
        )
        store.arrive(tx, agent_id)
    tx.run("UPDATE agent_states SET state = 'available'")
    _wait(tx, 0, WAITING)
    return True


def _wait(tx: Transaction, first: int, count: int) -> bool:
    groups = [row[0] for row in tx.rows("SELECT id FROM groups ORDER BY id")]
    at_ms = now_ms()
    for number in range(first, first + count):
        customer = f"c{number}"
        tx.run(
            "INSERT INTO customers (id, name, email, phone, organisation, vip_level, first_seen_ms)"
            " VALUES (?,?,'','','',0,?)",
            (customer, f"Customer {number}", at_ms),
        )
        tx.run(
            "INSERT INTO conversations (id, customer_id, customer_name, vip_level, subject, state, group_id, owner_id,"
            " owner, opened_ms, since_ms, rank_ms, offered_to, offered, offer_ms, deadline_ms, last_text, last_at_ms,"
            " last_by, last_chat_seq, unread, ended_ms, reopen_until_ms, rated, updated_ms, ticket_id, ticket_number,"
            " ticket_state) VALUES (?,?,?,0,'bench','queued',?,'','',?,?,?,'','',0,0,'',?,'customer',0,0,0,0,0,?,'','',"
            "'new')",
            (f"C{number}", customer, customer, groups[number % GROUPS], at_ms, at_ms, at_ms + number, at_ms, at_ms),
        )
    return True
