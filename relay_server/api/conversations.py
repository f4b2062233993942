"""Routes of conversations, their messages and, under scopes of their own, their internal notes."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from relay_server.api.routes import Call, Limit, Nothing, Pages, Route, after_number, cursor_of
from relay_server.conversations import records
from relay_server.conversations.records import Message, Note, NoteText
from relay_server.engine.journal import Transaction
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import ConversationRow
from shared.protocol.types import ConversationState, Millis

NoId = Annotated[str, Meta(max_length=40, pattern=r"^[0-9A-Za-z_\-]*$")]


class ConversationQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out chooses nothing out."""

    cursor: Annotated[str, Meta(max_length=120)] = ""
    limit: Limit = 50
    state: ConversationState | None = None
    customer_id: NoId = ""
    group_id: NoId = ""
    changed_since_ms: Millis = 0


class ConversationPage(Struct, frozen=True, kw_only=True):
    """The oldest first; `next_cursor` is empty on the last page."""

    items: tuple[ConversationRow, ...]
    next_cursor: str


class MessagePage(Struct, frozen=True, kw_only=True):
    """The oldest first; `next_cursor` is empty on the last page."""

    items: tuple[Message, ...]
    next_cursor: str


class NotePage(Struct, frozen=True, kw_only=True):
    """The oldest first; `next_cursor` is empty on the last page."""

    items: tuple[Note, ...]
    next_cursor: str


class NewNote(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An internal note: agents read it, customers never."""

    text: NoteText


def _list(tx: Transaction, call: Call[ConversationQuery, None]) -> ConversationPage | Refused:
    query = call.query
    after = after_number(query.cursor)
    if isinstance(after, Refused):
        return after
    wanted = records.Wanted(query.state, query.customer_id, query.group_id, query.changed_since_ms)
    found = records.listed(tx, call.actor, wanted, after, query.limit)
    if isinstance(found, Refused):
        return found
    following = cursor_of(found[-1].key) if len(found) == query.limit else ""
    return ConversationPage(items=tuple(each.row() for each in found), next_cursor=following)


def _read(tx: Transaction, call: Call[Nothing, None]) -> ConversationRow | Refused:
    found = records.read(tx, call.actor, call.path["conversation_id"])
    return found if isinstance(found, Refused) else found.row()


def _messages(tx: Transaction, call: Call[Pages, None]) -> MessagePage | Refused:
    after = after_number(call.query.cursor)
    if isinstance(after, Refused):
        return after
    found = records.messages(tx, call.actor, call.path["conversation_id"], after, call.query.limit)
    if isinstance(found, Refused):
        return found
    return MessagePage(items=tuple(found), next_cursor=_following(found, call.query.limit))


def _notes(tx: Transaction, call: Call[Pages, None]) -> NotePage | Refused:
    after = after_number(call.query.cursor)
    if isinstance(after, Refused):
        return after
    found = records.notes(tx, call.actor, call.path["conversation_id"], after, call.query.limit)
    if isinstance(found, Refused):
        return found
    return NotePage(items=tuple(found), next_cursor=_following(found, call.query.limit))


def _following(found: list[Message] | list[Note], limit: int) -> str:
    return cursor_of(found[-1].seq) if len(found) == limit else ""


def _add_note(tx: Transaction, call: Call[Nothing, NewNote]) -> Note | Refused:
    return records.add_note(tx, call.actor, call.path["conversation_id"], call.body.text)


ROUTES: Final = (
    Route(
        method="GET",
        path="/conversations",
        name="list_conversations",
        summary="Conversations, the oldest first",
        scope="read:conversations",
        query=ConversationQuery,
        answer=ConversationPage,
        write=_list,
    ),
    Route(
        method="GET",
        path="/conversations/{conversation_id}",
        name="read_conversation",
        summary="How one conversation stands",
        scope="read:conversations",
        answer=ConversationRow,
        etag=True,
        write=_read,
    ),
    Route(
        method="GET",
        path="/conversations/{conversation_id}/messages",
        name="list_messages",
        summary="Lines of chat, the oldest first",
        scope="read:conversations",
        query=Pages,
        answer=MessagePage,
        write=_messages,
    ),
    Route(
        method="GET",
        path="/conversations/{conversation_id}/notes",
        name="list_notes",
        summary="Internal notes, the oldest first",
        scope="read:notes",
        query=Pages,
        answer=NotePage,
        write=_notes,
    ),
    Route(
        method="POST",
        path="/conversations/{conversation_id}/notes",
        name="add_note",
        summary="Adds an internal note",
        scope="write:notes",
        body=NewNote,
        answer=Note,
        status=201,
        repeats=True,
        write=_add_note,
    ),
)
