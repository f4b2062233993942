"""Routes of tickets and their logs."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from relay_server.api.conversations import NoId
from relay_server.api.routes import Call, Limit, Nothing, Pages, Route, after_id, after_number, cursor_of
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.tickets import records
from relay_server.tickets.records import NewTicket, Step, TicketChange, TicketDocument
from shared.protocol.frames import Refused
from shared.protocol.types import Millis, TicketState


class TicketQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out chooses nothing out."""

    cursor: Annotated[str, Meta(max_length=120)] = ""
    limit: Limit = 50
    state: TicketState | None = None
    group_id: NoId = ""
    owner_id: NoId = ""
    changed_since_ms: Millis = 0


class TicketPage(Struct, frozen=True, kw_only=True):
    """By id; `next_cursor` is empty on the last page."""

    items: tuple[TicketDocument, ...]
    next_cursor: str


class StepPage(Struct, frozen=True, kw_only=True):
    """The oldest first; `next_cursor` is empty on the last page."""

    items: tuple[Step, ...]
    next_cursor: str


def _list(rows: Rows, call: Call[TicketQuery, None]) -> TicketPage | Refused:
    query = call.query
    after = after_id(query.cursor)
    if isinstance(after, Refused):
        return after
    wanted = records.Wanted(query.state, query.group_id, query.owner_id, query.changed_since_ms)
    found = records.listed(rows, call.actor, wanted, after, query.limit)
    if isinstance(found, Refused):
        return found
    full = len(found) == query.limit
    return TicketPage(items=tuple(found), next_cursor=cursor_of(found[-1].ticket_id) if full else "")


def _read(rows: Rows, call: Call[Nothing, None]) -> TicketDocument | Refused:
    return records.read(rows, call.actor, call.path["ticket_id"])


def _steps(rows: Rows, call: Call[Pages, None]) -> StepPage | Refused:
    after = after_number(call.query.cursor)
    if isinstance(after, Refused):
        return after
    found = records.steps_of(rows, call.actor, call.path["ticket_id"], after, call.query.limit)
    if isinstance(found, Refused):
        return found
    full = len(found) == call.query.limit
    return StepPage(items=tuple(found), next_cursor=cursor_of(found[-1].seq) if full else "")


def _create(tx: Transaction, call: Call[Nothing, NewTicket]) -> TicketDocument | Refused:
    return records.create(tx, call.actor, call.body)


def _change(tx: Transaction, call: Call[Nothing, TicketChange]) -> TicketDocument | Refused:
    known = records.read(tx.rows, call.actor, call.path["ticket_id"])
    if isinstance(known, Refused):
        return known
    return call.current(known) or records.change(tx, call.actor, known.ticket_id, call.body)


ROUTES: Final = (
    Route(
        method="GET",
        path="/tickets",
        name="list_tickets",
        summary="Tickets by id",
        scope="read:tickets",
        query=TicketQuery,
        answer=TicketPage,
        read=_list,
    ),
    Route(
        method="POST",
        path="/tickets",
        name="create_ticket",
        summary="A ticket without a conversation",
        scope="write:tickets",
        body=NewTicket,
        answer=TicketDocument,
        status=201,
        etag=True,
        repeats=True,
        write=_create,
    ),
    Route(
        method="GET",
        path="/tickets/{ticket_id}",
        name="read_ticket",
        summary="One ticket",
        scope="read:tickets",
        answer=TicketDocument,
        etag=True,
        read=_read,
    ),
    Route(
        method="PATCH",
        path="/tickets/{ticket_id}",
        name="change_ticket",
        summary="Changes state, category or priority, or adds a note to the log",
        scope="write:tickets",
        body=TicketChange,
        answer=TicketDocument,
        etag=True,
        matches=True,
        write=_change,
    ),
    Route(
        method="GET",
        path="/tickets/{ticket_id}/steps",
        name="list_steps",
        summary="The ticket's log, the oldest first",
        scope="read:tickets",
        query=Pages,
        answer=StepPage,
        read=_steps,
    ),
)
