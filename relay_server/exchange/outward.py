"""Tables as text, a page at a time: as long as they are, never more than a page in memory."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from relay_server.conversations import records
from relay_server.conversations.store import Conversation
from relay_server.engine.journal import Journal
from relay_server.engine.raw import Rows, rows_of
from relay_server.exchange import rules
from relay_server.exchange.reading import Format
from relay_server.exchange.tables import TABLES, Kind
from shared.protocol.types import Id, Line, Millis, PersonRef, Seq

T = TypeVar("T")
PAGE: Final = 200


class SaidLine(Struct, frozen=True, kw_only=True):
    """One line of a conversation; `internal` ones are notes and count apart."""

    conversation_id: Id
    customer_id: Id
    subject: Line
    group_id: Id
    internal: bool
    seq: Seq
    at_ms: Millis
    author_id: Id
    author_name: Line
    author_kind: Literal["customer", "agent", "system"]
    text: Annotated[str, Meta(max_length=8000)]


async def export(journal: Journal, kind: Kind, form: Format) -> AsyncIterator[bytes]:
    """A table in the order of its ids."""
    table, after = TABLES[kind], ""
    yield head(table.document, form)
    while found := await journal.read(lambda sql, after=after: table.page(rows_of(sql), after, PAGE)):
        yield encoded(found, form)
        after = table.id_of(found[-1])


async def export_conversations(journal: Journal, form: Format, *, notes: bool) -> AsyncIterator[bytes]:
    """Every line of chat, conversation by conversation; with `notes` the internal ones after them."""
    after = 0
    yield head(SaidLine, form)
    while found := await _page(journal, after):
        for conversation in found:
            async for lines in _said(journal, conversation, notes=notes):
                yield encoded(lines, form)
        after = found[-1].key


def head(document: type[Struct], form: Format) -> bytes:
    """The first line of a CSV file, with the mark by which spreadsheets know UTF-8."""
    return ("\ufeff" + rules.csv_line(rules.columns(document))).encode() if form == "csv" else b""


def encoded(documents: Sequence[Struct], form: Format) -> bytes:
    """Documents as lines."""
    if form == "csv":
        return "".join(rules.csv_line(rules.row_of(each)) for each in documents).encode()
    return msgspec.json.Encoder().encode_lines(documents)


async def _page(journal: Journal, after: int) -> list[Conversation]:
    return await journal.read(lambda sql: records.page(rows_of(sql), records.Wanted(), after, PAGE))


async def _said(journal: Journal, of: Conversation, *, notes: bool) -> AsyncIterator[list[SaidLine]]:
    async for messages in _paged(journal, of, records.messages_of, lambda each: each.seq):
        yield [_line(of, each.seq, each.at_ms, each.author, each.text, internal=False) for each in messages]
    if notes:
        async for found in _paged(journal, of, records.notes_of, lambda each: each.seq):
            yield [_line(of, each.seq, each.at_ms, each.author, each.text, internal=True) for each in found]


async def _paged(
    journal: Journal,
    of: Conversation,
    page: Callable[[Rows, str, int, int], list[T]],
    seq_of: Callable[[T], int],
) -> AsyncIterator[list[T]]:
    after = 0
    while found := await journal.read(lambda sql, after=after: page(rows_of(sql), of.conversation_id, after, PAGE)):
        yield found
        after = seq_of(found[-1])


def _line(of: Conversation, seq: int, at_ms: int, author: PersonRef, text: str, *, internal: bool) -> SaidLine:
    return SaidLine(
        conversation_id=of.conversation_id,
        customer_id=of.customer_id,
        subject=of.subject,
        group_id=of.group_id,
        internal=internal,
        seq=seq,
        at_ms=at_ms,
        author_id=author.id,
        author_name=author.name,
        author_kind=author.kind,
        text=text,
    )
