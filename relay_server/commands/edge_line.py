"""The command line of what the outer wall stands on: `secret` and `certificate`."""

import argparse
import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay_server.app import Adapters
from relay_server.commands import secret
from relay_server.commands.store import opened, settled
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.gateway import authority
from relay_server.gateway.certificates import SERVER_DAYS, valid_until
from relay_server.settings import Resolved
from shared.strings import text as words


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """`adapters` opens the store; `say` prints a line."""

    adapters: Adapters
    say: Callable[[str], None]

    def secret(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`secret pass|turn list|add|use|drop`."""
        if options.step != "list":
            work = secret.carry_out(resolved.settings, self.adapters, options.which, options.step, now=options.now)
            self.say(words(f"relay.secret_{options.step}", name=asyncio.run(work)))
        for place, name in enumerate(secret.names(resolved.settings, options.which)):
            self.say(words("relay.secret_line" if place else "relay.secret_line_used", name=name))
        return 0

    def certificate(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`certificate show|renew`."""
        settings = resolved.settings
        if options.step == "renew":
            asked = authority.Renewal(
                directory=settings.tls_dir,
                ca_key=options.ca_key or settings.tls_dir / "ca.key",
                hosts=tuple(dict.fromkeys(options.cert_host)),
                days=options.days,
                fresh_key=options.new_key,
            )
            made = authority.renew(asked, dt.datetime.now(dt.UTC))
            asyncio.run(self._note(resolved, f"{made.serial_number:x}"))
            self.say(words("relay.certificate_for", names=", ".join(authority.names_of(made))))
        until = valid_until(settings.server_certificate).date().isoformat()
        self.say(words("relay.certificate_until", path=str(settings.server_certificate), until=until))
        return 0

    async def _note(self, resolved: Resolved, serial: str) -> None:
        def work(tx: Transaction) -> None:
            audit.record(tx, "cli", "certificate_renewed", serial)

        async with opened(resolved.settings, self.adapters) as journal:
            settled(await journal.write(work))


def add(line: EdgeLine, commands: Any) -> None:
    """Puts both on the command line."""
    rotated = _made(commands, "secret", "relay.help_secret", line.secret)
    rotated.add_argument("which", choices=("pass", "turn"), help=words("relay.help_secret_which"))
    rotated.add_argument("step", choices=("list", "add", "use", "drop"), help=words("relay.help_secret_step"))
    rotated.add_argument("--now", action="store_true", help=words("relay.help_secret_now"))
    renewed = _made(commands, "certificate", "relay.help_certificate", line.certificate)
    renewed.add_argument("step", choices=("show", "renew"), help=words("relay.help_certificate_step"))
    renewed.add_argument("--ca-key", type=Path, default=None, help=words("relay.help_certificate_ca"))
    renewed.add_argument(
        "--host", dest="cert_host", action="append", default=[], metavar="HOST", help=words("relay.help_init_host")
    )
    renewed.add_argument("--days", type=int, choices=range(1, SERVER_DAYS + 1), default=SERVER_DAYS, metavar="DAYS")
    renewed.add_argument("--new-key", action="store_true", help=words("relay.help_certificate_new_key"))


def _made(commands: Any, name: str, help_key: str, carry_out: Callable[[argparse.Namespace, Resolved], int]) -> Any:
    parser = commands.add_parser(name, help=words(help_key), description=words(help_key))
    parser.add_argument("--dir", default=argparse.SUPPRESS, help=words("relay.help_dir"))
    parser.set_defaults(carry_out=carry_out)
    return parser
