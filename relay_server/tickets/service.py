"""Tickets for agents: lists, one ticket whole, changes by hand. What follows from conversations is in `follow_up`."""

from typing import Final

from relay_server.conversations import access
from relay_server.conversations import store as conversations
from relay_server.conversations.store import Intake
from relay_server.engine import audit
from relay_server.engine.fold import Fold
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import Rows, rows_of
from relay_server.identity.actors import Actor, AgentActor, Caller, KeyActor
from relay_server.identity.permissions import Action, Relation, may, roles_of
from relay_server.organisation import store as organisation
from relay_server.tickets import follow_up, rules, steps, store
from relay_server.tickets.store import Ticket
from shared.protocol.frames import Refused
from shared.protocol.messages import tickets as t
from shared.protocol.messages.conversations import Done, Follow, StreamPage

_PREFIX: Final = "t/"


class Tickets:
    """Work that outlives a conversation."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.fold: Fold = follow_up.FOLD
        """Run by the relay as long as it lives."""

    async def list_tickets(self, actor: AgentActor, command: t.ListTickets) -> t.TicketPage | Refused:
        """Those of the agent's groups and their own."""
        if not may(roles_of(actor), "ticket.list"):
            return Refused(code="not_allowed")
        found = await self._journal.read(lambda sql: store.listed(rows_of(sql), actor.id, command))
        rows = tuple(each.row() for each in found[: command.limit])
        return t.TicketPage(rows=rows, more=len(found) > command.limit)

    async def open_ticket(self, actor: AgentActor, command: t.OpenTicket) -> t.TicketDetail | Refused:
        """One ticket with the first page of its log. Refused: `not_found`."""

        def look(rows: Rows) -> tuple[Ticket, Intake] | Refused:
            ticket = find(rows, actor, command.ticket_id, "ticket.read")
            if isinstance(ticket, Refused):
                return ticket
            return ticket, conversations.intake(rows, ticket.conversation_key)

        found = await self._journal.read(lambda sql: look(rows_of(sql)))
        if isinstance(found, Refused):
            return found
        ticket, intake = found
        if refused := await self._note_outsider(actor, ticket):
            return refused
        page = await self._journal.page(t.ticket_stream(ticket.ticket_id), 0)
        return t.TicketDetail(row=ticket.row(), answers=intake.answers, system=intake.system, steps=page)

    async def follow(self, actor: Actor, command: Follow) -> StreamPage | Refused:
        """A page of a ticket's log. Refused: `not_found`."""
        ticket_id = command.stream.removeprefix(_PREFIX)
        found = await self._journal.read(lambda sql: find(rows_of(sql), actor, ticket_id, "ticket.read"))
        if isinstance(found, Refused):
            return found
        if refused := await self._note_outsider(actor, found):
            return refused
        return await self._journal.page(t.ticket_stream(found.ticket_id), command.after)

    async def _note_outsider(self, actor: Actor, ticket: Ticket) -> Refused | None:
        """That an administrator looked who has no part in it is an audit row."""
        tied = await self._journal.read(lambda sql: may(("agent",), "ticket.read", _ties(rows_of(sql), actor, ticket)))
        if tied:
            return None
        return await self._journal.write(lambda tx: audit.record(tx, actor.id, "ticket_read", ticket.ticket_id))

    async def change_ticket(self, actor: AgentActor, command: t.ChangeTicket) -> Done | Refused:
        """Refused: `not_found`, `not_allowed`, `wrong_state`, `ticket_needs`, `form_invalid` (no such category)."""
        return await self._journal.write(lambda tx: change(tx, actor, command))


def change(tx: Transaction, actor: AgentActor | KeyActor, command: t.ChangeTicket) -> Done | Refused:
    """A change by hand. Refused as `change_ticket` says."""
    ticket = find(tx.rows, actor, command.ticket_id, "ticket.change")
    if isinstance(ticket, Refused):
        return ticket
    category = ticket.category if command.category is None else command.category
    if category not in {"", ticket.category, *(each.value for each in organisation.categories(tx.rows))}:
        return Refused(code="form_invalid", params={"fields": "category"})
    state = rules.by_hand(ticket.state, command.state or ticket.state, category)
    if isinstance(state, Refused):
        return state
    steps.set_category(tx, ticket, category, actor.person)
    steps.set_priority(tx, ticket, command.priority or ticket.priority, actor.person)
    if state == "in_progress" and not ticket.owner_id and isinstance(actor, AgentActor):
        steps.assign(tx, ticket, actor.person)
        ticket = store.by_id(tx.rows, ticket.ticket_id) or ticket
    if state is not None or command.note:
        steps.set_state(tx, ticket, state or ticket.state, actor.person, command.note)
    steps.tell(tx, ticket.ticket_id)
    return Done()


def find(rows: Rows, actor: Caller, ticket_id: str, action: Action) -> Ticket | Refused:
    """The ticket, when the actor may do this to it. Without the right to read it, it is not there."""
    ticket = store.by_id(rows, ticket_id)
    if ticket is None or not isinstance(actor, AgentActor | KeyActor):
        return Refused(code="not_found")
    ties, roles = (_ties(rows, actor, ticket) if isinstance(actor, AgentActor) else ()), roles_of(actor)
    if may(roles, action, ties):
        return ticket
    return Refused(code="not_allowed" if may(roles, "ticket.read", ties) else "not_found")


def _ties(rows: Rows, actor: Actor, ticket: Ticket) -> tuple[Relation, ...]:
    ties = set(access.relations_by_key(rows, actor, ticket.conversation_key))
    if ticket.owner_id == actor.id:
        ties.add("owner")
    if isinstance(actor, AgentActor) and ticket.group_id in actor.profile.group_ids:
        ties.add("group")
    return tuple(ties)
