"""Tickets as other programs keep them: made without a conversation, listed, taken in from elsewhere.

Whatever is made or changed here is a step in the ticket's log as well, like every change.
"""

from dataclasses import dataclass, replace
from typing import Annotated

from msgspec import Meta, Struct

from relay_server.conversations import store as conversations
from relay_server.conversations.store import person_json, person_of
from relay_server.customers import store as customers
from relay_server.customers.rules import plain_line
from relay_server.engine import audit
from relay_server.engine.history import events_of
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity import agents
from relay_server.identity.actors import KeyActor
from relay_server.identity.permissions import refuse
from relay_server.organisation import store as organisation
from relay_server.tickets import rules, service, steps, store
from relay_server.tickets.store import Ticket
from shared.common.ids import new_id
from shared.protocol.codec import UnknownEvent, decode_event
from shared.protocol.frames import Refused, TicketEventBody
from shared.protocol.messages import tickets as t
from shared.protocol.types import Id, Line, Millis, PersonRef, Priority, Seq, TicketState

Subject = Annotated[str, Meta(min_length=1, max_length=200)]


class TicketDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ticket. `owner_id` is an agent's, empty without one; `conversation_id` is empty for one made without."""

    ticket_id: Id
    number: Annotated[str, Meta(min_length=1, max_length=40)]
    subject: Subject
    customer_id: Id
    category: Line = ""
    state: TicketState = "new"
    priority: Priority = 3
    group_id: Id
    owner_id: Line = ""
    conversation_id: Line = ""
    opened_ms: Millis = 0
    updated_ms: Millis = 0


class NewTicket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes to make one. `note` is the first step after the opening."""

    subject: Subject
    customer_id: Id
    group_id: Id
    category: Line = ""
    priority: Priority = 3
    note: Annotated[str, Meta(max_length=2000)] = ""


class TicketChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays. Resolving and closing need a category; the note goes into the log."""

    state: TicketState | None = None
    category: Line | None = None
    priority: Priority | None = None
    note: Annotated[str, Meta(max_length=2000)] = ""


class Step(Struct, frozen=True, kw_only=True):
    """One line of a ticket's log."""

    seq: Seq
    at_ms: Millis
    event: TicketEventBody


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets; empty words and zeros choose nothing out."""

    state: TicketState | None = None
    group_id: str = ""
    owner_id: str = ""
    changed_since_ms: int = 0


def document_of(ticket: Ticket) -> TicketDocument:
    """A row as others read it."""
    return TicketDocument(
        ticket_id=ticket.ticket_id,
        number=ticket.number,
        subject=ticket.subject or ticket.number,
        customer_id=person_of(ticket.customer).id,
        category=ticket.category,
        state=ticket.state,
        priority=ticket.priority,
        group_id=ticket.group_id,
        owner_id=ticket.owner_id,
        conversation_id=ticket.conversation_id,
        opened_ms=ticket.opened_ms,
        updated_ms=ticket.updated_ms,
    )


def listed(rows: Rows, actor: KeyActor, wanted: Wanted, after: str, limit: int) -> list[TicketDocument] | Refused:
    """By id, after one."""
    return refuse(actor, "ticket.list") or page(rows, wanted, after, limit)


def page(rows: Rows, wanted: Wanted, after: str, limit: int) -> list[TicketDocument]:
    """By id, after one."""
    conditions: list[tuple[str, object]] = [("t.updated_ms >= ?", wanted.changed_since_ms)]
    for column, value in (("state", wanted.state), ("group_id", wanted.group_id), ("owner_id", wanted.owner_id)):
        if value:
            conditions.append((f"t.{column} = ?", value))
    return [document_of(each) for each in store.after(rows, conditions, after, limit)]


def read(rows: Rows, actor: KeyActor, ticket_id: str) -> TicketDocument | Refused:
    """Refused: `not_found`."""
    found = service.find(rows, actor, ticket_id, "ticket.read")
    return found if isinstance(found, Refused) else document_of(found)


def steps_of(rows: Rows, actor: KeyActor, ticket_id: str, after: int, limit: int) -> list[Step] | Refused:
    """The log after a `seq`, oldest first; what this build has no words for is left out. Refused: `not_found`."""
    found = service.find(rows, actor, ticket_id, "ticket.read")
    if isinstance(found, Refused):
        return found
    decoded = [(each, decode_event(each)) for each in events_of(rows, t.ticket_stream(ticket_id), (), after, limit)]
    return [
        Step(seq=record.seq, at_ms=record.at_ms, event=event)
        for record, event in decoded
        if not isinstance(event, UnknownEvent) and isinstance(event, TicketEventBody)
    ]


def create(tx: Transaction, actor: KeyActor, new: NewTicket) -> TicketDocument | Refused:
    """Refused: `not_allowed`, `form_invalid` (no such customer, group or category), `form_incomplete`."""
    if refused := refuse(actor, "ticket.create"):
        return refused
    wanted = TicketDocument(
        ticket_id=new_id(),
        number="-",
        subject=new.subject,
        customer_id=new.customer_id,
        category=new.category,
        priority=new.priority,
        group_id=new.group_id,
        opened_ms=tx.now_ms,
        updated_ms=tx.now_ms,
    )
    ticket = _ticket(tx, wanted)
    if isinstance(ticket, Refused):
        return ticket
    made = _open(tx, replace(ticket, number=steps.next_number(tx)), "api")
    steps.set_category(tx, made, new.category, actor.person)
    if new.note:
        steps.set_state(tx, made, made.state, actor.person, new.note)
    steps.tell(tx, made.ticket_id)
    audit.record(tx, actor.id, "ticket_created", made.ticket_id)
    return _again(tx, made.ticket_id)


def change(tx: Transaction, actor: KeyActor, ticket_id: str, wanted: TicketChange) -> TicketDocument | Refused:
    """By the same rules as an agent's change."""
    command = t.ChangeTicket(
        ticket_id=ticket_id,
        state=wanted.state,
        category=wanted.category,
        priority=wanted.priority,
        note=wanted.note,
    )
    done = service.change(tx, actor, command)
    return done if isinstance(done, Refused) else _again(tx, ticket_id)


def put(tx: Transaction, document: TicketDocument, by: PersonRef) -> str | Refused:
    """Takes one in from elsewhere, as it stands there: `created`, `changed` or `same`. A conversation that is not here
    is left off. Refused: `form_invalid`, `form_incomplete`, `already_exists` (the number is another ticket's)."""
    found = store.by_id(tx.rows, document.ticket_id)
    wanted = _ticket(tx, document)
    if isinstance(wanted, Refused):
        return wanted
    other = store.by_number(tx.rows, document.number)
    if other is not None and other.ticket_id != document.ticket_id:
        return Refused(code="already_exists", params={"name": document.number})
    if found is not None and document_of(found) == document_of(wanted):
        return "same"
    counted = rules.counted(organisation.policy(tx.rows).ticket_prefix, document.number)
    if counted is not None:
        store.raise_count(tx, *counted)
    _log_way(tx, found or _open(tx, wanted, "import"), wanted, by)
    store.replace(tx, wanted)
    steps.tell(tx, wanted.ticket_id)
    return "changed" if found else "created"


def _open(tx: Transaction, wanted: Ticket, source: str) -> Ticket:
    """A new row and its first step; the way from here to what is wanted is logged after it."""
    fresh = Ticket(
        ticket_id=wanted.ticket_id,
        number=wanted.number,
        conversation_key=0,
        conversation_id=wanted.conversation_id,
        customer=wanted.customer,
        subject=wanted.subject,
        category="",
        state="new",
        priority=wanted.priority,
        group_id=wanted.group_id,
        owner_id="",
        owner="",
        opened_ms=wanted.opened_ms,
        updated_ms=wanted.updated_ms,
    )
    store.insert(tx, fresh)
    opened = t.TicketOpened(
        number=fresh.number,
        subject=fresh.subject,
        customer=person_of(fresh.customer),
        group_id=fresh.group_id,
        priority=fresh.priority,
        conversation_id=fresh.conversation_id,
        source=source,
    )
    tx.append(t.ticket_stream(fresh.ticket_id), opened)
    return fresh


def _log_way(tx: Transaction, before: Ticket, wanted: Ticket, by: PersonRef) -> None:
    stream = t.ticket_stream(wanted.ticket_id)
    steps.set_category(tx, before, wanted.category, by)
    steps.set_priority(tx, before, wanted.priority, by)
    steps.set_group(tx, before, wanted.group_id)
    if wanted.subject != before.subject:
        tx.append(stream, t.TicketFieldChanged(field="subject", old=before.subject, new=wanted.subject, by=by))
    if wanted.owner_id and wanted.owner_id != before.owner_id:
        tx.append(stream, t.TicketAssigned(owner=person_of(wanted.owner)))
    if wanted.state != before.state:
        steps.set_state(tx, before, wanted.state, by)


def _ticket(tx: Transaction, document: TicketDocument) -> Ticket | Refused:
    """The row that a document asks for. Refused: `form_invalid`, `form_incomplete`."""
    found = store.by_id(tx.rows, document.ticket_id)
    customer = _customer(tx, document.customer_id, found)
    categories = {"", *(each.value for each in organisation.categories(tx.rows))}
    owner = _owner(tx, document.owner_id, found)
    bad = {
        "customer_id": customer is None,
        "group_id": organisation.group(tx.rows, document.group_id) is None,
        "category": document.category not in categories,
        "owner_id": owner is None,
    }
    if customer is None or owner is None or any(bad.values()):
        return Refused(code="form_invalid", params={"fields": ",".join(name for name, is_bad in bad.items() if is_bad)})
    subject = plain_line(document.subject)
    if not subject:
        return Refused(code="form_incomplete", params={"fields": "subject"})
    conversation = conversations.by_id(tx.rows, document.conversation_id) if document.conversation_id else None
    return Ticket(
        ticket_id=document.ticket_id,
        number=document.number,
        conversation_key=found.conversation_key if found else 0,
        conversation_id=found.conversation_id if found else conversation.conversation_id if conversation else "",
        customer=customer,
        subject=subject,
        category=document.category,
        state=document.state,
        priority=document.priority,
        group_id=document.group_id,
        owner_id=document.owner_id,
        owner=owner,
        opened_ms=document.opened_ms,
        updated_ms=document.updated_ms,
    )


def _customer(tx: Transaction, customer_id: str, found: Ticket | None) -> str | None:
    """The customer's JSON, as the ticket has it already where it does; None when there is no such customer."""
    if found is not None and person_of(found.customer).id == customer_id:
        return found.customer
    record = customers.by_id(tx.rows, customer_id)
    return person_json(record.person) if record else None


def _owner(tx: Transaction, owner_id: str, found: Ticket | None) -> str | None:
    """The owner's JSON, empty for nobody; None when there is no such agent."""
    if not owner_id:
        return ""
    if found is not None and found.owner_id == owner_id:
        return found.owner
    row = agents.by_id(tx.sql, owner_id)
    if row is None:
        return None
    return person_json(agents.profile_of(row, organisation.membership(tx.sql, owner_id)).person)


def _again(tx: Transaction, ticket_id: str) -> TicketDocument | Refused:
    ticket = store.by_id(tx.rows, ticket_id)
    return document_of(ticket) if ticket else Refused(code="not_found")
