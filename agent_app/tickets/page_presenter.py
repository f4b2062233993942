"""One ticket: its fields, its log, the receipts of its remote sessions, and the changes an agent makes."""

from typing import Final

from msgspec import Struct, structs

from agent_app.desk.desk import Desk
from agent_app.desk.relay import Failed, Relay, Spawn, ask
from agent_app.desk.timelines import Timelines
from agent_app.desk.words import Fact, facts, system_facts
from agent_app.tickets.steps import Step, step_of
from shared.common.shown import Shown
from shared.protocol.codec import UnknownEvent, decode_event
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.messages import tickets as t
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.organisation import FormChoice
from shared.protocol.types import Priority, TicketState

MAX_NOTE: Final = 2000


class TicketView(Struct, frozen=True, kw_only=True):
    """`row` is None while it is fetched. `busy` while a change is under way."""

    ticket_id: str = ""
    row: t.TicketRow | None = None
    group: str = ""
    answers: tuple[Fact, ...] = ()
    system: tuple[Fact, ...] = ()
    steps: tuple[Step, ...] = ()
    receipts: tuple[x.Receipt, ...] = ()
    categories: tuple[FormChoice, ...] = ()
    busy: bool = False
    problem: Failed | None = None


class TicketPagePresenter:
    """Follows the ticket's stream while its page is open."""

    def __init__(self, desk: Desk, relay: Relay, timelines: Timelines, spawn: Spawn) -> None:
        self._desk, self._relay, self._spawn = desk, relay, spawn
        self.view = Shown(TicketView())
        desk.categories.watch(lambda categories: self._change(categories=categories))
        desk.tickets.watch(self._row_changed)
        timelines.others.watch(self._event)

    def open(self, ticket_id: str) -> None:
        """Show a ticket, or none for an empty id."""
        old = self.view.value.ticket_id
        if old and old != ticket_id:
            self._relay.unfollow(t.ticket_stream(old))
        self.view.set(TicketView(ticket_id=ticket_id, categories=self._desk.categories.value))
        if ticket_id:
            self._spawn(self._get(ticket_id), "open ticket")

    def change(
        self,
        *,
        state: TicketState | None = None,
        category: str | None = None,
        priority: Priority | None = None,
        note: str = "",
    ) -> None:
        """Change what is given; the log tells it when it is done."""
        view = self.view.value
        if view.row is None or view.busy:
            return
        command = t.ChangeTicket(
            ticket_id=view.ticket_id, state=state, category=category, priority=priority, note=note.strip()[:MAX_NOTE]
        )
        self._change(busy=True, problem=None)
        self._spawn(self._do(command), "change ticket")

    def dismiss_problem(self) -> None:
        """The person has read it."""
        self._change(problem=None)

    async def _get(self, ticket_id: str) -> None:
        found = await ask(self._relay, t.OpenTicket(ticket_id=ticket_id), t.TicketDetail)
        if ticket_id != self.view.value.ticket_id:
            return
        if isinstance(found, Failed):
            self._change(problem=found)
            return
        form = self._desk.forms.value.get(found.row.group_id)
        fields = (*form.fields, *form.message_fields) if form else ()
        steps = tuple(step_of(record, decode_event(record), self._desk.category_name) for record in found.steps.events)
        self._change(
            row=found.row,
            group=self._desk.group_name(found.row.group_id),
            answers=facts(fields, found.answers),
            system=system_facts(found.system),
            steps=steps,
        )
        self._relay.follow(t.ticket_stream(ticket_id), steps[-1].seq if steps else 0)
        await self._get_receipts(ticket_id)

    async def _get_receipts(self, ticket_id: str) -> None:
        row = self.view.value.row
        if row is None or not row.conversation_id:
            return
        found = await ask(self._relay, x.GetReceipts(conversation_id=row.conversation_id), x.Receipts)
        if ticket_id == self.view.value.ticket_id and isinstance(found, x.Receipts):
            self._change(receipts=found.receipts)

    async def _do(self, command: t.ChangeTicket) -> None:
        answer = await ask(self._relay, command, c.Done)
        if command.ticket_id == self.view.value.ticket_id:
            self._change(busy=False, problem=answer if isinstance(answer, Failed) else None)

    def _row_changed(self, row: t.TicketRow) -> None:
        if row.ticket_id == self.view.value.ticket_id and self.view.value.row is not None:
            self._change(row=row, group=self._desk.group_name(row.group_id))

    def _event(self, told: tuple[c.EventRecord, EventBody | UnknownEvent]) -> None:
        record, event = told
        ticket_id = self.view.value.ticket_id
        if record.stream != t.ticket_stream(ticket_id) or any(s.seq == record.seq for s in self.view.value.steps):
            return
        self._change(steps=(*self.view.value.steps, step_of(record, event, self._desk.category_name)))
        if isinstance(event, t.SessionStep) and event.what == "receipt_stored":
            self._spawn(self._get_receipts(ticket_id), "get receipts")

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
