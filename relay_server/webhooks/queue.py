"""What is still to be told: one row a webhook and event. Several nodes share the work by leases.

Of each object (a conversation, a ticket) only the oldest row is `ready`; the ones `behind` it wait until it was heard
or given up, so that each receiver hears of an object in its order and a bad receiver holds up nobody but itself.
"""

from dataclasses import dataclass
from typing import Final

from relay_server.engine.fold import Fold
from relay_server.engine.journal import Transaction, record_of
from relay_server.engine.raw import Rows, first
from relay_server.webhooks import hooks
from relay_server.webhooks.hooks import Hook
from relay_server.webhooks.rules import KINDS, object_of, retry_at
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import EventRecord

LEASE_MS: Final = 30_000
AT_ONCE: Final = 4
"""Messages on their way to one receiver, over all nodes."""
BACKLOG: Final = 20_000
"""Messages that wait for one receiver; further ones are dead at once."""
KEEP_DONE_MS: Final = 7 * 24 * 3_600_000
KEEP_DEAD_MS: Final = 30 * 24 * 3_600_000
SWEEP: Final = 500


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this node sends now; `lease_ms` shows that it is still its own."""

    delivery_id: int
    hook: Hook
    record: EventRecord
    attempts: int
    until_ms: int
    lease_ms: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is 0 without an answer; `error` is a short code, empty when it was heard."""

    status: int
    took_ms: int
    error: str


def follow(keep_trying_ms: int) -> Fold:
    """Puts what happens into the queue of everybody who asked for it."""

    def handle(tx: Transaction, record: EventRecord, event: EventBody) -> None:
        del event
        for hook in hooks.every(tx.rows):
            if record.kind in hook.kinds and record.order > hook.from_position:
                _enqueue(tx, hook, record, keep_trying_ms)

    return Fold(hooks.FOLD, KINDS, handle)


def next_due(rows: Rows, now_ms: int) -> int | None:
    """When the next message is due that nobody sends; None: there is none."""
    found = rows(
        "SELECT min(d.due_ms) FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id"
        " WHERE w.state = 'on' AND d.state = 'ready' AND d.lease_ms <= ?",
        (now_ms,),
    )
    return found[0][0]


def claim(tx: Transaction, room: int) -> list[Claimed]:
    """At most `room` messages for this node, of no receiver more than its share."""
    found: list[Claimed] = []
    for hook in hooks.every(tx.rows):
        if hook.state == "on" and len(found) < room:
            found += _claim_for(tx, hook, room - len(found))
    return found


def finish(tx: Transaction, claimed: Claimed, outcome: Outcome, chance: float) -> None:
    """Logs a try and settles what follows, unless another node has taken the message over meanwhile."""
    tx.run(
        "INSERT INTO webhook_attempts (delivery_id, at_ms, status, took_ms, error) VALUES (?,?,?,?,?)",
        (claimed.delivery_id, tx.now_ms, outcome.status, outcome.took_ms, outcome.error),
    )
    due_ms = retry_at(claimed.attempts, tx.now_ms, claimed.until_ms, chance) if outcome.error else None
    if due_ms is not None:
        tx.run(
            "UPDATE webhook_deliveries SET due_ms = ?, lease_ms = 0 WHERE id = ? AND state = 'ready' AND lease_ms = ?",
            (due_ms, claimed.delivery_id, claimed.lease_ms),
        )
        return
    ended = tx.run(
        "UPDATE webhook_deliveries SET state = ?, ended_ms = ?, lease_ms = 0"
        " WHERE id = ? AND state = 'ready' AND lease_ms = ?",
        ("dead" if outcome.error else "done", tx.now_ms, claimed.delivery_id, claimed.lease_ms),
    )
    if ended:
        tx.run("UPDATE webhooks SET waiting = waiting - 1 WHERE id = ?", (claimed.hook.webhook_id,))
        _promote(tx, claimed.hook.webhook_id, object_of(claimed.record.stream))


def again(tx: Transaction, delivery_id: int, until_ms: int) -> bool:
    """Tells an ended message once more, after whatever of its object is under way; False when it has not ended."""
    found = tx.row(
        "SELECT webhook_id, object FROM webhook_deliveries WHERE id = ? AND state IN ('done', 'dead')", (delivery_id,)
    )
    if found is None:
        return False
    webhook_id, thing = found
    tx.run(
        "UPDATE webhook_deliveries SET state = ?, attempts = 0, due_ms = ?, lease_ms = 0, until_ms = ?, ended_ms = 0"
        " WHERE id = ?",
        ("behind" if _has_head(tx, webhook_id, thing) else "ready", tx.now_ms, until_ms, delivery_id),
    )
    tx.run("UPDATE webhooks SET waiting = waiting + 1 WHERE id = ?", (webhook_id,))
    return True


def to_sweep(rows: Rows, now_ms: int) -> bool:
    """Whether `sweep` would find something."""
    found = rows(
        "SELECT 1 FROM webhook_deliveries WHERE (state = 'done' AND ended_ms < ?) OR (state = 'dead' AND ended_ms < ?)"
        " UNION ALL SELECT 1 FROM webhooks WHERE state = 'removed' LIMIT 1",
        (now_ms - KEEP_DONE_MS, now_ms - KEEP_DEAD_MS),
    )
    return bool(found)


def sweep(tx: Transaction) -> int:
    """Takes out some of what ended long ago or belongs to nobody any more; how many rows."""
    old = tx.rows(
        "SELECT id FROM webhook_deliveries WHERE (state = 'done' AND ended_ms < ?) OR (state = 'dead' AND ended_ms < ?)"
        " ORDER BY id LIMIT ?",
        (tx.now_ms - KEEP_DONE_MS, tx.now_ms - KEEP_DEAD_MS, SWEEP),
    )
    gone = tx.rows(
        "SELECT d.id FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE w.state = 'removed'"
        " AND d.lease_ms <= ? ORDER BY d.id LIMIT ?",
        (tx.now_ms, SWEEP),
    )
    for (delivery_id,) in (*old, *gone):
        tx.run("DELETE FROM webhook_attempts WHERE delivery_id = ?", (delivery_id,))
        tx.run("DELETE FROM webhook_deliveries WHERE id = ?", (delivery_id,))
    tx.run(
        "DELETE FROM webhooks WHERE state = 'removed'"
        " AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = webhooks.id)"
    )
    return len(old) + len(gone)


def _enqueue(tx: Transaction, hook: Hook, record: EventRecord, keep_trying_ms: int) -> None:
    thing = object_of(record.stream)
    full = hook.waiting >= BACKLOG
    state = "dead" if full else "behind" if _has_head(tx, hook.webhook_id, thing) else "ready"
    tx.run(
        "INSERT INTO webhook_deliveries (webhook_id, object, position, kind, state, attempts, due_ms, lease_ms,"
        " until_ms, created_ms, ended_ms) VALUES (?,?,?,?,?,0,?,0,?,?,?)",
        (
            hook.webhook_id,
            thing,
            record.order,
            record.kind,
            state,
            tx.now_ms,
            tx.now_ms + keep_trying_ms,
            tx.now_ms,
            tx.now_ms if full else 0,
        ),
    )
    if not full:
        tx.run("UPDATE webhooks SET waiting = waiting + 1 WHERE id = ?", (hook.webhook_id,))
        tx.after_commit(hooks.DUE)


def _claim_for(tx: Transaction, hook: Hook, room: int) -> list[Claimed]:
    under_way = tx.rows(
        "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = ? AND state = 'ready' AND lease_ms > ?",
        (hook.webhook_id, tx.now_ms),
    )[0][0]
    found = tx.rows(
        "SELECT d.id, d.attempts, d.until_ms, s.name, e.seq, e.position, e.at_ms, e.kind, e.body"
        " FROM webhook_deliveries d JOIN events e ON e.position = d.position JOIN streams s ON s.id = e.stream_id"
        " WHERE d.webhook_id = ? AND d.state = 'ready' AND d.due_ms <= ? AND d.lease_ms <= ?"
        " ORDER BY d.due_ms, d.id LIMIT ?",
        (hook.webhook_id, tx.now_ms, tx.now_ms, max(0, min(AT_ONCE - under_way, room))),
    )
    lease_ms = tx.now_ms + LEASE_MS
    claimed = [
        Claimed(delivery_id, hook, record_of(tuple(record)), attempts + 1, until_ms, lease_ms)
        for delivery_id, attempts, until_ms, *record in found
    ]
    for each in claimed:
        tx.run(
            "UPDATE webhook_deliveries SET lease_ms = ?, attempts = ? WHERE id = ?",
            (lease_ms, each.attempts, each.delivery_id),
        )
    return claimed


def _has_head(tx: Transaction, webhook_id: str, thing: str) -> bool:
    found = tx.rows(
        "SELECT 1 FROM webhook_deliveries WHERE webhook_id = ? AND object = ? AND state = 'ready' LIMIT 1",
        (webhook_id, thing),
    )
    return bool(found)


def _promote(tx: Transaction, webhook_id: str, thing: str) -> None:
    following = first(
        tx.rows(
            "SELECT min(id) FROM webhook_deliveries WHERE webhook_id = ? AND object = ? AND state = 'behind'",
            (webhook_id, thing),
        )
    )
    if following is not None and following[0] is not None:
        tx.run("UPDATE webhook_deliveries SET state = 'ready', due_ms = ? WHERE id = ?", (tx.now_ms, following[0]))
