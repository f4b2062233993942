"""What can go in and out: its document, how a page of it is read, how one is taken in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from msgspec import Struct

from relay_server.customers import records as customers
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity.permissions import Action
from relay_server.knowledge import records as articles
from relay_server.tickets import records as tickets
from shared.protocol.frames import Refused
from shared.protocol.types import PersonRef

Kind = Literal["customers", "tickets", "articles"]


@dataclass(frozen=True, slots=True)
class Table:
    """`page(rows, after_id, limit)` is in the order of ids; `put` answers `created`, `changed`, `same`."""

    document: type[Struct]
    page: Callable[[Rows, str, int], Sequence[Struct]]
    put: Callable[[Transaction, Any, PersonRef], str | Refused]
    id_of: Callable[[Any], str]
    read: Action
    write: Action


def _all_tickets(rows: Rows, after: str, limit: int) -> list[tickets.TicketDocument]:
    return tickets.page(rows, tickets.Wanted(), after, limit)


def _put_customer(tx: Transaction, document: customers.CustomerDocument, by: PersonRef) -> str | Refused:
    del by
    return customers.put(tx, document)


def _put_article(tx: Transaction, document: articles.ArticleDocument, by: PersonRef) -> str | Refused:
    del by
    return articles.put(tx, document)


TABLES: Final[dict[Kind, Table]] = {
    "customers": Table(
        customers.CustomerDocument,
        customers.page,
        _put_customer,
        lambda each: each.customer_id,
        "customer.read",
        "customer.write",
    ),
    "tickets": Table(
        tickets.TicketDocument,
        _all_tickets,
        tickets.put,
        lambda each: each.ticket_id,
        "ticket.read",
        "ticket.create",
    ),
    "articles": Table(
        articles.ArticleDocument,
        articles.page,
        _put_article,
        lambda each: each.article_id,
        "article.read",
        "article.write",
    ),
}
