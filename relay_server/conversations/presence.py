"""Who is connected now, told to those they talk with. In memory only: after a restart everybody connects again."""

from relay_server.conversations import store
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import Bus, Committed, Note, ToPerson, ToStream
from relay_server.engine.journal import Journal
from relay_server.engine.raw import rows_of
from shared.protocol.messages.conversations import PresenceChanged, public_stream
from shared.protocol.types import PersonRef


class Presence:
    """The people with a link."""

    def __init__(self, journal: Journal, bus: Bus) -> None:
        self._journal = journal
        self._bus = bus
        self._online: set[str] = set()

    async def connected(self, person: PersonRef) -> None:
        """Tells whoever follows a conversation with this person in it."""
        self._online.add(person.id)
        await self._tell_followers(person, online=True)

    async def disconnected(self, person: PersonRef) -> None:
        """The same, when they are gone."""
        self._online.discard(person.id)
        await self._tell_followers(person, online=False)

    async def tell(self, to: str, conversation: Conversation) -> None:
        """How it stands with the others, for somebody who begins to follow."""
        people = await self._journal.read(lambda sql: store.present(rows_of(sql), conversation.key))
        notes = tuple(
            ToPerson(to, self._push(conversation.conversation_id, person, person.id in self._online))
            for person, _ in people
            if person.id != to
        )
        if notes:
            self._bus.publish(Committed(notes=notes))

    async def _tell_followers(self, person: PersonRef, *, online: bool) -> None:
        streams = await self._journal.read(
            lambda sql: rows_of(sql)(
                "SELECT c.id FROM participants p JOIN conversations c ON c.key = p.conversation_key"
                " WHERE p.person_id = ? AND p.left_ms = 0 AND c.state NOT IN ('closed', 'abandoned') LIMIT 100",
                (person.id,),
            )
        )
        notes: tuple[Note, ...] = tuple(
            ToStream(public_stream(row[0]), self._push(row[0], person, online), but_not=person.id) for row in streams
        )
        if notes:
            self._bus.publish(Committed(notes=notes))

    @staticmethod
    def _push(conversation_id: str, person: PersonRef, online: bool) -> PresenceChanged:
        return PresenceChanged(conversation_id=conversation_id, person=person, online=online)
