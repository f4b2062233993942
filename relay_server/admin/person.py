"""A customer's rights, within transactions: holding, letting go, erasing."""

from dataclasses import dataclass
from typing import Final, Literal

from relay_server.admin import erasing
from relay_server.conversations import store as conversations
from relay_server.customers import store as customers
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.files import store as files
from relay_server.identity import api_keys
from relay_server.recordings import steps as recordings
from relay_server.recordings import store as recording_store
from relay_server.tickets import store as tickets
from relay_server.tickets.store import Ticket
from shared.rules import erasure

_OVER: Final = ("closed", "abandoned")


@dataclass(frozen=True, slots=True)
class Kept:
    """Nothing was erased, and why: `code` finds the words, `what` names what stands in the way."""

    code: Literal["no_such_person", "person_held", "person_open"]
    what: str = ""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much of what was taken out."""

    conversations: int
    tickets: int
    recordings: int


@dataclass(frozen=True, slots=True)
class Found:
    """A customer in a list."""

    customer_id: str
    name: str
    email: str
    phone: str
    held: bool


def find(rows: Rows, words: str, limit: int = 50) -> list[Found]:
    """Customers by id, or by a part of their name, e-mail address or telephone number."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = f"%{escaped}%"
    found = rows(
        "SELECT c.id, c.name, c.email, c.phone, h.customer_id FROM customers c"
        " LEFT JOIN holds h ON h.customer_id = c.id"
        " WHERE c.erased_ms = 0 AND (c.id = ? OR lower(c.name) LIKE lower(?) ESCAPE '\\'"
        " OR lower(c.email) LIKE lower(?) ESCAPE '\\' OR c.phone LIKE ? ESCAPE '\\')"
        " ORDER BY c.first_seen_ms, c.id LIMIT ?",
        (words, like, like, like, limit),
    )
    return [Found(*row[:4], held=row[4] is not None) for row in found]


def hold(tx: Transaction, customer_id: str, reason: str) -> Kept | None:
    """Nothing of this customer is erased until the hold is taken away."""
    if customers.by_id(tx.rows, customer_id) is None:
        return Kept("no_such_person", customer_id)
    customers.hold(tx, customer_id, reason)
    audit.record(tx, "cli", "person_held", customer_id)
    return None


def release(tx: Transaction, customer_id: str) -> Kept | None:
    """The hold is over; schedules go on as if there had been none."""
    if not customers.release(tx, customer_id):
        return Kept("no_such_person", customer_id)
    audit.record(tx, "cli", "person_let_go", customer_id)
    return None


def erase(tx: Transaction, customer_id: str) -> Erased | Kept:
    """Everything typed, uploaded and recorded, and who they are. Bodies of events follow in `erasing.step`."""
    if customers.by_id(tx.rows, customer_id) is None:
        return Kept("no_such_person", customer_id)
    if kept := _in_the_way(tx.rows, customer_id):
        return kept
    own = _conversations(tx.rows, customer_id)
    recorded = [each for found in own for each in recording_store.of_conversation(tx.rows, found.key)]
    for each in recorded:
        recordings.delete(tx, each, recordings.RELAY, "by_hand")
    for found in own:
        erasing.erase_conversation(tx, found, "everything", "asked")
    logs = _tickets(tx.rows, customer_id)
    for ticket in logs:
        erasing.erase_ticket(tx, ticket, "asked")
    files.discard_uploads(tx, customer_id)
    tx.run("DELETE FROM presences WHERE person_id = ?", (customer_id,))
    customers.erase(tx, customer_id, erasure.NO_NAME)
    api_keys.forget_answers(tx)
    audit.record(tx, "cli", "person_erased", customer_id)
    return Erased(len(own), len(logs), len(recorded))


def _in_the_way(rows: Rows, customer_id: str) -> Kept | None:
    own = _conversations(rows, customer_id)
    held = [each for found in own for each in recording_store.of_conversation(rows, found.key) if each.held]
    if customers.is_held(rows, customer_id) or held:
        return Kept("person_held", ", ".join(each.recording_id for each in held) or customer_id)
    unfinished = [found.ticket_number or found.conversation_id for found in own if found.state not in _OVER]
    unfinished += [each.number for each in _tickets(rows, customer_id) if each.state not in ("resolved", "closed")]
    return Kept("person_open", ", ".join(dict.fromkeys(unfinished))) if unfinished else None


def _conversations(rows: Rows, customer_id: str) -> list[conversations.Conversation]:
    return conversations.select(rows, "WHERE c.customer_id = ? ORDER BY c.key", (customer_id,))


def _tickets(rows: Rows, customer_id: str) -> list[Ticket]:
    return tickets.select(
        rows,
        "LEFT JOIN conversations c ON c.key = t.conversation_key"
        " WHERE c.customer_id = ? OR t.customer LIKE '%\"id\":\"' || ? || '\"%' ORDER BY t.opened_ms, t.id",
        (customer_id, customer_id),
    )
