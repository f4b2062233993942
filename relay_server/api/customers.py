"""Routes of customers."""

from typing import Final

from msgspec import Struct

from relay_server.api.routes import Call, Nothing, Pages, Route, after_id, cursor_of
from relay_server.customers import records
from relay_server.customers.records import CustomerChange, CustomerDocument, NewCustomer
from relay_server.engine.journal import Transaction
from shared.protocol.frames import Refused


class CustomerPage(Struct, frozen=True, kw_only=True):
    """By id; `next_cursor` is empty on the last page."""

    items: tuple[CustomerDocument, ...]
    next_cursor: str


def _list(tx: Transaction, call: Call[Pages, None]) -> CustomerPage | Refused:
    after = after_id(call.query.cursor)
    if isinstance(after, Refused):
        return after
    found = records.listed(tx, call.actor, after, call.query.limit)
    if isinstance(found, Refused):
        return found
    full = len(found) == call.query.limit
    return CustomerPage(items=tuple(found), next_cursor=cursor_of(found[-1].customer_id) if full else "")


def _read(tx: Transaction, call: Call[Nothing, None]) -> CustomerDocument | Refused:
    return records.read(tx, call.actor, call.path["customer_id"])


def _create(tx: Transaction, call: Call[Nothing, NewCustomer]) -> CustomerDocument | Refused:
    return records.create(tx, call.actor, call.body)


def _change(tx: Transaction, call: Call[Nothing, CustomerChange]) -> CustomerDocument | Refused:
    known = records.read(tx, call.actor, call.path["customer_id"])
    if isinstance(known, Refused):
        return known
    return call.current(known) or records.change(tx, call.actor, known, call.body)


ROUTES: Final = (
    Route(
        method="GET",
        path="/customers",
        name="list_customers",
        summary="Customers by id",
        scope="read:customers",
        query=Pages,
        answer=CustomerPage,
        write=_list,
    ),
    Route(
        method="POST",
        path="/customers",
        name="create_customer",
        summary="A customer who has no device yet",
        scope="write:customers",
        body=NewCustomer,
        answer=CustomerDocument,
        status=201,
        etag=True,
        repeats=True,
        write=_create,
    ),
    Route(
        method="GET",
        path="/customers/{customer_id}",
        name="read_customer",
        summary="One customer",
        scope="read:customers",
        answer=CustomerDocument,
        etag=True,
        write=_read,
    ),
    Route(
        method="PATCH",
        path="/customers/{customer_id}",
        name="change_customer",
        summary="Changes what is given of a customer",
        scope="write:customers",
        body=CustomerChange,
        answer=CustomerDocument,
        etag=True,
        matches=True,
        write=_change,
    ),
)
"""That somebody read a customer is written down, so reading writes too."""
