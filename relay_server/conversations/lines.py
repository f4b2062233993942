"""Lines of chat on their way into the streams: the hot path. Many lines are one set of statements.

Everything is decided before anything is written: what the lines need to know is read at once, each line is decided in
its turn as if it came alone, and then events, idempotency rows and the conversations' own rows are written at once. The
answers and the store are the same as if each line had been a unit of work of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import structs

from relay_server.conversations import rules, store
from relay_server.conversations.access import check
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import ToPerson
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Shape, read_rows, write_rows
from relay_server.files import store as files
from relay_server.identity.actors import Actor, AgentActor
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages.base import EventBody
from shared.protocol.types import PersonRef

Answer = c.ChatAccepted | Refused
_Key = tuple[int, str, str]
"""(conversation key, author, client id): the same line, however often it is sent."""

_KNOWN: Final[Shape] = (
    "SELECT h.conversation_key, h.author_id, h.client_id, h.seq, h.at_ms FROM (VALUES ",
    "(CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS TEXT))",
    ") AS v JOIN chats h ON h.conversation_key = v.column1 AND h.author_id = v.column2 AND h.client_id = v.column3",
)
_REMEMBER: Final[Shape] = (
    "INSERT INTO chats (conversation_key, author_id, client_id, internal, seq, at_ms) VALUES ",
    "(?,?,?,0,?,?)",
    "",
)
_NOTE_LAST: Final[Shape] = (
    "UPDATE conversations SET last_text = v.column2, last_at_ms = v.column3, last_by = v.column4,"
    " last_chat_seq = v.column5, unread = v.column6, updated_ms = v.column3 FROM (VALUES ",
    "(CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT))",
    ") AS v WHERE conversations.key = v.column1",
)


@dataclass(frozen=True, slots=True)
class Line:
    """Who says what."""

    actor: Actor
    command: c.SendChat


@dataclass(slots=True)
class _Talk:
    """A conversation as these lines find it and change it."""

    conversation: Conversation
    last_line: c.SendChat | None = None
    last_by: Actor | None = None
    last_seq: int = 0
    unread: int = 0
    authors: dict[int, PersonRef | Refused] = field(default_factory=dict[int, PersonRef | Refused])
    """By the actor's object: how they are named here, or why they may not speak."""


@dataclass(slots=True)
class _Posts:
    """What is to be written, in step: the nth event is of the nth key and talk."""

    events: list[tuple[str, EventBody]] = field(default_factory=list[tuple[str, EventBody]])
    keys: list[_Key] = field(default_factory=list[_Key])
    lines: list[tuple[_Talk, Line]] = field(default_factory=list[tuple[_Talk, Line]])


def post_all(tx: Transaction, lines: Sequence[Line]) -> list[Answer]:
    """Answers in the order of lines. The same `client_id` of the same author is the same line, whatever became of the
    conversation. Refused: `not_found`, `not_allowed`, `conversation_ended`; such a line leaves nothing behind."""
    talks = _talks(tx, lines)
    known = _known(tx, lines, talks)
    posts = _Posts()
    decided = [_decide(tx, line, talks.get(line.command.conversation_id), known, posts) for line in lines]
    if not posts.events:
        return [each for each in decided if not isinstance(each, int)]
    records = tx.append_all(posts.events)
    write_rows(
        tx.run, _REMEMBER, [(*key, record.seq, tx.now_ms) for key, record in zip(posts.keys, records, strict=True)]
    )
    for (talk, line), record in zip(posts.lines, records, strict=True):
        _change(talk, line, record.seq)
    _note_last(tx, [talk for talk in talks.values() if talk.last_line is not None])
    accepted = [
        c.ChatAccepted(client_id=key[2], seq=record.seq, at_ms=record.at_ms)
        for key, record in zip(posts.keys, records, strict=True)
    ]
    return [accepted[each] if isinstance(each, int) else each for each in decided]


def _talks(tx: Transaction, lines: Sequence[Line]) -> dict[str, _Talk]:
    ids = {line.command.conversation_id for line in lines}
    found = read_rows(tx.rows, store.BY_IDS, [(each,) for each in ids])
    talks = (_Talk(Conversation(*row)) for row in found)
    return {talk.conversation.conversation_id: talk for talk in talks}


def _known(tx: Transaction, lines: Sequence[Line], talks: dict[str, _Talk]) -> dict[_Key, Answer | int]:
    keys = [
        (talk.conversation.key, line.actor.id, line.command.client_id)
        for line in lines
        if (talk := talks.get(line.command.conversation_id)) is not None
    ]
    return {
        (key, author_id, client_id): c.ChatAccepted(client_id=client_id, seq=seq, at_ms=at_ms)
        for key, author_id, client_id, seq, at_ms in read_rows(tx.rows, _KNOWN, keys)
    }


def _decide(
    tx: Transaction, line: Line, talk: _Talk | None, known: dict[_Key, Answer | int], posts: _Posts
) -> Answer | int:
    """The answer, or the place of the event that will give it."""
    if talk is None:
        return Refused(code="not_found")
    author = _author(tx, talk, line.actor)
    if isinstance(author, Refused):
        return author
    conversation, command = talk.conversation, line.command
    key = (conversation.key, line.actor.id, command.client_id)
    earlier = known.get(key)
    if earlier is not None:
        return earlier
    if refused := rules.may_chat(conversation.state) or _bind(tx, line, conversation):
        return refused
    place = known[key] = len(posts.events)
    posts.keys.append(key)
    posts.lines.append((talk, line))
    posts.events.append(
        (
            c.public_stream(conversation.conversation_id),
            c.ChatPosted(
                client_id=command.client_id, author=author, text=command.text, attachments=command.attachments
            ),
        )
    )
    return place


def _author(tx: Transaction, talk: _Talk, actor: Actor) -> PersonRef | Refused:
    """The same for every line of an actor. A customer by the name that stands in this conversation: what the link
    signed in with may be older."""
    author = talk.authors.get(id(actor))
    if author is None:
        conversation = talk.conversation
        author = check(tx.rows, actor, conversation, "conversation.chat") or actor.person
        if isinstance(author, PersonRef) and not isinstance(actor, AgentActor) and conversation.customer_name:
            author = structs.replace(author, name=conversation.customer_name)
        talk.authors[id(actor)] = author
    return author


def _bind(tx: Transaction, line: Line, conversation: Conversation) -> Refused | None:
    """Shown files must be the author's own uploads, as they were stored; from now on the conversation may read them."""
    for attachment in line.command.attachments:
        if files.attachment(tx.rows, attachment.blob_id, line.actor.id) != attachment:
            return Refused(code="not_found", params={"blob_id": attachment.blob_id})
    for attachment in line.command.attachments:
        files.use(tx, attachment.blob_id, conversation.key)
    return None


def _change(talk: _Talk, line: Line, seq: int) -> None:
    talk.last_line, talk.last_by, talk.last_seq = line.command, line.actor, seq
    if not isinstance(line.actor, AgentActor):
        talk.unread += 1


def _note_last(tx: Transaction, talks: Sequence[_Talk]) -> None:
    """The rows follow, and each owner is told once how it stands."""
    after = [_as_it_stands(talk, tx.now_ms) for talk in talks]
    write_rows(
        tx.run,
        _NOTE_LAST,
        [(each.key, each.last_text, tx.now_ms, each.last_by, each.last_chat_seq, each.unread) for each in after],
    )
    for each in after:
        if each.owner_id:
            tx.after_commit(ToPerson(each.owner_id, c.ConversationChanged(row=each.row())))


def _as_it_stands(talk: _Talk, now_ms: int) -> Conversation:
    return structs.replace(
        talk.conversation,
        last_text=rules.preview(talk.last_line.text if talk.last_line else ""),
        last_at_ms=now_ms,
        last_by="agent" if isinstance(talk.last_by, AgentActor) else "customer",
        last_chat_seq=talk.last_seq,
        unread=talk.conversation.unread + talk.unread,
    )
