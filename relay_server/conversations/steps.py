"""What happens to a conversation: each step asks the table, appends its events and moves the row, in one transaction.

Rooms above call these inside their own units of work. A step that the table has no row for is returned as `Refused`;
the unit of work that returns it on is rolled back whole.
"""

from dataclasses import dataclass
from typing import Literal

import msgspec

from relay_server.conversations import rules, store
from relay_server.conversations.store import Conversation
from relay_server.engine.journal import Transaction
from relay_server.identity import seats
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.types import ConversationState, PersonRef

Outcome = Literal["declined", "timed_out", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a customer asks with."""

    conversation_id: str
    customer: PersonRef
    vip_level: int
    group_id: str
    subject: str
    answers: dict[str, str]
    system: dict[str, str] | None
    source: Literal["desktop", "web", "message"] = "desktop"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a line: since when the wait counts, and what the line is ordered by."""

    group_id: str
    since_ms: int
    rank_ms: int


def open_new(tx: Transaction, opening: Opening) -> Conversation:
    """The first event and the row. The id must be unused."""
    tx.append(
        c.public_stream(opening.conversation_id),
        c.ConversationOpened(
            conversation_id=opening.conversation_id,
            customer=opening.customer,
            group_id=opening.group_id,
            subject=opening.subject,
            answers=opening.answers,
            system=opening.system,
            source=opening.source,
        ),
    )
    key = _insert(tx, opening)
    store.join(tx, key, opening.customer, "customer")
    tx.run(
        "INSERT INTO intakes (conversation_key, answers, system) VALUES (?,?,?)",
        (key, _json(opening.answers), _json(opening.system or {})),
    )
    return _again(tx, key)


def enter_line(tx: Transaction, conversation: Conversation, place: Place) -> Conversation | Refused:
    """A new conversation waits for a person."""
    return _queue(tx, conversation, "queue", place, "asked")


def lose_owner(tx: Transaction, conversation: Conversation, place: Place) -> Conversation | Refused:
    """The owner is gone for good: back into the line, with the age it had."""
    owner = conversation.owner_person
    if owner is None:
        return Refused(code="wrong_state")
    _leave(tx, conversation, owner, "lost")
    return _queue(tx, conversation, "lose_owner", place, "owner_lost")


def reopen(tx: Transaction, conversation: Conversation, by: PersonRef, place: Place) -> Conversation | Refused:
    """The customer says it is not solved."""
    tx.append(c.public_stream(conversation.conversation_id), c.ConversationReopened(by=by))
    tx.run("UPDATE conversations SET ended_ms = 0, reopen_until_ms = 0 WHERE key = ?", (conversation.key,))
    return _queue(tx, conversation, "reopen", place, "reopened")


def return_offer(
    tx: Transaction, conversation: Conversation, outcome: Outcome, reason: str = ""
) -> Conversation | Refused:
    """The offer came to nothing; the place in the line is kept."""
    state = rules.after(conversation.state, "return_offer")
    if isinstance(state, Refused):
        return state
    _end_offer(tx, conversation, outcome, reason)
    return _move(tx, conversation, state)


def assign(tx: Transaction, conversation: Conversation, agent: PersonRef) -> Conversation | Refused:
    """The agent owns it from now on: the one whom it was offered, or one who picked it from the line."""
    state = rules.after(conversation.state, "assign")
    if isinstance(state, Refused):
        return state
    _end_offer(tx, conversation, "accepted" if conversation.offered_to == agent.id else "withdrawn")
    tx.append(c.public_stream(conversation.conversation_id), c.ParticipantJoined(person=agent, mode="owner"))
    store.join(tx, conversation.key, agent, "owner")
    tx.run(
        "UPDATE conversations SET owner_id = ?, owner = ? WHERE key = ?",
        (agent.id, store.person_json(agent), conversation.key),
    )
    return _move(tx, conversation, state)


def abandon(tx: Transaction, conversation: Conversation) -> Conversation | Refused:
    """The customer leaves the line."""
    state = rules.after(conversation.state, "abandon")
    if isinstance(state, Refused):
        return state
    _end_offer(tx, conversation, "withdrawn")
    tx.append(c.public_stream(conversation.conversation_id), c.ConversationAbandoned())
    _ended(tx, conversation, 0)
    return _move(tx, conversation, state)


def add_message(tx: Transaction, conversation: Conversation, answers: dict[str, str]) -> Conversation | Refused:
    """Words for later beside a place that is kept."""
    if conversation.state not in rules.WAITING:
        return Refused(code="wrong_state", params={"state": conversation.state, "event": "message"})
    return _message(tx, conversation, conversation.state, answers, keep_place=True)


def message_instead(
    tx: Transaction, conversation: Conversation, answers: dict[str, str], reopen_until_ms: int
) -> Conversation | Refused:
    """Words for later instead of a place in the line."""
    state = rules.after(conversation.state, "message_instead")
    if isinstance(state, Refused):
        return state
    _end_offer(tx, conversation, "withdrawn")
    _ended(tx, conversation, reopen_until_ms)
    return _message(tx, conversation, state, answers, keep_place=False)


def end(tx: Transaction, conversation: Conversation, by: PersonRef) -> Conversation | Refused:
    """The talk is over; the owner writes up."""
    state = rules.after(conversation.state, "end")
    if isinstance(state, Refused):
        return state
    tx.append(c.public_stream(conversation.conversation_id), c.ConversationEnded(by=by))
    _ended(tx, conversation, 0)
    return _move(tx, conversation, state)


def close(
    tx: Transaction, conversation: Conversation, category: str, result: str, reopen_until_ms: int
) -> Conversation | Refused:
    """Written up; nobody owns the conversation any more."""
    state = rules.after(conversation.state, "close")
    if isinstance(state, Refused):
        return state
    tx.append(
        c.public_stream(conversation.conversation_id),
        c.ConversationClosed(category=category, result=result, reopen_until_ms=reopen_until_ms),
    )
    owner = conversation.owner_person
    if owner is not None:
        _leave(tx, conversation, owner, "ended")
    tx.run("UPDATE conversations SET reopen_until_ms = ? WHERE key = ?", (reopen_until_ms, conversation.key))
    return _move(tx, conversation, state)


def _insert(tx: Transaction, opening: Opening) -> int:
    customer = opening.customer
    made = tx.row(
        "INSERT INTO conversations (id, customer_id, customer_name, vip_level, subject, state, group_id, owner_id,"
        " owner, opened_ms, since_ms, rank_ms, offered_to, offered, offer_ms, deadline_ms, last_text, last_at_ms,"
        " last_by, last_chat_seq, unread, ended_ms, reopen_until_ms, rated, updated_ms, ticket_id, ticket_number,"
        " ticket_state) VALUES (?,?,?,?,?,'new',?,'','',?,?,?,'','',0,0,'',?,'customer',0,0,0,0,0,?,'','','new')"
        " RETURNING key",
        (
            opening.conversation_id,
            customer.id,
            customer.name,
            opening.vip_level,
            opening.subject,
            opening.group_id,
            *(tx.now_ms,) * 5,
        ),
    )
    if made is None:
        raise LookupError(opening.conversation_id)
    return made[0]


def _queue(
    tx: Transaction,
    conversation: Conversation,
    event: Literal["queue", "lose_owner", "reopen"],
    place: Place,
    reason: Literal["asked", "owner_lost", "reopened"],
) -> Conversation | Refused:
    state = rules.after(conversation.state, event)
    if isinstance(state, Refused):
        return state
    tx.append(
        c.public_stream(conversation.conversation_id),
        c.ConversationQueued(group_id=place.group_id, since_ms=place.since_ms, reason=reason),
    )
    tx.run(
        "UPDATE conversations SET group_id = ?, since_ms = ?, rank_ms = ? WHERE key = ?",
        (place.group_id, place.since_ms, place.rank_ms, conversation.key),
    )
    return _move(tx, conversation, state)


def _message(
    tx: Transaction, conversation: Conversation, state: ConversationState, answers: dict[str, str], *, keep_place: bool
) -> Conversation:
    tx.append(c.public_stream(conversation.conversation_id), c.MessageLeft(answers=answers, keep_place=keep_place))
    merged = store.intake(tx.rows, conversation.key).answers | answers
    tx.run("UPDATE intakes SET answers = ? WHERE conversation_key = ?", (_json(merged), conversation.key))
    return _move(tx, conversation, state)


def _end_offer(
    tx: Transaction, conversation: Conversation, outcome: Literal["accepted"] | Outcome, reason: str = ""
) -> None:
    agent = conversation.offered_person
    if agent is None:
        return
    tx.append(
        c.internal_stream(conversation.conversation_id), c.OfferEnded(agent=agent, outcome=outcome, reason=reason)
    )
    tx.run(
        "UPDATE conversations SET offered_to = '', offered = '', offer_ms = 0, deadline_ms = 0 WHERE key = ?",
        (conversation.key,),
    )


def _leave(tx: Transaction, conversation: Conversation, owner: PersonRef, reason: Literal["ended", "lost"]) -> None:
    tx.append(c.public_stream(conversation.conversation_id), c.ParticipantLeft(person=owner, reason=reason))
    store.leave(tx, conversation.key, owner.id)
    tx.run("UPDATE conversations SET owner_id = '', owner = '' WHERE key = ?", (conversation.key,))


def _ended(tx: Transaction, conversation: Conversation, reopen_until_ms: int) -> None:
    tx.run(
        "UPDATE conversations SET ended_ms = ?, reopen_until_ms = ? WHERE key = ?",
        (tx.now_ms, reopen_until_ms, conversation.key),
    )


def _move(tx: Transaction, before: Conversation, state: ConversationState) -> Conversation:
    """The last of each step: the state, and what follows from the step for those who hold it and for the line."""
    tx.run("UPDATE conversations SET state = ?, updated_ms = ? WHERE key = ?", (state, tx.now_ms, before.key))
    after = _again(tx, before.key)
    seats.passed_on(tx, before.holder_id, after.holder_id)
    if state == "queued":
        seats.line_grew(tx, after.group_id)
    return after


def _again(tx: Transaction, key: int) -> Conversation:
    found = store.by_key(tx.rows, key)
    if found is None:
        raise LookupError(key)
    return found


def _json(words: dict[str, str]) -> str:
    return msgspec.json.encode(words).decode()
