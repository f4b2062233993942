"""The command line of backups: `backup`, `backup-key` and `restore`."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from relay_server.app import Adapters
from relay_server.commands import backup, recording_key, restore
from relay_server.commands.store import CommandRefused
from relay_server.settings import Resolved
from shared.common.sealed import keyfile
from shared.common.sealed.keys import KeyPair, key_id
from shared.strings import text as words

_FAILED: Final = 1
_STANDARD_OUTPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class BackupLine:
    """`adapters` opens the store; `say` prints a line."""

    adapters: Adapters
    say: Callable[[str], None]

    def back_up(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`backup`."""
        settings = resolved.settings
        public = None if options.plain else backup.key_of(settings, options.key)
        target = None if options.to == _STANDARD_OUTPUT else Path(options.to)
        made = asyncio.run(backup.run(settings, self.adapters, target, public))
        tell = self.say if target is not None else _aside
        sealed = words("relay.backup_sealed_to", key=key_id(public)) if public else words("relay.backup_plain")
        tell(words("relay.backed_up", path=str(options.to)))
        tell(words("relay.backup_digest", digest=made.digest, sealed=sealed))
        if made.missing:
            tell(words("relay.backup_missing", count=len(made.missing), names=", ".join(made.missing[:5])))
        return _FAILED if made.missing else 0

    def key(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`backup-key`."""
        if options.action == "create":
            passphrase = recording_key.create(options.file, keyfile.BACKUP)
            self.say(words("relay.backup_key_made", path=str(options.file), passphrase=passphrase))
            return 0
        public = backup.key_of(resolved.settings, options.file)
        asyncio.run(backup.use_key(resolved.settings, self.adapters, public))
        self.say(words("relay.backup_key_used", key=key_id(public)))
        return 0

    def bring_back(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`restore`."""
        pair = _pair(options) if restore.is_sealed(options.archive) else None
        back = restore.run(options.archive, resolved.settings.data_dir, pair)
        made = datetime.fromtimestamp(back.made_ms / 1000, UTC).isoformat(sep=" ", timespec="seconds")
        self.say(
            words("relay.restored", path=str(resolved.settings.data_dir), made=made, rows=back.rows, files=back.files)
        )
        if back.missing:
            self.say(words("relay.backup_missing", count=len(back.missing), names=", ".join(back.missing[:5])))
        return 0


def add(line: BackupLine, commands: Any) -> None:
    """Puts the three commands on the command line."""
    to_file = _made(commands, "backup", "relay.help_backup", line.back_up)
    to_file.add_argument("to", help=words("relay.help_backup_to"))
    to_file.add_argument("--key", type=Path, default=None, help=words("relay.help_backup_pub"))
    to_file.add_argument("--plain", action="store_true", help=words("relay.help_backup_plain"))
    key = _made(commands, "backup-key", "relay.help_backup_key", line.key)
    key.add_argument("action", choices=("create", "use"), help=words("relay.help_recording_action"))
    key.add_argument("file", type=Path, help=words("relay.help_recording_file"))
    back = _made(commands, "restore", "relay.help_restore", line.bring_back)
    back.add_argument("archive", type=Path, help=words("relay.help_restore_archive"))
    back.add_argument("--key", type=Path, default=None, help=words("relay.help_restore_key"))
    back.add_argument("--passphrase-file", type=Path, default=None, help=words("relay.help_passphrase"))


def _made(commands: Any, name: str, help_key: str, carry_out: Callable[[argparse.Namespace, Resolved], int]) -> Any:
    parser = commands.add_parser(name, help=words(help_key), description=words(help_key))
    parser.add_argument("--dir", default=argparse.SUPPRESS, help=words("relay.help_dir"))
    parser.set_defaults(carry_out=carry_out)
    return parser


def _pair(options: argparse.Namespace) -> KeyPair:
    if options.key is None:
        raise CommandRefused("backup_sealed")
    if options.passphrase_file is not None:
        passphrase = str(options.passphrase_file.read_text("utf-8")).strip()
    else:
        passphrase = getpass.getpass(words("relay.backup_passphrase"))
    try:
        return keyfile.unlock(options.key.read_bytes(), passphrase, kind=keyfile.BACKUP)
    except keyfile.KeyFileError as error:
        raise CommandRefused("backup_key_wrong", path=str(options.key)) from error


def _aside(line: str) -> None:
    """Standard output carries the archive."""
    sys.stderr.write(line + "\n")
