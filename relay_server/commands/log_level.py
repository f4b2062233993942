"""`log-level`: how much a relay that runs logs, without a restart; it takes it over within seconds."""

import argparse
from collections.abc import Callable
from typing import Any

from relay_server.commands.store import CommandRefused, require_set_up
from relay_server.gateway import loglevels
from relay_server.settings import Resolved
from shared.strings import text as words

Carry = Callable[[argparse.Namespace, Resolved], int]


def add(command: Callable[[str, str, Carry], Any]) -> None:
    """Puts the command on the command line."""
    parser = command("log-level", "relay.help_log_level", run)
    parser.add_argument("level", choices=(*loglevels.LEVELS, "usual"), help=words("relay.help_log_level_level"))
    parser.add_argument("logger", nargs="?", default="", help=words("relay.help_log_level_logger"))


def run(options: argparse.Namespace, resolved: Resolved) -> int:
    """Changes one logger's level; `usual` takes the change back. Raises CommandRefused, ConfigError."""
    settings = resolved.settings
    require_set_up(settings)
    if not loglevels.may_name(options.logger):
        raise CommandRefused("no_such_logger", name=options.logger)
    path = settings.data_dir / loglevels.FILE_NAME
    levels = loglevels.read(path)
    levels.pop(options.logger, None)
    if options.level != "usual":
        levels[options.logger] = options.level
    loglevels.write(path, levels)
    return 0
