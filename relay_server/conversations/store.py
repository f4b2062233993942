"""The conversations' rows, read by raw statements: chat runs over them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from relay_server.engine.journal import Transaction
from relay_server.engine.portable import in_list
from relay_server.engine.raw import Rows, first
from shared.protocol.messages.conversations import ConversationRow
from shared.protocol.types import ConversationState, Mode, PersonRef, TicketState

_person: Final = msgspec.json.Decoder(PersonRef)
_words: Final = msgspec.json.Decoder(dict[str, str])


class Conversation(msgspec.Struct, frozen=True):
    """A conversation as it stands. `owner` and `offered` are the JSON of a person, empty without one; `since_ms` is
    when the wait began, `rank_ms` what the line is ordered by; `deadline_ms` belongs to the offer to `offered_to`."""

    key: int
    conversation_id: str
    customer_id: str
    customer_name: str
    vip_level: int
    subject: str
    state: ConversationState
    group_id: str
    owner_id: str
    owner: str
    opened_ms: int
    since_ms: int
    rank_ms: int
    offered_to: str
    offered: str
    offer_ms: int
    deadline_ms: int
    last_text: str
    last_at_ms: int
    last_by: Literal["customer", "agent", "system"]
    last_chat_seq: int
    unread: int
    ended_ms: int
    reopen_until_ms: int
    rated: int
    updated_ms: int
    ticket_id: str
    ticket_number: str
    ticket_state: TicketState

    @property
    def customer(self) -> PersonRef:
        """The customer as they called themselves when they asked."""
        return PersonRef(id=self.customer_id, name=self.customer_name, kind="customer")

    @property
    def holder_id(self) -> str:
        """Whose capacity it takes: the owner's, or that of whoever is asked; empty for nobody's."""
        return self.owner_id or self.offered_to

    @property
    def owner_person(self) -> PersonRef | None:
        """The agent who is responsible."""
        return person_of(self.owner) if self.owner else None

    @property
    def offered_person(self) -> PersonRef | None:
        """The agent to whom it is offered."""
        return person_of(self.offered) if self.offered else None

    def row(self) -> ConversationRow:
        """As it stands in an agent's lists."""
        return ConversationRow(
            conversation_id=self.conversation_id,
            customer=self.customer,
            vip_level=self.vip_level,
            subject=self.subject,
            state=self.state,
            group_id=self.group_id,
            owner=self.owner_person,
            opened_ms=self.opened_ms,
            since_ms=self.since_ms,
            last_text=self.last_text,
            last_at_ms=self.last_at_ms,
            last_by=self.last_by,
            unread=self.unread,
            ticket_id=self.ticket_id,
            ticket_number=self.ticket_number,
            ended_ms=self.ended_ms,
        )


@dataclass(frozen=True, slots=True)
class Intake:
    """What was asked and answered at the door."""

    answers: dict[str, str]
    system: dict[str, str]


SELECT: Final = (
    "SELECT c.key, c.id, c.customer_id, c.customer_name, c.vip_level, c.subject, c.state, c.group_id, c.owner_id,"
    " c.owner, c.opened_ms, c.since_ms, c.rank_ms, c.offered_to, c.offered, c.offer_ms, c.deadline_ms, c.last_text,"
    " c.last_at_ms, c.last_by, c.last_chat_seq, c.unread, c.ended_ms, c.reopen_until_ms, c.rated, c.updated_ms,"
    " c.ticket_id, c.ticket_number, c.ticket_state FROM conversations c "
)
BY_IDS: Final = (SELECT + "WHERE c.id IN (", "?", ")")
"""A statement over many rows, each an id."""
_NEWEST_OF_EACH: Final = (
    "JOIN (SELECT key, row_number() OVER (PARTITION BY customer_id ORDER BY updated_ms DESC, key DESC) AS place"
    " FROM conversations WHERE customer_id IN ?) AS n ON n.key = c.key WHERE n.place <= ?"
    " ORDER BY c.updated_ms DESC, c.key DESC"
)
_OWNERS: Final = (
    "SELECT conversation_key, person FROM participants WHERE conversation_key IN ? AND mode = 'owner'"
    " ORDER BY joined_ms"
)
_INTAKES: Final = "SELECT conversation_key, answers, system FROM intakes WHERE conversation_key IN ?"
_BY_ID: Final = SELECT + "WHERE c.id = ?"
_BY_KEY: Final = SELECT + "WHERE c.key = ?"


def person_json(person: PersonRef) -> str:
    """A person as rows keep them."""
    return msgspec.json.encode(person).decode()


def person_of(text: str) -> PersonRef:
    """What `person_json` wrote."""
    return _person.decode(text)


def by_id(rows: Rows, conversation_id: str) -> Conversation | None:
    """The conversation of that id."""
    found = first(rows(_BY_ID, (conversation_id,)))
    return Conversation(*found) if found else None


def by_key(rows: Rows, key: int) -> Conversation | None:
    """The conversation of that key."""
    found = first(rows(_BY_KEY, (key,)))
    return Conversation(*found) if found else None


def select(rows: Rows, where: str, parameters: tuple[object, ...]) -> list[Conversation]:
    """Conversations by a condition of ours (never of a peer's) with its `?` parameters."""
    return [Conversation(*row) for row in rows(SELECT + where, parameters)]


def of_customer(rows: Rows, customer_id: str, limit: int = 100) -> list[Conversation]:
    """A customer's conversations, the newest change first."""
    return select(rows, "WHERE c.customer_id = ? ORDER BY c.updated_ms DESC, c.key DESC LIMIT ?", (customer_id, limit))


def open_of_customer(rows: Rows, customer_id: str) -> Conversation | None:
    """The one in which the customer waits or is being helped, if any."""
    found = select(
        rows,
        "WHERE c.customer_id = ? AND c.state IN ('new', 'queued', 'offered', 'active', 'held') LIMIT 1",
        (customer_id,),
    )
    return found[0] if found else None


def of_owner(rows: Rows, agent_id: str) -> list[Conversation]:
    """What an agent has in hand, the oldest first."""
    return select(
        rows, "WHERE c.owner_id = ? AND c.state IN ('active', 'held', 'wrap_up') ORDER BY c.opened_ms", (agent_id,)
    )


def intake(rows: Rows, key: int) -> Intake:
    """What was answered at the door."""
    found = first(rows("SELECT answers, system FROM intakes WHERE conversation_key = ?", (key,)))
    return Intake(_words.decode(found[0]), _words.decode(found[1])) if found else Intake({}, {})


def intakes(rows: Rows, keys: Sequence[int]) -> dict[int, Intake]:
    """The same for many, by key."""
    found = rows(*in_list(_INTAKES, tuple(keys)))
    return {key: Intake(_words.decode(answers), _words.decode(system)) for key, answers, system in found}


def of_customers(rows: Rows, customer_ids: Collection[str], limit: int) -> list[Conversation]:
    """The newest conversations of each, at most `limit` of one customer's, the newest change first."""
    return select(rows, *in_list(_NEWEST_OF_EACH, tuple(customer_ids), limit))


def mode_of(rows: Rows, key: int, person_id: str) -> tuple[Mode, bool] | None:
    """How a person takes or took part, and whether they still do."""
    found = first(
        rows("SELECT mode, left_ms FROM participants WHERE conversation_key = ? AND person_id = ?", (key, person_id))
    )
    return (found[0], found[1] == 0) if found else None


def served(rows: Rows, agent_id: str, customer_id: str) -> bool:
    """Whether an agent takes or took part in any conversation of the customer."""
    found = rows(
        "SELECT 1 FROM participants p JOIN conversations c ON c.key = p.conversation_key"
        " WHERE p.person_id = ? AND c.customer_id = ? AND p.mode <> 'customer' LIMIT 1",
        (agent_id, customer_id),
    )
    return bool(found)


def last_owner(rows: Rows, key: int) -> PersonRef | None:
    """Who was responsible last."""
    return last_owners(rows, (key,)).get(key)


def last_owners(rows: Rows, keys: Sequence[int]) -> dict[int, PersonRef]:
    """The same for many, by key."""
    return {key: person_of(person) for key, person in rows(*in_list(_OWNERS, tuple(keys)))}


def present(rows: Rows, key: int) -> list[tuple[PersonRef, Mode]]:
    """Who is in the conversation now."""
    found = rows("SELECT person, mode FROM participants WHERE conversation_key = ? AND left_ms = 0", (key,))
    return [(person_of(person), mode) for person, mode in found]


def join(tx: Transaction, key: int, person: PersonRef, mode: Mode) -> None:
    """Somebody is in the conversation from now on."""
    tx.run(
        "INSERT INTO participants (conversation_key, person_id, person, mode, joined_ms, left_ms) VALUES (?,?,?,?,?,0)"
        " ON CONFLICT (conversation_key, person_id) DO UPDATE SET person = excluded.person, mode = excluded.mode,"
        " joined_ms = excluded.joined_ms, left_ms = 0",
        (key, person.id, person_json(person), mode, tx.now_ms),
    )


def leave(tx: Transaction, key: int, person_id: str) -> None:
    """Somebody is in it no more."""
    tx.run(
        "UPDATE participants SET left_ms = ? WHERE conversation_key = ? AND person_id = ?", (tx.now_ms, key, person_id)
    )


def set_ticket(tx: Transaction, key: int, ticket_id: str, number: str, state: TicketState) -> None:
    """The ticket that follows this conversation, for lists and for the words of a question."""
    tx.run(
        "UPDATE conversations SET ticket_id = ?, ticket_number = ?, ticket_state = ?, updated_ms = ? WHERE key = ?",
        (ticket_id, number, state, tx.now_ms, key),
    )


def set_rated(tx: Transaction, key: int) -> None:
    """The customer has given the one rating."""
    tx.run("UPDATE conversations SET rated = 1, updated_ms = ? WHERE key = ?", (tx.now_ms, key))
