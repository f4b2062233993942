"""The tickets' rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay_server.conversations.store import person_json, person_of
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from shared.protocol.messages.tickets import ListTickets, TicketRow
from shared.protocol.types import PersonRef, Priority, TicketState


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands. People are kept as JSON; `owner` is empty without one."""

    ticket_id: str
    number: str
    conversation_key: int
    """0 without one."""
    conversation_id: str
    customer: str
    subject: str
    category: str
    state: TicketState
    priority: Priority
    group_id: str
    owner_id: str
    owner: str
    opened_ms: int
    updated_ms: int

    def row(self) -> TicketRow:
        """As it stands in lists."""
        return TicketRow(
            ticket_id=self.ticket_id,
            number=self.number,
            subject=self.subject,
            category=self.category,
            state=self.state,
            priority=self.priority,
            group_id=self.group_id,
            owner=person_of(self.owner) if self.owner else None,
            customer=person_of(self.customer),
            conversation_id=self.conversation_id,
            opened_ms=self.opened_ms,
            updated_ms=self.updated_ms,
        )


_SELECT: Final = (
    "SELECT t.id, t.number, coalesce(t.conversation_key, 0), t.conversation_id, t.customer, t.subject, t.category,"
    " t.state, t.priority, t.group_id, t.owner_id, t.owner, t.opened_ms, t.updated_ms FROM tickets t "
)
_MINE: Final = "(t.owner_id = ? OR t.group_id IN (SELECT group_id FROM group_members WHERE agent_id = ?))"
_VIEWS: Final = {
    "open": " AND t.state NOT IN ('resolved', 'closed')",
    "mine": " AND t.owner_id = ?",
    "all": "",
}
_WORDS: Final = (
    " AND (lower(t.number) LIKE lower(?) ESCAPE '\\' OR lower(t.subject) LIKE lower(?) ESCAPE '\\'"
    " OR lower(json_extract(t.customer, '$.name')) LIKE lower(?) ESCAPE '\\')"
)


def by_id(rows: Rows, ticket_id: str) -> Ticket | None:
    """The ticket of that id."""
    found = rows(_SELECT + "WHERE t.id = ?", (ticket_id,))
    return Ticket(*found[0]) if found else None


def of_conversation(rows: Rows, conversation_id: str) -> Ticket | None:
    """The ticket that follows a conversation."""
    found = rows(
        _SELECT + "JOIN conversations c ON c.key = t.conversation_key WHERE c.id = ?",
        (conversation_id,),
    )
    return Ticket(*found[0]) if found else None


def select(rows: Rows, where: str, parameters: tuple[object, ...]) -> list[Ticket]:
    """Tickets by a condition of ours (never of a peer's) with its `?` parameters."""
    return [Ticket(*row) for row in rows(_SELECT + where, parameters)]


def listed(rows: Rows, agent_id: str, command: ListTickets) -> list[Ticket]:
    """An agent's tickets, the newest change first; one more than asked for when there are more."""
    where, parameters = "WHERE " + _MINE + _VIEWS[command.view], [agent_id, agent_id]
    if command.view == "mine":
        parameters.append(agent_id)
    bounds: list[object] = []
    if command.words.strip():
        where += _WORDS
        bounds += [_like(command.words.strip())] * 3
    if command.before_ms:
        where += " AND t.updated_ms < ?"
        bounds.append(command.before_ms)
    found = rows(
        _SELECT + where + " ORDER BY t.updated_ms DESC, t.id DESC LIMIT ?", (*parameters, *bounds, command.limit + 1)
    )
    return [Ticket(*row) for row in found]


def after(rows: Rows, where: Sequence[tuple[str, object]], ticket_id: str, limit: int) -> list[Ticket]:
    """Tickets by id, after one; `where` holds conditions of ours, each with one `?`."""
    conditions = "".join(f" AND {condition}" for condition, _ in where)
    found = rows(
        _SELECT + f"WHERE t.id > ?{conditions} ORDER BY t.id LIMIT ?",
        (ticket_id, *(value for _, value in where), limit),
    )
    return [Ticket(*row) for row in found]


def by_number(rows: Rows, number: str) -> Ticket | None:
    """The ticket that is called so."""
    found = rows(_SELECT + "WHERE t.number = ?", (number,))
    return Ticket(*found[0]) if found else None


def replace(tx: Transaction, ticket: Ticket) -> None:
    """Writes everything but what ties it to its conversation."""
    tx.run(
        "UPDATE tickets SET number = ?, customer = ?, subject = ?, category = ?, state = ?, priority = ?,"
        " group_id = ?, owner_id = ?, owner = ?, opened_ms = ?, updated_ms = ? WHERE id = ?",
        (
            ticket.number,
            ticket.customer,
            ticket.subject,
            ticket.category,
            ticket.state,
            ticket.priority,
            ticket.group_id,
            ticket.owner_id,
            ticket.owner,
            ticket.opened_ms,
            ticket.updated_ms,
            ticket.ticket_id,
        ),
    )


def insert(tx: Transaction, ticket: Ticket) -> None:
    """A new ticket."""
    tx.run(
        "INSERT INTO tickets (id, number, conversation_key, conversation_id, customer, subject, category, state,"
        " priority, group_id, owner_id, owner, opened_ms, updated_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            ticket.ticket_id,
            ticket.number,
            ticket.conversation_key or None,
            ticket.conversation_id,
            ticket.customer,
            ticket.subject,
            ticket.category,
            ticket.state,
            ticket.priority,
            ticket.group_id,
            ticket.owner_id,
            ticket.owner,
            ticket.opened_ms,
            ticket.updated_ms,
        ),
    )


def set_state(tx: Transaction, ticket_id: str, state: TicketState) -> None:
    """The ticket stands here now."""
    tx.run("UPDATE tickets SET state = ?, updated_ms = ? WHERE id = ?", (state, tx.now_ms, ticket_id))


def set_owner(tx: Transaction, ticket_id: str, owner: PersonRef) -> None:
    """Somebody owns it."""
    tx.run(
        "UPDATE tickets SET owner_id = ?, owner = ?, updated_ms = ? WHERE id = ?",
        (owner.id, person_json(owner), tx.now_ms, ticket_id),
    )


def set_category(tx: Transaction, ticket_id: str, category: str) -> None:
    """What it is filed under."""
    tx.run("UPDATE tickets SET category = ?, updated_ms = ? WHERE id = ?", (category, tx.now_ms, ticket_id))


def set_priority(tx: Transaction, ticket_id: str, priority: Priority) -> None:
    """How urgent it is."""
    tx.run("UPDATE tickets SET priority = ?, updated_ms = ? WHERE id = ?", (priority, tx.now_ms, ticket_id))


def set_group(tx: Transaction, ticket_id: str, group_id: str) -> None:
    """Whose it is."""
    tx.run("UPDATE tickets SET group_id = ?, updated_ms = ? WHERE id = ?", (group_id, tx.now_ms, ticket_id))


def erase(tx: Transaction, ticket_id: str, customer: PersonRef) -> None:
    """What was typed in its row goes; its customer is an id."""
    tx.run("UPDATE tickets SET subject = '', customer = ? WHERE id = ?", (person_json(customer), ticket_id))


def touch(tx: Transaction, ticket_id: str) -> None:
    """Something was added to its log."""
    tx.run("UPDATE tickets SET updated_ms = ? WHERE id = ?", (tx.now_ms, ticket_id))


def next_count(tx: Transaction, year: int) -> int:
    """The next number of a year, from 1, without gaps."""
    row = tx.row(
        "INSERT INTO ticket_numbers (year, last) VALUES (?, 1)"
        " ON CONFLICT (year) DO UPDATE SET last = ticket_numbers.last + 1 RETURNING last",
        (year,),
    )
    if row is None:
        raise LookupError(year)
    return row[0]


def raise_count(tx: Transaction, year: int, count: int) -> None:
    """Numbers of that year go on after this one."""
    tx.run(
        "INSERT INTO ticket_numbers (year, last) VALUES (?, ?) ON CONFLICT (year) DO UPDATE SET last = excluded.last"
        " WHERE ticket_numbers.last < excluded.last",
        (year, count),
    )


def _like(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
