"""Subscriptions: who is told of what, under which secret."""

import json
from dataclasses import dataclass
from typing import Annotated, Final, Literal, cast

from msgspec import Meta, Struct

from relay_server.engine import audit
from relay_server.engine.bus import Wake
from relay_server.engine.history import newest_position
from relay_server.engine.journal import Row, Transaction
from relay_server.engine.raw import Rows, first
from relay_server.identity.actors import KeyActor
from relay_server.identity.permissions import refuse
from relay_server.webhooks.reach import URL_MAX, Reach
from relay_server.webhooks.rules import KINDS, missing_scopes
from relay_server.webhooks.sealing import Seal, new_secret, shown
from shared.common.ids import new_id
from shared.protocol.frames import Refused
from shared.protocol.types import Code, Id, Millis, Name

HOOKS_MAX: Final = 50
FOLD: Final = "webhooks"
TOPIC: Final = "webhooks"
"""Of the wake after a subscription was made or changed, or something is due."""
DUE: Final = Wake(TOPIC)
OVERLAP_MS: Final = 24 * 3_600_000

Url = Annotated[str, Meta(min_length=1, max_length=URL_MAX)]
Kinds = Annotated[tuple[Code, ...], Meta(min_length=1, max_length=60)]


class NewWebhook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes to subscribe; `kinds` are kinds of events."""

    name: Name
    url: Url
    kinds: Kinds


class WebhookChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays. What happens while it is paused is told afterwards, as far as its backlog reaches."""

    name: Name | None = None
    url: Url | None = None
    kinds: Kinds | None = None
    paused: bool | None = None


class WebhookDocument(Struct, frozen=True, kw_only=True):
    """A subscription. Until `old_secret_until_ms` messages are signed under the former secret as well."""

    webhook_id: Id
    name: Name
    url: Url
    kinds: tuple[Code, ...]
    paused: bool
    created_ms: Millis
    old_secret_until_ms: Millis


class WebhookMade(Struct, frozen=True, kw_only=True):
    """With the secret, which nobody can ask for again."""

    webhook: WebhookDocument
    secret: str


@dataclass(frozen=True, slots=True)
class Hook:
    """A subscription as its row has it; secrets are sealed."""

    webhook_id: str
    name: str
    url: str
    kinds: tuple[str, ...]
    secret: str
    old_secret: str
    old_until_ms: int
    state: Literal["on", "paused", "removed"]
    made_by: str
    created_ms: int
    from_position: int
    waiting: int

    def document(self) -> WebhookDocument:
        """As others read it."""
        return WebhookDocument(
            webhook_id=self.webhook_id,
            name=self.name,
            url=self.url,
            kinds=self.kinds,
            paused=self.state == "paused",
            created_ms=self.created_ms,
            old_secret_until_ms=self.old_until_ms,
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """Where messages may go and what seals secrets."""

    reach: Reach
    seal: Seal


_SELECT: Final = (
    "SELECT id, name, url, kinds, secret, old_secret, old_until_ms, state, made_by, created_ms, from_position, waiting"
    " FROM webhooks "
)


def every(rows: Rows) -> list[Hook]:
    """Those that are not removed, the oldest first."""
    return [_hook(row) for row in rows(_SELECT + "WHERE state <> 'removed' ORDER BY id", ())]


def by_id(rows: Rows, webhook_id: str) -> Hook | None:
    """One that is not removed."""
    found = first(rows(_SELECT + "WHERE id = ? AND state <> 'removed'", (webhook_id,)))
    return _hook(found) if found else None


def find(rows: Rows, actor: KeyActor, webhook_id: str) -> Hook | Refused:
    """One that the asker may manage: whose kinds it might read itself. Refused: `not_allowed`, `not_found`."""
    if refused := refuse(actor, "webhook.manage"):
        return refused
    found = by_id(rows, webhook_id)
    if found is None or missing_scopes([each for each in found.kinds if each in KINDS], actor.scopes):
        return Refused(code="not_found")
    return found


def listed(rows: Rows, actor: KeyActor) -> list[WebhookDocument] | Refused:
    """Those that the asker may manage."""
    if refused := refuse(actor, "webhook.manage"):
        return refused
    return [each.document() for each in every(rows) if not isinstance(find(rows, actor, each.webhook_id), Refused)]


def create(tx: Transaction, terms: Terms, actor: KeyActor, new: NewWebhook) -> WebhookMade | Refused:
    """From now on. Refused: `not_allowed`, `form_invalid` (names the fields), `store_full`."""
    if refused := refuse(actor, "webhook.manage") or _check(terms, actor, new.url, new.kinds):
        return refused
    known = every(tx.rows)
    if len(known) >= HOOKS_MAX:
        return Refused(code="store_full")
    position = newest_position(tx.rows)
    if not known:
        _skip_the_past(tx, position)
    webhook_id, secret = new_id(), new_secret()
    tx.run(
        "INSERT INTO webhooks (id, name, url, kinds, secret, old_secret, old_until_ms, state, made_by, created_ms,"
        " from_position, waiting) VALUES (?,?,?,?,?,'',0,'on',?,?,?,0)",
        (
            webhook_id,
            new.name,
            new.url,
            json.dumps(sorted(set(new.kinds))),
            terms.seal.close(secret, webhook_id),
            actor.id,
            tx.now_ms,
            position,
        ),
    )
    audit.record(tx, actor.id, "webhook_created", webhook_id, new.url)
    tx.after_commit(DUE)
    made = find(tx.rows, actor, webhook_id)
    return made if isinstance(made, Refused) else WebhookMade(webhook=made.document(), secret=shown(secret))


def change(
    tx: Transaction, terms: Terms, actor: KeyActor, known: Hook, wanted: WebhookChange
) -> WebhookDocument | Refused:
    """Refused: `not_allowed`, `form_invalid`."""
    url, kinds = wanted.url or known.url, wanted.kinds or known.kinds
    if refused := refuse(actor, "webhook.manage") or _check(terms, actor, url, kinds):
        return refused
    paused = known.state == "paused" if wanted.paused is None else wanted.paused
    tx.run(
        "UPDATE webhooks SET name = ?, url = ?, kinds = ?, state = ? WHERE id = ?",
        (
            wanted.name or known.name,
            url,
            json.dumps(sorted(set(kinds))),
            "paused" if paused else "on",
            known.webhook_id,
        ),
    )
    audit.record(tx, actor.id, "webhook_changed", known.webhook_id, url)
    tx.after_commit(DUE)
    again = find(tx.rows, actor, known.webhook_id)
    return again if isinstance(again, Refused) else again.document()


def remove(tx: Transaction, actor: KeyActor, webhook_id: str) -> Refused | None:
    """Nothing more is told; what was logged is swept away later. Refused: `not_allowed`, `not_found`."""
    found = find(tx.rows, actor, webhook_id)
    if isinstance(found, Refused):
        return found
    tx.run("UPDATE webhooks SET state = 'removed', secret = '', old_secret = '' WHERE id = ?", (webhook_id,))
    audit.record(tx, actor.id, "webhook_removed", webhook_id, found.url)
    return None


def rotate(tx: Transaction, terms: Terms, actor: KeyActor, webhook_id: str) -> WebhookMade | Refused:
    """A new secret; for a day messages are signed under both. Refused: `not_allowed`, `not_found`, `already_exists`
    (two are good already)."""
    found = find(tx.rows, actor, webhook_id)
    if isinstance(found, Refused):
        return found
    if found.old_until_ms > tx.now_ms:
        return Refused(code="already_exists", params={"name": found.name})
    secret = new_secret()
    tx.run(
        "UPDATE webhooks SET secret = ?, old_secret = ?, old_until_ms = ? WHERE id = ?",
        (terms.seal.close(secret, webhook_id), found.secret, tx.now_ms + OVERLAP_MS, webhook_id),
    )
    audit.record(tx, actor.id, "webhook_secret_rotated", webhook_id)
    again = find(tx.rows, actor, webhook_id)
    return again if isinstance(again, Refused) else WebhookMade(webhook=again.document(), secret=shown(secret))


def pause_of(tx: Transaction, key_id: str) -> int:
    """Pauses what a key subscribed to, when it is revoked; how many that were."""
    return tx.run("UPDATE webhooks SET state = 'paused' WHERE made_by = ? AND state = 'on'", (key_id,))


def _check(terms: Terms, actor: KeyActor, url: str, kinds: tuple[str, ...]) -> Refused | None:
    if problem := terms.reach.problem(url):
        return Refused(code="form_invalid", params={"fields": "url", "why": problem})
    if unknown := sorted(set(kinds) - KINDS):
        return Refused(code="form_invalid", params={"fields": "kinds", "why": ",".join(unknown)[:400]})
    if missing := missing_scopes(kinds, actor.scopes):
        return Refused(code="not_allowed", params={"scope": ",".join(missing)})
    return None


def _skip_the_past(tx: Transaction, position: int) -> None:
    """While nobody was subscribed nobody followed; nobody needs what happened then."""
    tx.run(
        "INSERT INTO fold_cursors (name, position) VALUES (?,?) ON CONFLICT (name) DO UPDATE"
        " SET position = excluded.position WHERE fold_cursors.position < excluded.position",
        (FOLD, position),
    )


def _hook(row: Row) -> Hook:
    webhook_id, name, url, kinds, *rest = row
    return Hook(webhook_id, name, url, tuple(cast("list[str]", json.loads(kinds))), *rest)
