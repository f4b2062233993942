"""The command line of keys: `org-key` (files only) and `agent-keys` (the relay's store)."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay_server.app import Adapters
from relay_server.commands import agent_keys, org_key
from relay_server.commands.store import CommandRefused
from relay_server.identity import bundle, organisation_key
from relay_server.identity.organisation_key import VALID_DAYS, OrganisationKey
from relay_server.settings import Resolved
from shared.common.clock import now_ms
from shared.protocol.messages.trust import AgentCertificate, KeyRequest, RecordingKey
from shared.rules.statements import short_name
from shared.strings import text as words

Made = Callable[[str, str, Callable[[argparse.Namespace, Resolved], int]], Any]
"""Adds a command: name, help, what carries it out."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """`adapters` opens the store; `say` prints a line."""

    adapters: Adapters
    say: Callable[[str], None]

    # The organisation's key, on files alone

    def create(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`org-key create`."""
        del resolved
        key = org_key.create(options.key, options.organisation, _passphrase(options, twice=True))
        bundle.write(options.bundle, bundle.Bundle(organisation_key=key.public))
        self._say_key(key.public, options.key)
        return 0

    def show(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`org-key show`."""
        del resolved
        self._say_key(organisation_key.read(options.key).public, options.key)
        return 0

    def certify(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`org-key certify`."""
        del resolved
        self._certify(options, self._open(options), options.bundle)
        return 0

    def revoke(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`org-key revoke`."""
        del resolved
        for each in org_key.revoke(self._open(options), options.bundle, options.who, now_ms()):
            self._say_certificate("relay.key_revoked", each)
        return 0

    def rotate(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`org-key rotate`."""
        del resolved
        passphrase = _passphrase(options)
        old = org_key.opened(options.key, passphrase)
        new = org_key.rotate(old, options.new_key, options.bundle, passphrase, now_ms())
        self._say_key(new.public, options.new_key)
        return 0

    # The relay's store

    def listed(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`agent-keys list`."""
        del options
        for each in asyncio.run(agent_keys.listed(resolved.settings, self.adapters)):
            asked, held = each.request, each.certificate
            state = words("relay.key_has", serial=held.serial) if held else words("relay.key_waits")
            line = words(
                "relay.key_line", username=each.username, key=short_name(asked.key), device=asked.device, state=state
            )
            self.say(line)
        return 0

    def exported(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`agent-keys export`."""
        asyncio.run(agent_keys.export(resolved.settings, self.adapters, options.bundle))
        self.say(words("relay.backed_up", path=str(options.bundle)))
        return 0

    def imported(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`agent-keys import`."""
        taken = asyncio.run(agent_keys.take(resolved.settings, self.adapters, options.bundle))
        self.say(words("relay.keys_taken", count=taken.count))
        return 0

    def certify_here(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`agent-keys certify`: all on one machine, while the key still lies there."""
        settings = resolved.settings
        options.key = options.key or settings.organisation_key_file
        key = self._open(options)
        path = settings.data_dir / "keys.json"
        asyncio.run(agent_keys.export(settings, self.adapters, path))
        try:
            self._certify(options, key, path)
            asyncio.run(agent_keys.take(settings, self.adapters, path))
        finally:
            path.unlink(missing_ok=True)
        return 0

    def _certify(self, options: argparse.Namespace, key: OrganisationKey, path: Path) -> None:
        def agree(asked: KeyRequest | RecordingKey) -> bool:
            if isinstance(asked, RecordingKey):
                return options.yes or _yes(words("relay.recording_key_asks", key=short_name(asked.key)))
            if options.only and not {asked.name, asked.agent_id, short_name(asked.key)} & set(options.only):
                return False
            line = words("relay.key_asks", name=asked.name, device=asked.device, key=short_name(asked.key))
            return options.yes or _yes(line)

        signed = org_key.certify(key, path, agree, now_ms(), options.days)
        for each in signed.certificates:
            self._say_certificate("relay.key_certified", each)
        for each in signed.recording_keys:
            self.say(words("relay.recording_key_signed", key=short_name(each.key)))

    def _open(self, options: argparse.Namespace) -> OrganisationKey:
        return org_key.opened(options.key, _passphrase(options))

    def _say_key(self, public: str, path: Path) -> None:
        self.say(words("relay.key_public", key=public, short=short_name(public), path=str(path)))

    def _say_certificate(self, key: str, each: AgentCertificate) -> None:
        self.say(words(key, name=each.name, key=short_name(each.key), serial=each.serial))


def add(line: KeyLine, commands: Any) -> None:
    """Puts both groups of commands on the command line."""
    _org_key(line, _group(commands, "org-key", "relay.help_org_key"))
    _agent_keys(line, _group(commands, "agent-keys", "relay.help_agent_keys"))


def _group(commands: Any, name: str, help_key: str) -> Made:
    group = commands.add_parser(name, help=words(help_key), description=words(help_key))
    subs = group.add_subparsers(required=True, metavar="COMMAND")

    def made(sub: str, help_key: str, carry_out: Callable[[argparse.Namespace, Resolved], int]) -> Any:
        parser = subs.add_parser(sub, help=words(help_key), description=words(help_key))
        parser.add_argument("--dir", default=argparse.SUPPRESS, help=words("relay.help_dir"))
        parser.set_defaults(carry_out=carry_out)
        return parser

    return made


def _org_key(line: KeyLine, made: Made) -> None:
    create = made("create", "relay.help_key_create", line.create)
    create.add_argument("--organisation", required=True, help=words("relay.help_organisation"))
    show = made("show", "relay.help_key_show", line.show)
    certify = made("certify", "relay.help_key_certify", line.certify)
    _certify_options(certify)
    revoke = made("revoke", "relay.help_key_revoke", line.revoke)
    revoke.add_argument("who", nargs="+", help=words("relay.help_key_who"))
    rotate = made("rotate", "relay.help_key_rotate", line.rotate)
    rotate.add_argument("--new-key", type=Path, required=True, help=words("relay.help_key_new"))
    for each in (create, show, certify, revoke, rotate):
        each.add_argument("--key", type=Path, required=True, help=words("relay.help_key_file"))
    for each in (create, certify, revoke, rotate):
        _passphrase_option(each)
        each.add_argument("--bundle", type=Path, required=True, help=words("relay.help_key_bundle"))


def _agent_keys(line: KeyLine, made: Made) -> None:
    made("list", "relay.help_keys_list", line.listed)
    exported = made("export", "relay.help_keys_export", line.exported)
    imported = made("import", "relay.help_keys_import", line.imported)
    for each in (exported, imported):
        each.add_argument("bundle", type=Path, help=words("relay.help_key_bundle"))
    here = made("certify", "relay.help_keys_certify", line.certify_here)
    here.add_argument("--key", type=Path, default=None, help=words("relay.help_key_file"))
    _passphrase_option(here)
    _certify_options(here)


def _certify_options(parser: Any) -> None:
    parser.add_argument("--only", action="append", default=[], help=words("relay.help_key_only"))
    parser.add_argument("--days", type=int, choices=range(1, 1096), default=VALID_DAYS, metavar="DAYS")
    parser.add_argument("--yes", action="store_true", help=words("relay.help_key_yes"))


def _passphrase_option(parser: Any) -> None:
    parser.add_argument("--passphrase-file", type=Path, default=None, help=words("relay.help_passphrase"))


def _passphrase(options: argparse.Namespace, *, twice: bool = False) -> str:
    """From the file, else from the person. Raises CommandRefused when the two entries differ."""
    if options.passphrase_file is not None:
        return str(options.passphrase_file.read_text("utf-8")).strip()
    first = getpass.getpass(words("relay.passphrase_prompt"))
    if twice and getpass.getpass(words("relay.passphrase_again")) != first:
        raise CommandRefused("passphrase_differs")
    return first


def _yes(line: str) -> bool:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes", "是")
