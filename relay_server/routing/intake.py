"""At the door, within a transaction: asking for a person, leaving words, leaving the line, coming back."""

from typing import Final

import msgspec

from relay_server.conversations import access, rules, steps, store, views
from relay_server.conversations.store import Conversation
from relay_server.customers import store as customers
from relay_server.customers.rules import plain_line
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity.actors import CustomerActor
from relay_server.identity.permissions import refuse
from relay_server.organisation import store as organisation
from relay_server.organisation.rules import check_answers, open_at
from relay_server.routing import offers, passes
from relay_server.routing import store as routing
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages.organisation import FormField

_DAY_MS: Final = 24 * 3_600_000
_ANSWERS_MAX_BYTES: Final = 24 * 1024
"""Of each of the two sets of answers, so that the event fits its bound."""


def on_duty(rows: Rows, group: organisation.Group, now_ms: int) -> bool:
    """Whether the group can be asked now: open, and somebody there."""
    return open_at(group.hours, now_ms) and routing.on_duty(rows, group.group_id) > 0


def line_for(rows: Rows, group: organisation.Group, now_ms: int) -> str | None:
    """Whose line a request joins: the group's own, else that of its overflow group; None when nobody is on duty."""
    if on_duty(rows, group, now_ms):
        return group.group_id
    overflow = organisation.group(rows, group.overflow_id) if group.overflow_id else None
    return overflow.group_id if overflow and on_duty(rows, overflow, now_ms) else None


def ask(tx: Transaction, actor: CustomerActor, command: c.OpenConversation) -> c.ConversationOpen | Refused:
    """A new conversation in a line; the same id again is the same conversation. `sign_in_first`: the customer's record
    was erased while they were connected."""
    if refused := refuse(actor, "conversation.open"):
        return refused
    if customers.by_id(tx.rows, actor.id) is None:
        return Refused(code="sign_in_first")
    known = store.by_id(tx.rows, command.conversation_id)
    if known is not None:
        return standing_of(tx, known) if known.customer_id == actor.id else Refused(code="not_found")
    other = store.open_of_customer(tx.rows, actor.id)
    if other is not None:
        return Refused(code="already_open", params={"conversation_id": other.conversation_id})
    group = _public_group(tx, command.group_id)
    if isinstance(group, Refused):
        return group
    if refused := _check(organisation.form(tx.rows, group.group_id).fields, command):
        return refused
    line = line_for(tx.rows, group, tx.now_ms)
    if line is None:
        return Refused(code="nobody_on_duty", params={"group_id": group.group_id})
    made = steps.open_new(tx, _opening(tx, actor, command))
    return _queued(tx, steps.enter_line(tx, made, passes.place_of(tx, made, line, tx.now_ms, lifted=False)))


def leave_message(tx: Transaction, actor: CustomerActor, command: c.LeaveMessage) -> c.ConversationOpen | Refused:
    """Words that become a ticket: instead of a place in the line, or beside it."""
    known = store.by_id(tx.rows, command.conversation_id)
    if known is not None:
        return _message_to_known(tx, actor, known, command)
    if customers.by_id(tx.rows, actor.id) is None:
        return Refused(code="sign_in_first")
    if refused := refuse(actor, "conversation.open"):
        return refused
    group = _public_group(tx, command.group_id)
    if isinstance(group, Refused):
        return group
    if refused := _check(organisation.form(tx.rows, group.group_id).message_fields, command):
        return refused
    made = steps.open_new(tx, _opening(tx, actor, command, by_message=True))
    return _queued(tx, steps.message_instead(tx, made, command.answers, _reopen_until(tx)))


def cancel(tx: Transaction, actor: CustomerActor, command: c.CancelWaiting) -> c.Done | Refused:
    """Out of the line; once more is no harm."""
    found = access.find(tx.rows, actor, command.conversation_id, "conversation.cancel")
    if isinstance(found, Refused):
        return found
    if found.state == "abandoned":
        return c.Done()
    left = steps.abandon(tx, found)
    if isinstance(left, Refused):
        return left
    _out_of_line(tx, found, left)
    return c.Done()


def reopen(tx: Transaction, actor: CustomerActor, command: c.Reopen) -> c.ConversationOpen | Refused:
    """Back into the line with a lift, as long as the organisation allows and somebody is there."""
    found = access.find(tx.rows, actor, command.conversation_id, "conversation.reopen")
    if isinstance(found, Refused):
        return found
    if found.state in rules.WAITING:
        return standing_of(tx, found)
    if refused := rules.may_reopen(found.state, found.reopen_until_ms, tx.now_ms):
        return refused
    other = store.open_of_customer(tx.rows, actor.id)
    if other is not None:
        return Refused(code="already_open", params={"conversation_id": other.conversation_id})
    group = organisation.group(tx.rows, found.group_id)
    line = line_for(tx.rows, group, tx.now_ms) if group else None
    if line is None:
        return Refused(code="nobody_on_duty", params={"group_id": found.group_id})
    place = passes.place_of(tx, found, line, tx.now_ms, lifted=True)
    return _queued(tx, steps.reopen(tx, found, actor.person, place))


def standing_of(tx: Transaction, conversation: Conversation) -> c.ConversationOpen:
    """How it stands, as its customer may know."""
    return c.ConversationOpen(
        conversation_id=conversation.conversation_id,
        state=rules.as_customers_see(conversation.state),
        seq=tx.head(c.public_stream(conversation.conversation_id)),
    )


def _message_to_known(
    tx: Transaction, actor: CustomerActor, known: Conversation, command: c.LeaveMessage
) -> c.ConversationOpen | Refused:
    if refused := access.check(tx.rows, actor, known, "conversation.leave_message"):
        return refused
    said = store.intake(tx.rows, known.key).answers
    if said | command.answers == said:
        return standing_of(tx, known)
    fields = organisation.form(tx.rows, known.group_id).message_fields
    if refused := _check(fields, command):
        return refused
    if command.keep_place:
        return _queued(tx, steps.add_message(tx, known, command.answers))
    left = steps.message_instead(tx, known, command.answers, _reopen_until(tx))
    if not isinstance(left, Refused):
        _out_of_line(tx, known, left)
    return left if isinstance(left, Refused) else standing_of(tx, left)


def _out_of_line(tx: Transaction, before: Conversation, left: Conversation) -> None:
    offers.withdraw(tx, before, "customer_left")
    routing.forget_refusals(tx, before.key)
    offers.told(tx, left)


def _queued(tx: Transaction, conversation: Conversation | Refused) -> c.ConversationOpen | Refused:
    if isinstance(conversation, Refused):
        return conversation
    views.tell(tx, conversation.conversation_id)
    offers.line_changed(tx, conversation.group_id)
    return standing_of(tx, conversation)


def _opening(
    tx: Transaction, actor: CustomerActor, command: c.OpenConversation | c.LeaveMessage, *, by_message: bool = False
) -> steps.Opening:
    record = customers.by_id(tx.rows, actor.id)
    return steps.Opening(
        conversation_id=command.conversation_id,
        customer=record.person if record else actor.person,
        vip_level=record.vip_level if record else 0,
        group_id=command.group_id,
        subject=plain_line(command.subject),
        answers=command.answers,
        system=command.system,
        source="message" if by_message else "desktop",
    )


def _public_group(tx: Transaction, group_id: str) -> organisation.Group | Refused:
    group = organisation.group(tx.rows, group_id)
    return group if group and group.public else Refused(code="not_found")


def _check(fields: tuple[FormField, ...], command: c.OpenConversation | c.LeaveMessage) -> Refused | None:
    if not plain_line(command.subject):
        return Refused(code="form_incomplete", params={"fields": "subject"})
    for words in (command.answers, command.system or {}):
        if len(msgspec.json.encode(words)) > _ANSWERS_MAX_BYTES:
            return Refused(code="too_large")
    return check_answers(fields, command.answers)


def _reopen_until(tx: Transaction) -> int:
    return tx.now_ms + organisation.policy(tx.rows).reopen_days * _DAY_MS
