"""The command line of agents' accounts: `agent`, `totp-required`, `sealing-key`."""

import argparse
import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from relay_server.app import Adapters
from relay_server.commands import agent_accounts
from relay_server.identity.permissions import GIVEN_ROLES
from relay_server.settings import Resolved
from shared.strings import text as words

T = TypeVar("T")
CarryOut = Callable[[argparse.Namespace, Resolved], int]


@dataclass(frozen=True, slots=True)
class AgentLine:
    """`adapters` opens the store; `say` prints a line."""

    adapters: Adapters
    say: Callable[[str], None]

    def listed(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`agent list`."""
        del options
        for each in asyncio.run(agent_accounts.listed(resolved.settings, self.adapters)):
            last = _day(each.last_ms) if each.last_ms else words("relay.agent_never")
            self.say(
                words(
                    "relay.agent_line",
                    username=each.username,
                    name=each.name,
                    state=words("relay.agent_disabled" if each.disabled else "relay.agent_enabled"),
                    groups=", ".join(each.groups) or "-",
                    roles=", ".join(each.roles) or "-",
                    totp=words("relay.agent_totp_on" if each.totp else "relay.agent_totp_off"),
                    linked=", ".join(each.linked) or "-",
                    count=each.sign_ins,
                    last=last,
                )
            )
        return 0

    def new_password(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`agent new-password`."""
        made = self._run(agent_accounts.new_password(resolved.settings, self.adapters, options.username))
        self.say(words("relay.agent_new_password", username=made.username, password=made.password))
        return 0

    def change(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`agent disable`, `enable`, `reset-totp`, `sign-out`, `join`, `leave`, `give-role`, `take-role`, `unlink`."""
        asked = agent_accounts.Asked(options.username, options.change, getattr(options, "what", ""))
        count = self._run(agent_accounts.change(resolved.settings, self.adapters, asked))
        self.say(words(f"relay.agent_done_{options.change}", username=options.username, count=count))
        return 0

    def link(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`agent link`."""
        self._run(
            agent_accounts.link(
                resolved.settings, self.adapters, options.username, options.subject or "", options.email or ""
            )
        )
        self.say(words("relay.agent_done_link", username=options.username))
        return 0

    def totp_required(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`totp-required`."""
        self._run(agent_accounts.require_totp(resolved.settings, self.adapters, required=options.wanted == "on"))
        self.say(words(f"relay.totp_required_{options.wanted}"))
        return 0

    def sealing_key(self, options: argparse.Namespace, resolved: Resolved) -> int:
        """`sealing-key rotate`."""
        del options
        count = self._run(agent_accounts.rotate_sealing_key(resolved.settings, self.adapters))
        self.say(words("relay.sealing_key_rotated", count=count, path=str(resolved.settings.sealing_key_file)))
        return 0

    @staticmethod
    def _run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(work)


def add(line: AgentLine, commands: Any) -> None:
    """Puts the commands on the command line."""
    subs = commands.add_parser("agent", help=words("relay.help_agent"), description=words("relay.help_agent"))
    group = subs.add_subparsers(required=True, metavar="COMMAND")
    _command(group, "list", "relay.help_agent_list", line.listed)
    _on_agent(group, "new-password", "relay.help_agent_new_password", line.new_password)
    for change in get_args(agent_accounts.Change):
        parser = _on_agent(group, change.replace("_", "-"), f"relay.help_agent_{change}", line.change)
        parser.set_defaults(change=change)
        if change in ("join", "leave"):
            parser.add_argument("what", metavar="GROUP", help=words("relay.help_agent_group"))
        elif change in ("give_role", "take_role"):
            parser.add_argument("what", metavar="ROLE", choices=GIVEN_ROLES, help=words("relay.help_agent_role"))
    link = _on_agent(group, "link", "relay.help_agent_link", line.link)
    who = link.add_mutually_exclusive_group(required=True)
    who.add_argument("--subject", help=words("relay.help_agent_subject"))
    who.add_argument("--email", help=words("relay.help_agent_email"))
    required = _command(commands, "totp-required", "relay.help_totp_required", line.totp_required)
    required.add_argument("wanted", choices=("on", "off"))
    sealing = _command(commands, "sealing-key", "relay.help_sealing_key", line.sealing_key)
    sealing.add_argument("action", choices=("rotate",))


def _on_agent(group: Any, name: str, help_key: str, carry_out: CarryOut) -> Any:
    parser = _command(group, name, help_key, carry_out)
    parser.add_argument("username", help=words("relay.help_username"))
    return parser


def _command(group: Any, name: str, help_key: str, carry_out: CarryOut) -> Any:
    parser = group.add_parser(name, help=words(help_key), description=words(help_key))
    parser.add_argument("--dir", default=argparse.SUPPRESS, help=words("relay.help_dir"))
    parser.set_defaults(carry_out=carry_out)
    return parser


def _day(at_ms: int) -> str:
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
