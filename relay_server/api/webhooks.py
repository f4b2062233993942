"""Routes of webhooks and their deliveries."""

from typing import Annotated

from msgspec import Meta, Struct

from relay_server.api.routes import Call, Limit, Nothing, Route, after_number, cursor_of
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.webhooks import hooks, log
from relay_server.webhooks.hooks import NewWebhook, Terms, WebhookChange, WebhookDocument, WebhookMade
from relay_server.webhooks.log import Delivery, State
from shared.protocol.frames import Refused


class WebhookList(Struct, frozen=True, kw_only=True):
    """Those whose events this key may read itself."""

    items: tuple[WebhookDocument, ...]


class DeliveryQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`state` chooses what waits, was heard, or was given up."""

    cursor: Annotated[str, Meta(max_length=120)] = ""
    limit: Limit = 50
    state: State | None = None


class DeliveryPage(Struct, frozen=True, kw_only=True):
    """The oldest first; `next_cursor` is empty on the last page."""

    items: tuple[Delivery, ...]
    next_cursor: str


def _list(rows: Rows, call: Call[Nothing, None]) -> WebhookList | Refused:
    found = hooks.listed(rows, call.actor)
    return found if isinstance(found, Refused) else WebhookList(items=tuple(found))


def _read(rows: Rows, call: Call[Nothing, None]) -> WebhookDocument | Refused:
    found = hooks.find(rows, call.actor, call.path["webhook_id"])
    return found if isinstance(found, Refused) else found.document()


def _remove(tx: Transaction, call: Call[Nothing, None]) -> Refused | None:
    return hooks.remove(tx, call.actor, call.path["webhook_id"])


def _deliveries(rows: Rows, call: Call[DeliveryQuery, None]) -> DeliveryPage | Refused:
    query = call.query
    after = after_number(query.cursor)
    if isinstance(after, Refused):
        return after
    found = log.listed(rows, call.actor, call.path["webhook_id"], query.state, after, query.limit)
    if isinstance(found, Refused):
        return found
    following = cursor_of(found[-1].delivery_id) if len(found) == query.limit else ""
    return DeliveryPage(items=tuple(found), next_cursor=following)


def routes(terms: Terms, keep_trying_ms: int) -> tuple[Route, ...]:
    """`terms` say where messages may go; `keep_trying_ms` for how long they are tried."""

    def create(tx: Transaction, call: Call[Nothing, NewWebhook]) -> WebhookMade | Refused:
        return hooks.create(tx, terms, call.actor, call.body)

    def change(tx: Transaction, call: Call[Nothing, WebhookChange]) -> WebhookDocument | Refused:
        known = hooks.find(tx.rows, call.actor, call.path["webhook_id"])
        if isinstance(known, Refused):
            return known
        return call.current(known.document()) or hooks.change(tx, terms, call.actor, known, call.body)

    def rotate(tx: Transaction, call: Call[Nothing, None]) -> WebhookMade | Refused:
        return hooks.rotate(tx, terms, call.actor, call.path["webhook_id"])

    def redeliver(tx: Transaction, call: Call[Nothing, None]) -> Delivery | Refused:
        delivery_id = int(call.path["delivery_id"])
        return log.redeliver(tx, call.actor, call.path["webhook_id"], delivery_id, keep_trying_ms)

    return (
        Route(
            method="GET",
            path="/webhooks",
            name="list_webhooks",
            summary="Webhooks",
            scope="manage:webhooks",
            answer=WebhookList,
            read=_list,
        ),
        Route(
            method="POST",
            path="/webhooks",
            name="create_webhook",
            summary="Tells an address what happens from now on; the answer holds the secret, once",
            scope="manage:webhooks",
            body=NewWebhook,
            answer=WebhookMade,
            status=201,
            write=create,
        ),
        Route(
            method="GET",
            path="/webhooks/{webhook_id}",
            name="read_webhook",
            summary="One webhook",
            scope="manage:webhooks",
            answer=WebhookDocument,
            etag=True,
            read=_read,
        ),
        Route(
            method="PATCH",
            path="/webhooks/{webhook_id}",
            name="change_webhook",
            summary="Changes, pauses or goes on",
            scope="manage:webhooks",
            body=WebhookChange,
            answer=WebhookDocument,
            etag=True,
            matches=True,
            write=change,
        ),
        Route(
            method="DELETE",
            path="/webhooks/{webhook_id}",
            name="remove_webhook",
            summary="Tells nothing more",
            scope="manage:webhooks",
            answer=None,
            status=204,
            write=_remove,
        ),
        Route(
            method="POST",
            path="/webhooks/{webhook_id}/rotate",
            name="rotate_webhook_secret",
            summary="A new secret; for a day messages are signed under both",
            scope="manage:webhooks",
            answer=WebhookMade,
            write=rotate,
        ),
        Route(
            method="GET",
            path="/webhooks/{webhook_id}/deliveries",
            name="list_deliveries",
            summary="What was told when, and how it was taken",
            scope="manage:webhooks",
            query=DeliveryQuery,
            answer=DeliveryPage,
            read=_deliveries,
        ),
        Route(
            method="POST",
            path="/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
            name="redeliver",
            summary="Tells one event once more",
            scope="manage:webhooks",
            answer=Delivery,
            write=redeliver,
        ),
    )
