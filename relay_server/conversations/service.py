"""Talking: chat, notes, marks, following, ending and closing; who is there."""

import asyncio

from relay_server.conversations import access, chat, presence, steps, store, views
from relay_server.conversations.lines import Answer, Line
from relay_server.conversations.posting import Answered, Posting
from relay_server.conversations.store import Conversation
from relay_server.customers import store as customers
from relay_server.engine import audit
from relay_server.engine.bus import Bus, Committed, ToStream, Wake
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import rows_of
from relay_server.identity.actors import Actor, AgentActor
from relay_server.identity.permissions import Action, Relation, refuse
from relay_server.organisation import store as organisation
from shared.protocol.codec import is_public
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages.organisation import CustomerCard, GetCustomer

_DAY_MS = 24 * 3_600_000
FREED = "capacity"
"""Topic of the wake after an agent's work ended; the key is their id."""


class Conversations:
    """The one service that appends what people say."""

    def __init__(self, journal: Journal, bus: Bus) -> None:
        self._journal = journal
        self._bus = bus
        self._posting = Posting(journal)

    async def send_chat(self, actor: Actor, command: c.SendChat) -> c.ChatAccepted | Refused:
        """Refused: `not_found`, `not_allowed`, `conversation_ended`, `malformed` (nothing said)."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.post_chat(actor, command, lambda given: None if answer.done() else answer.set_result(given))
        return await answer

    def post_chat(self, actor: Actor, command: c.SendChat, answered: Answered) -> None:
        """The same without waiting: `answered` is called on the loop, and in the order in which one caller posted."""
        if not command.attachments and not command.text.strip():
            answered(Refused(code="malformed"))
        else:
            self._posting.post(Line(actor, command), answered)

    async def add_note(self, actor: AgentActor, command: c.AddNote) -> c.NoteAccepted | Refused:
        """Refused: `not_found`, `not_allowed`, `malformed` (nothing said)."""
        if not command.text.strip():
            return Refused(code="malformed")
        return await self._journal.write(lambda tx: chat.add_note(tx, actor, command))

    async def mark_delivered(self, actor: Actor, command: c.MarkDelivered) -> c.Done | Refused:
        """Refused: `not_found`, `not_allowed`."""
        return await self._journal.write(lambda tx: chat.mark(tx, actor, command))

    async def mark_read(self, actor: Actor, command: c.MarkRead) -> c.Done | Refused:
        """Refused: `not_found`, `not_allowed`."""
        return await self._journal.write(lambda tx: chat.mark(tx, actor, command))

    async def typing(self, actor: Actor, command: c.Typing) -> c.Done | Refused:
        """Told to the others who follow, never kept. Refused: `not_found`, `not_allowed`."""
        found = await self._find(actor, command.conversation_id, "conversation.chat")
        if isinstance(found, Refused):
            return found
        push = c.TypingNow(conversation_id=found.conversation_id, person=actor.person)
        note = ToStream(c.public_stream(found.conversation_id), push, but_not=actor.id)
        self._bus.publish(Committed(notes=(note,)))
        return c.Done()

    async def follow(self, actor: Actor, command: c.Follow) -> c.StreamPage | Refused:
        """The first page of what was missed in a conversation's stream, and who is there. An administrator who has no
        part in it leaves an audit row. Refused: `not_found`, `busy`, `store_full`."""
        found = await self._readable(actor, command.stream)
        if found is None:
            return Refused(code="not_found")
        public, conversation_id = is_public(command.stream), found.conversation_id
        action: Action = "conversation.read_public" if public else "conversation.read_internal"
        if await self._journal.read(lambda sql: access.is_outsider(rows_of(sql), actor, found, action)):
            looked = await self._journal.write(
                lambda tx: audit.record(tx, actor.id, "conversation_read", conversation_id)
            )
            if isinstance(looked, Refused):
                return looked
        if public:
            await self._tell_who_is_there(actor.id, found)
        return await self._journal.page(command.stream, command.after)

    async def may_follow(self, actor: Actor, stream: str) -> bool:
        """Whether a conversation's stream is theirs to read now."""
        return await self._readable(actor, stream) is not None

    async def _readable(self, actor: Actor, stream: str) -> Conversation | None:
        kind, _, rest = stream.partition("/")
        conversation_id, _, part = rest.partition("/")
        if kind != "c" or part not in ("public", "internal"):
            return None
        action: Action = "conversation.read_public" if is_public(stream) else "conversation.read_internal"
        found = await self._find(actor, conversation_id, action)
        return None if isinstance(found, Refused) else found

    async def end_conversation(self, actor: AgentActor, command: c.EndConversation) -> c.Done | Refused:
        """Refused: `not_found`, `not_allowed`, `wrong_state`."""

        def work(tx: Transaction) -> c.Done | Refused:
            found = access.find(tx.rows, actor, command.conversation_id, "conversation.end")
            ended = found if isinstance(found, Refused) else steps.end(tx, found, actor.person)
            return _told(tx, ended)

        return await self._journal.write(work)

    async def close_conversation(self, actor: AgentActor, command: c.CloseConversation) -> c.Done | Refused:
        """Refused: `not_found`, `not_allowed`, `wrong_state`, `form_invalid` (no such category)."""

        def work(tx: Transaction) -> c.Done | Refused:
            found = access.find(tx.rows, actor, command.conversation_id, "conversation.close")
            if isinstance(found, Refused):
                return found
            if command.category not in {each.value for each in organisation.categories(tx.rows)}:
                return Refused(code="form_invalid", params={"fields": "category"})
            until_ms = tx.now_ms + organisation.policy(tx.rows).reopen_days * _DAY_MS
            closed = steps.close(tx, found, command.category, command.result, until_ms)
            tx.after_commit(Wake(FREED, actor.id))
            return _told(tx, closed, actor.id)

        return await self._journal.write(work)

    async def get_customer(self, actor: AgentActor, command: GetCustomer) -> CustomerCard | Refused:
        """The card of a customer whom the agent serves, served or is offered; that they looked is an audit row."""

        def work(tx: Transaction) -> CustomerCard | Refused:
            record = customers.by_id(tx.rows, command.customer_id)
            if record is None or refuse(actor, "customer.read", _ties(tx, actor, command.customer_id)):
                return Refused(code="not_found")
            audit.record(tx, actor.id, "customer_read", command.customer_id)
            return CustomerCard(
                customer=record.person,
                email=record.email,
                phone=record.phone,
                vip_level=record.vip_level,
                organisation=record.organisation,
                first_seen_ms=record.first_seen_ms,
                requests=views.requests_of(tx.rows, command.customer_id, 50),
            )

        return await self._journal.write(work)

    async def _tell_who_is_there(self, to: str, conversation: Conversation) -> None:
        notes = await self._journal.read(lambda sql: presence.notes_for(rows_of(sql), to, conversation))
        if notes:
            self._bus.publish_here(Committed(notes=notes))

    async def _find(self, actor: Actor, conversation_id: str, action: Action) -> Conversation | Refused:
        return await self._journal.read(lambda sql: access.find(rows_of(sql), actor, conversation_id, action))


def _told(tx: Transaction, conversation: Conversation | Refused, *also: str) -> c.Done | Refused:
    if isinstance(conversation, Refused):
        return conversation
    views.tell(tx, conversation.conversation_id, *also)
    return c.Done()


def _ties(tx: Transaction, actor: AgentActor, customer_id: str) -> tuple[Relation, ...]:
    ties: list[Relation] = []
    if store.served(tx.rows, actor.id, customer_id):
        ties.append("served")
    offered = store.select(tx.rows, "WHERE c.offered_to = ? AND c.customer_id = ? LIMIT 1", (actor.id, customer_id))
    return (*ties, "offered") if offered else tuple(ties)
