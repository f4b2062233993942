"""The command line of records: `audit`, `retention` and `person`."""

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args

from relay_server.app import Adapters
from relay_server.commands import audit, person, retention
from relay_server.commands.audit import Wanted
from relay_server.engine.audit import Broken
from relay_server.organisation.store import Kept
from relay_server.settings import Resolved
from shared.strings import text as words

_DAYS: Final = range(36_501)
_FAILED: Final = 1
Made = Callable[[str, str, Callable[[argparse.Namespace, Resolved], int]], Any]


@dataclass(frozen=True, slots=True)
class RecordsLine:
    """`adapters` opens the store; `say` prints a line."""

    adapters: Adapters
    say: Callable[[str], None]

    # audit

    def verify(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`audit verify`."""
        held = asyncio.run(audit.verify(resolved.settings, self.adapters, options.against))
        if isinstance(held, Broken):
            self.say(words("relay.audit_not_kept" if held.kept else "relay.audit_broken", row=held.row_id))
            return _FAILED
        self.say(words("relay.audit_holds", count=held.rows, row=held.head.row_id, digest=held.head.digest))
        if held.cut.row_id:
            self.say(words("relay.audit_was_cut", row=held.cut.row_id, count=held.untold))
        if options.anchor is not None:
            audit.append_anchor(options.anchor, held.head, datetime.now(UTC))
        return 0

    def listed(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`audit list`."""
        wanted = Wanted(options.actor, options.action_name, options.subject, options.limit)
        for line in asyncio.run(audit.newest(resolved.settings, self.adapters, wanted)):
            self.say(line)
        return 0

    def exported(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`audit export`."""
        count = asyncio.run(audit.export(resolved.settings, self.adapters, options.to))
        self.say(words("relay.rows_written", count=count, path=str(options.to)))
        return 0

    # retention

    def schedule(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`retention show`."""
        del options
        for kind, days in asyncio.run(retention.schedule(resolved.settings, self.adapters)).items():
            kept = words("relay.retention_days", days=days) if days else words("relay.retention_ever")
            self.say(f"{kind}: {kept}")
        return 0

    def keep(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`retention set`."""
        asyncio.run(retention.keep(resolved.settings, self.adapters, options.kind, options.days))
        return self.schedule(options, resolved)

    def sweep(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`retention run`."""
        del options
        asyncio.run(retention.sweep(resolved.settings, self.adapters))
        self.say(words("relay.retention_done"))
        return 0

    # person

    def find(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`person find`."""
        for each in asyncio.run(person.find(resolved.settings, self.adapters, options.words)):
            held = words("relay.person_on_hold") if each.held else ""
            self.say(f"{each.customer_id}  {each.name}  {each.email}  {each.phone}  {held}".rstrip())
        return 0

    def write_out(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`person export`."""
        count = asyncio.run(person.write_out(resolved.settings, self.adapters, options.customer, options.to))
        self.say(words("relay.rows_written", count=count, path=str(options.to)))
        return 0

    def erase(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`person delete`."""
        erased, clean = asyncio.run(person.erase(resolved.settings, self.adapters, options.customer))
        self.say(
            words(
                "relay.person_erased",
                conversations=erased.conversations,
                tickets=erased.tickets,
                recordings=erased.recordings,
            )
        )
        self.say(words("relay.person_stays", id=options.customer))
        if not clean:
            self.say(words("relay.person_soon"))
        return 0

    def hold(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`person hold`."""
        asyncio.run(person.hold(resolved.settings, self.adapters, options.customer, options.reason))
        self.say(words("relay.person_held", id=options.customer))
        return 0

    def release(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`person release`."""
        asyncio.run(person.release(resolved.settings, self.adapters, options.customer))
        self.say(words("relay.person_released", id=options.customer))
        return 0


def add(line: RecordsLine, commands: Any) -> None:
    """Puts the three groups of commands on the command line."""
    _audit(line, _group(commands, "audit", "relay.help_audit"))
    _retention(line, _group(commands, "retention", "relay.help_retention"))
    _person(line, _group(commands, "person", "relay.help_person"))


def _group(commands: Any, name: str, help_key: str) -> Made:
    group = commands.add_parser(name, help=words(help_key), description=words(help_key))
    return partial(_made, group.add_subparsers(required=True, metavar="COMMAND"))


def _made(subs: Any, sub: str, help_key: str, carry_out: Callable[[argparse.Namespace, Resolved], int]) -> Any:
    parser = subs.add_parser(sub, help=words(help_key), description=words(help_key))
    parser.add_argument("--dir", default=argparse.SUPPRESS, help=words("relay.help_dir"))
    parser.set_defaults(carry_out=carry_out)
    return parser


def _audit(line: RecordsLine, made: Made) -> None:
    verify = made("verify", "relay.help_audit_verify", line.verify)
    verify.add_argument("--against", type=Path, default=None, help=words("relay.help_audit_against"))
    verify.add_argument("--anchor", type=Path, default=None, help=words("relay.help_audit_anchor"))
    listed = made("list", "relay.help_audit_list", line.listed)
    listed.add_argument("--actor", default="", help=words("relay.help_audit_actor"))
    listed.add_argument("--action", dest="action_name", default="", help=words("relay.help_audit_action"))
    listed.add_argument("--subject", default="", help=words("relay.help_audit_subject"))
    listed.add_argument(
        "--limit", type=int, choices=range(1, 10_001), default=50, metavar="N", help=words("relay.help_audit_limit")
    )
    made("export", "relay.help_audit_export", line.exported).add_argument(
        "to", type=Path, help=words("relay.help_new_file")
    )


def _retention(line: RecordsLine, made: Made) -> None:
    made("show", "relay.help_retention_show", line.schedule)
    keep = made("set", "relay.help_retention_set", line.keep)
    keep.add_argument("kind", choices=get_args(Kept), help=words("relay.help_retention_kind"))
    keep.add_argument("days", type=int, choices=_DAYS, metavar="DAYS", help=words("relay.help_retention_days"))
    made("run", "relay.help_retention_run", line.sweep)


def _person(line: RecordsLine, made: Made) -> None:
    made("find", "relay.help_person_find", line.find).add_argument("words", help=words("relay.help_person_words"))
    export = made("export", "relay.help_person_export", line.write_out)
    delete = made("delete", "relay.help_person_delete", line.erase)
    hold = made("hold", "relay.help_person_hold", line.hold)
    release = made("release", "relay.help_person_release", line.release)
    for each in (export, delete, hold, release):
        each.add_argument("customer", help=words("relay.help_person_id"))
    export.add_argument("to", type=Path, help=words("relay.help_new_file"))
    hold.add_argument("--reason", default="", help=words("relay.help_person_reason"))
