"""The command line of the outside interface: `api-key`, `webhook`, `export`, `import`."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from relay_server.app import Adapters
from relay_server.commands import api_key, exchange, webhook
from relay_server.exchange.tables import TABLES
from relay_server.identity.api_keys import DAYS_MAX, ApiKey, Made
from relay_server.identity.scopes import SCOPES
from relay_server.settings import Resolved
from relay_server.webhooks.log import Delivery
from shared.common.clock import now_ms
from shared.strings import text as words

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """`adapters` opens the store; `say` prints a line."""

    adapters: Adapters
    say: Callable[[str], None]

    # Keys

    def create_key(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`api-key create`."""
        made = _run(api_key.create(resolved.settings, self.adapters, options.name, options.scope, options.days))
        return self._say_secret(made)

    def rotate_key(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`api-key rotate`."""
        made = _run(api_key.rotate(resolved.settings, self.adapters, options.name, options.days, options.overlap_hours))
        return self._say_secret(made)

    def revoke_key(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`api-key revoke`."""
        revoked, paused = _run(api_key.revoke(resolved.settings, self.adapters, options.name))
        self.say(words("relay.api_key_revoked", name=revoked.name, webhooks=paused))
        return 0

    def list_keys(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`api-key list`."""
        del options
        at_ms = now_ms()
        for key, secrets in _run(api_key.listed(resolved.settings, self.adapters)):
            for each in secrets:
                used = _moment(each.last_used_ms) if each.last_used_ms else words("relay.api_key_unused")
                self.say(
                    words(
                        "relay.api_key_line",
                        name=key.name,
                        prefix=each.prefix,
                        state=_state(key, each.expires_ms, at_ms),
                        end=_moment(each.expires_ms),
                        used=used,
                        scopes=" ".join(key.scopes),
                    )
                )
        return 0

    # Webhooks

    def list_hooks(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`webhook list`."""
        del options
        for each in _run(webhook.listed(resolved.settings, self.adapters)):
            self.say(
                words(
                    "relay.webhook_line",
                    id=each.webhook_id,
                    name=each.name,
                    state=words(f"relay.webhook_{each.state}"),
                    waiting=each.waiting,
                    url=each.url,
                )
            )
        return 0

    def hook_log(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`webhook log`."""
        for each in _run(
            webhook.log_of(resolved.settings, self.adapters, options.webhook, options.state, options.last)
        ):
            self.say(_delivery_line(each))
        return 0

    def redeliver(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`webhook redeliver`."""
        told = _run(webhook.redeliver(resolved.settings, self.adapters, options.webhook, options.delivery))
        self.say(_delivery_line(told))
        return 0

    # Tables

    def export(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`export`."""
        asked = exchange.Outgoing(options.kind, options.to, options.format, options.notes)
        _run(exchange.export(resolved.settings, self.adapters, asked))
        self.say(words("relay.exported", kind=options.kind, path=str(options.to)))
        return 0

    def take(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`import`."""
        asked = exchange.Incoming(options.kind, options.file, options.format, options.dry_run)
        report = _run(exchange.take(resolved.settings, self.adapters, asked))
        for each in report.errors:
            self.say(words("relay.import_error", line=each.line, code=each.code, detail=each.detail))
        key = "relay.import_tried" if report.dry_run else "relay.imported"
        self.say(words(key, created=report.created, changed=report.changed, same=report.same, failed=report.failed))
        if not report.whole:
            self.say(words("relay.import_stopped"))
        return 1 if report.failed else 0

    def _say_secret(self, made: Made) -> int:
        self.say(words("relay.api_key_made", name=made.key.name, end=_moment(made.expires_ms), secret=made.secret))
        return 0


def add(line: OutsideLine, commands: Any) -> None:
    """Puts the commands on the command line."""
    _keys(line, _group(commands, "api-key", "relay.help_api_key"))
    _hooks(line, _group(commands, "webhook", "relay.help_webhook"))
    out = _command(commands, "export", "relay.help_export", line.export)
    out.add_argument("kind", choices=(*TABLES, "conversations"), help=words("relay.help_export_kind"))
    out.add_argument("to", type=Path, help=words("relay.help_export_to"))
    out.add_argument("--notes", action="store_true", help=words("relay.help_export_notes"))
    into = _command(commands, "import", "relay.help_import", line.take)
    into.add_argument("kind", choices=tuple(TABLES), help=words("relay.help_export_kind"))
    into.add_argument("file", type=Path, help=words("relay.help_import_file"))
    into.add_argument("--dry-run", action="store_true", help=words("relay.help_import_dry_run"))
    for each in (out, into):
        each.add_argument("--format", choices=("csv", "json"), default="csv", help=words("relay.help_export_format"))


def _keys(line: OutsideLine, subs: Any) -> None:
    create = _command(subs, "create", "relay.help_api_key_create", line.create_key)
    create.add_argument("--scope", action="append", required=True, choices=SCOPES, help=words("relay.help_api_scope"))
    rotate = _command(subs, "rotate", "relay.help_api_key_rotate", line.rotate_key)
    rotate.add_argument(
        "--overlap-hours", type=int, choices=range(721), default=72, metavar="HOURS", help=words("relay.help_overlap")
    )
    revoke = _command(subs, "revoke", "relay.help_api_key_revoke", line.revoke_key)
    _command(subs, "list", "relay.help_api_key_list", line.list_keys)
    for each in (create, rotate, revoke):
        each.add_argument("name", help=words("relay.help_api_name"))
    for each in (create, rotate):
        each.add_argument(
            "--days",
            type=int,
            choices=range(1, DAYS_MAX + 1),
            default=90,
            metavar="DAYS",
            help=words("relay.help_api_days"),
        )


def _hooks(line: OutsideLine, subs: Any) -> None:
    _command(subs, "list", "relay.help_webhook_list", line.list_hooks)
    log = _command(subs, "log", "relay.help_webhook_log", line.hook_log)
    log.add_argument("--state", choices=("waiting", "done", "dead"), default=None, help=words("relay.help_hook_state"))
    log.add_argument("--last", type=int, choices=range(1, 1001), default=50, metavar="COUNT")
    again = _command(subs, "redeliver", "relay.help_webhook_redeliver", line.redeliver)
    for each in (log, again):
        each.add_argument("webhook", help=words("relay.help_hook_id"))
    again.add_argument("delivery", type=int, help=words("relay.help_delivery"))


def _group(commands: Any, name: str, help_key: str) -> Any:
    group = commands.add_parser(name, help=words(help_key), description=words(help_key))
    return group.add_subparsers(required=True, metavar="COMMAND")


def _command(commands: Any, name: str, help_key: str, carry_out: Callable[[argparse.Namespace, Resolved], int]) -> Any:
    parser = commands.add_parser(name, help=words(help_key), description=words(help_key))
    parser.add_argument("--dir", default=argparse.SUPPRESS, help=words("relay.help_dir"))
    parser.set_defaults(carry_out=carry_out)
    return parser


def _state(key: ApiKey, expires_ms: int, at_ms: int) -> str:
    if key.revoked_ms:
        return words("relay.api_key_is_revoked")
    return words("relay.api_key_is_good" if expires_ms > at_ms else "relay.api_key_is_over")


def _delivery_line(each: Delivery) -> str:
    last = each.attempts[-1] if each.attempts else None
    return words(
        "relay.delivery_line",
        id=each.delivery_id,
        at=_moment(each.created_ms),
        event=each.event_id,
        kind=each.kind,
        object=each.object,
        state=words(f"relay.delivery_{each.state}"),
        tries=len(each.attempts),
        status=last.status if last else 0,
        took=last.took_ms if last else 0,
        error=(last.error if last else "") or "-",
    )


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%MZ")


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
