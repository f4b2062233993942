"""What was told when, and how it was taken."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from relay_server.engine import audit
from relay_server.engine.journal import Row, Transaction
from relay_server.engine.portable import in_list
from relay_server.engine.raw import Rows
from relay_server.identity.actors import KeyActor
from relay_server.webhooks import hooks, queue
from relay_server.webhooks.rules import event_id
from shared.protocol.frames import Refused
from shared.protocol.types import Id, Millis

State = Literal["waiting", "done", "dead"]
DeliveryId = Annotated[int, Meta(ge=1, lt=2**53)]
_STATES: Final[dict[str, State]] = {"ready": "waiting", "behind": "waiting", "done": "done", "dead": "dead"}
_TRIES: Final = 50
_COLUMNS: Final = "SELECT id, webhook_id, position, kind, object, state, created_ms, due_ms FROM webhook_deliveries"
_SELECT: Final = _COLUMNS + " WHERE webhook_id = ? AND id > ? AND state IN ? ORDER BY id LIMIT ?"
_NEWEST: Final = _COLUMNS + " WHERE webhook_id = ? AND state IN ? ORDER BY id DESC LIMIT ?"


class Attempt(Struct, frozen=True, kw_only=True):
    """One try; `status` is 0 without an answer, `error` a short code, empty when it was heard."""

    at_ms: Millis
    status: int
    took_ms: int
    error: str


class Delivery(Struct, frozen=True, kw_only=True):
    """One event for one receiver, with its newest tries."""

    delivery_id: DeliveryId
    webhook_id: Id
    event_id: str
    kind: str
    object: str
    state: State
    created_ms: Millis
    next_try_ms: Millis
    attempts: tuple[Attempt, ...]


def listed(
    rows: Rows, actor: KeyActor, webhook_id: str, state: State | None, after: int, limit: int
) -> list[Delivery] | Refused:
    """Of one webhook, the oldest first, after one. Refused: `not_allowed`, `not_found`."""
    found = hooks.find(rows, actor, webhook_id)
    return found if isinstance(found, Refused) else page(rows, webhook_id, state, after, limit)


def page(rows: Rows, webhook_id: str, state: State | None, after: int, limit: int) -> list[Delivery]:
    """The oldest first, after one."""
    chosen = tuple(name for name, shown in _STATES.items() if state in (None, shown))
    found = rows(*in_list(_SELECT, webhook_id, after, chosen, limit))
    return [_delivery(rows, row) for row in found]


def newest(rows: Rows, actor: KeyActor, webhook_id: str, state: State | None, last: int) -> list[Delivery] | Refused:
    """The last so many, the oldest of them first. Refused: `not_allowed`, `not_found`."""
    hook = hooks.find(rows, actor, webhook_id)
    if isinstance(hook, Refused):
        return hook
    chosen = tuple(name for name, shown in _STATES.items() if state in (None, shown))
    found = rows(*in_list(_NEWEST, webhook_id, chosen, last))
    return [_delivery(rows, row) for row in reversed(found)]


def redeliver(
    tx: Transaction, actor: KeyActor, webhook_id: str, delivery_id: int, keep_trying_ms: int
) -> Delivery | Refused:
    """Once more. Refused: `not_allowed`, `not_found`, `wrong_state` (it still waits)."""
    hook = hooks.find(tx.rows, actor, webhook_id)
    if isinstance(hook, Refused):
        return hook
    if not _is_of(tx, webhook_id, delivery_id):
        return Refused(code="not_found")
    if not queue.again(tx, delivery_id, tx.now_ms + keep_trying_ms):
        return Refused(code="wrong_state", params={"state": "waiting", "event": "redeliver"})
    audit.record(tx, actor.id, "webhook_redelivered", webhook_id, str(delivery_id))
    tx.after_commit(hooks.DUE)
    return page(tx.rows, webhook_id, None, delivery_id - 1, 1)[0]


def _delivery(rows: Rows, row: Row) -> Delivery:
    delivery_id, hook_id, position, kind, thing, stands, created_ms, due_ms = row
    return Delivery(
        delivery_id=delivery_id,
        webhook_id=hook_id,
        event_id=event_id(position),
        kind=kind,
        object=thing,
        state=_STATES[stands],
        created_ms=created_ms,
        next_try_ms=due_ms if stands == "ready" else 0,
        attempts=_attempts(rows, delivery_id),
    )


def _is_of(tx: Transaction, webhook_id: str, delivery_id: int) -> bool:
    return bool(tx.rows("SELECT 1 FROM webhook_deliveries WHERE id = ? AND webhook_id = ?", (delivery_id, webhook_id)))


def _attempts(rows: Rows, delivery_id: int) -> tuple[Attempt, ...]:
    found = rows(
        "SELECT at_ms, status, took_ms, error FROM webhook_attempts WHERE delivery_id = ? ORDER BY id DESC LIMIT ?",
        (delivery_id, _TRIES),
    )
    return tuple(
        Attempt(at_ms=at_ms, status=status, took_ms=took_ms, error=error)
        for at_ms, status, took_ms, error in reversed(found)
    )
