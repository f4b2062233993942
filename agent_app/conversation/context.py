"""What is known about the open conversation's customer, computer and ticket: the column beside it."""

from collections.abc import Mapping

from msgspec import Struct, structs

from agent_app.desk.desk import Desk
from agent_app.desk.relay import Failed, Relay, Spawn, ask
from agent_app.desk.timelines import Timelines
from agent_app.desk.words import Fact, facts, system_facts
from shared.common.shown import Forget, Shown
from shared.protocol.messages import organisation as o
from shared.protocol.messages import tickets as t
from shared.rules.timeline import Timeline, empty


class ContextView(Struct, frozen=True, kw_only=True):
    """`customer` and `ticket` are None until fetched; `*_problem` says why they could not be."""

    conversation_id: str = ""
    customer: o.CustomerCard | None = None
    customer_problem: Failed | None = None
    answers: tuple[Fact, ...] = ()
    system: tuple[Fact, ...] = ()
    ticket: t.TicketRow | None = None
    ticket_problem: Failed | None = None


class ContextPresenter:
    """Fetches once per conversation; the ticket follows pushes."""

    def __init__(self, desk: Desk, relay: Relay, timelines: Timelines, spawn: Spawn) -> None:
        self._desk, self._relay, self._timelines, self._spawn = desk, relay, timelines, spawn
        self._forget: Forget | None = None
        self._asked_customer = ""
        self._forms: Mapping[str, o.IntakeForm] = {}
        self._timeline = empty("")
        self.view = Shown(ContextView())
        desk.forms.watch(self._forms_changed)
        desk.tickets.watch(self._ticket_changed)

    def open(self, conversation_id: str) -> None:
        """Show the context of a conversation, or nothing for an empty id."""
        if conversation_id == self.view.value.conversation_id:
            return
        if self._forget is not None:
            self._forget()
            self._forget = None
        self._asked_customer = ""
        self.view.set(ContextView(conversation_id=conversation_id))
        if conversation_id:
            self._forget = self._timelines.watch(conversation_id, self._fill)
            self._fetch_ticket(conversation_id)

    def reload(self) -> None:
        """Fetch again what could not be fetched."""
        self._asked_customer = ""
        self._fill(self._timeline)
        self._fetch_ticket(self.view.value.conversation_id)

    def _fill(self, timeline: Timeline) -> None:
        self._timeline = timeline
        form = self._forms.get(timeline.group_id)
        fields = (*form.fields, *form.message_fields) if form else ()
        self._change(answers=facts(fields, dict(timeline.answers)), system=system_facts(dict(timeline.system or {})))
        if timeline.customer is not None and timeline.customer.id != self._asked_customer:
            self._asked_customer = timeline.customer.id
            self._spawn(self._get_customer(timeline.conversation_id, timeline.customer.id), "get customer")

    def _forms_changed(self, forms: Mapping[str, o.IntakeForm]) -> None:
        self._forms = forms
        if self.view.value.conversation_id:
            self._fill(self._timeline)

    def _fetch_ticket(self, conversation_id: str) -> None:
        row = self._desk.conversations.value.get(conversation_id)
        if row is not None and row.ticket_id:
            self._spawn(self._get_ticket(conversation_id, row.ticket_id), "get ticket")

    async def _get_customer(self, conversation_id: str, customer_id: str) -> None:
        card = await ask(self._relay, o.GetCustomer(customer_id=customer_id), o.CustomerCard)
        if conversation_id == self.view.value.conversation_id:
            failed = isinstance(card, Failed)
            self._change(customer=None if failed else card, customer_problem=card if failed else None)

    async def _get_ticket(self, conversation_id: str, ticket_id: str) -> None:
        found = await ask(self._relay, t.OpenTicket(ticket_id=ticket_id), t.TicketDetail)
        if conversation_id == self.view.value.conversation_id:
            failed = isinstance(found, Failed)
            self._change(ticket=None if failed else found.row, ticket_problem=found if failed else None)

    def _ticket_changed(self, row: t.TicketRow) -> None:
        if row.conversation_id and row.conversation_id == self.view.value.conversation_id:
            self._change(ticket=row, ticket_problem=None)

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
