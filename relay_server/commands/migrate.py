"""`threeline-relay migrate --to postgresql://...`: moves an SQLite installation to PostgreSQL and proves it."""

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay_server.app import Adapters
from relay_server.commands.store import CommandRefused, settled
from relay_server.engine import audit, lock, migrate
from relay_server.engine.bus import Bus
from relay_server.engine.dump import Sum
from relay_server.engine.journal_sqlite import open_journal
from relay_server.engine.load import LoadError
from relay_server.settings import Resolved, Settings, masked
from shared.strings import text as words


@dataclass(frozen=True, slots=True)
class MigrateLine:
    """`adapters` has the bus for commands; `say` prints a line."""

    adapters: Adapters
    say: Callable[[str], None]

    def carry_out(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`migrate`."""
        settings = resolved.settings
        password = options.password_file.read_text("utf-8").strip() if options.password_file else ""
        moved = asyncio.run(run(settings, self.adapters.bus, options.to, password))
        for name, each in moved.items():
            self.say(words("relay.moved_table", name=name, rows=each.rows, digest=each.digest))
        self.say(words("relay.moved", url=options.to, path=str(moved_path(settings))))
        return 0


def add(line: MigrateLine, commands: Any) -> None:
    """Puts the command on the command line."""
    parser = commands.add_parser("migrate", help=words("relay.help_migrate"), description=words("relay.help_migrate"))
    parser.add_argument("--dir", default=argparse.SUPPRESS, help=words("relay.help_dir"))
    parser.add_argument("--to", required=True, metavar="URL", help=words("relay.help_migrate_to"))
    parser.add_argument("--password-file", type=Path, default=None, help=words("relay.help_migrate_password"))
    parser.set_defaults(carry_out=line.carry_out)


async def run(settings: Settings, bus: Bus, url: str, password: str) -> dict[str, Sum]:
    """All rows, or none: the file is set aside only once the database has committed. No relay may be running.

    Raises CommandRefused (`not_set_up`, `target_not_empty`, `move_failed`) and ConfigError.
    """
    if not settings.store_file.is_file():
        raise CommandRefused("not_set_up", path=str(settings.data_dir))
    from relay_server.engine import move  # a relay with a file does without asyncpg
    from relay_server.engine.postgres_link import PostgresAddress

    with lock.held(settings.data_dir):
        migrate.upgrade(settings.store_file)
        async with open_journal(settings.store_file, bus) as journal:
            settled(await journal.write(lambda tx: audit.record(tx, "cli", "store_moved", "", masked(url))))
        try:
            moved = await move.to_postgres(settings.store_file, PostgresAddress(url, password))
        except move.NotEmpty as error:
            raise CommandRefused("target_not_empty", table=str(error)) from error
        except LoadError as error:
            raise CommandRefused("move_failed", detail=str(error)) from error
        settings.store_file.rename(moved_path(settings))
    return moved


def moved_path(settings: Settings) -> Path:
    """Where the file is set aside, so that no relay serves it by mistake."""
    return settings.store_file.with_name(f"{settings.store_file.name}.before-move")
