"""`threeline-relay`: parses the command line, reads the settings, chooses the adapters, runs one command."""

import argparse
import asyncio
import datetime as dt
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy.exc import DBAPIError

from relay_server.app import Adapters, serve
from relay_server.commands import (
    add_agent,
    agent_line,
    backup_line,
    check,
    edge_line,
    init,
    key_line,
    log_level,
    outside,
    recording_key,
    records_line,
    turn_config,
)
from relay_server.commands import migrate as migrate_command
from relay_server.commands.init import Credential
from relay_server.commands.store import CommandRefused, ready, require_set_up
from relay_server.engine import lock
from relay_server.engine.bus_choice import open_bus
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.migrate import StoreNewer
from relay_server.engine.outages import STORE_OUT
from relay_server.engine.sqlite_file import file_fault
from relay_server.engine.store_choice import open_store
from relay_server.settings import ENVIRONMENT, Resolved, Settings, load, show
from shared.common import logs
from shared.common.errors import ConfigError
from shared.strings import set_language, system_language
from shared.strings import text as words

T = TypeVar("T")
FAILED: Final = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 refused or a problem found, 2 wrong use."""
    set_language(system_language(os.environ))
    options = _parser().parse_args(arguments)
    try:
        resolved = load(Path(options.dir).expanduser().absolute(), os.environ, _flags(options))
        logs.set_up(resolved.settings.log_level, resolved.settings.log_format)
        status: int = options.carry_out(options, resolved)
    except CommandRefused as refused:
        return _fail(words(f"relay.refused_{refused.code}", **refused.params))
    except StoreNewer as newer:
        return _fail(words("relay.refused_store_newer", **newer.params))
    except (ConfigError, OSError) as error:
        return _fail(words("relay.refused_bad_setting", detail=str(error)))
    except STORE_OUT as away:
        return _fail(words("relay.refused_store_fault", detail=str(away)))
    except (sqlite3.Error, DBAPIError) as error:
        if (fault := file_fault(error)) is None:
            raise
        return _fail(words("relay.refused_store_fault", detail=fault))
    return status


# Commands


def _serve(options: argparse.Namespace, resolved: Resolved) -> int:
    if options.show_settings:
        _say(show(resolved))
        return 0
    settings = resolved.settings
    require_set_up(settings)
    with lock.held(settings.data_dir):
        _run(_serve_until_told(settings, options.port_file))
    return 0


async def _serve_until_told(settings: Settings, port_file: Path | None) -> None:
    stop, reread = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reread.set)
    adapters = _adapters()
    await (await ready(settings, adapters)).upgrade()
    await serve(settings, adapters, lambda port: _tell_port(port_file, port), stop, reread)


def _init(options: argparse.Namespace, resolved: Resolved) -> int:
    settings = resolved.settings
    if options.credentials_file is not None and options.credentials_file.exists():
        raise CommandRefused("file_exists", path=str(options.credentials_file))
    asked = init.Asked(
        hosts=tuple(options.cert_host),
        sample=options.sample,
        organisation=options.organisation,
        administrator=options.admin,
    )
    made = _run(init.run(settings, _adapters(), asked))
    _say(words("relay.ready_dir", path=str(settings.data_dir)))
    _say(words("relay.ready_ca", path=str(settings.tls_dir / "ca.pem")))
    _say(words("relay.ready_profile", path=str(settings.profile_file)))
    _show_passwords(made.staff)
    if made.passphrase:
        _say(words("relay.ready_passphrase", path=str(settings.organisation_key_file), passphrase=made.passphrase))
    key_file = settings.data_dir / recording_key.FILE_NAME
    passphrase = recording_key.create(key_file)
    _run(recording_key.use(settings, _adapters(), recording_key.public_path(key_file), made.key))
    _say(words("relay.recording_key_made", path=str(key_file), passphrase=passphrase))
    if options.credentials_file is not None:
        init.write_credentials(options.credentials_file, settings, asked, made.staff, passphrase)
    return 0


def _add_agent(options: argparse.Namespace, resolved: Resolved) -> int:
    asked = add_agent.Asked(
        username=options.username,
        name=options.name or options.username,
        tier=options.tier,
        groups=tuple(options.group),
        roles=tuple(options.role),
        max_units=options.max_units,
    )
    _show_passwords([_run(add_agent.run(resolved.settings, _adapters(), asked))])
    return 0


def _recording_key(options: argparse.Namespace, resolved: Resolved) -> int:
    if options.action == "create":
        passphrase = recording_key.create(options.file)
        _say(words("relay.recording_key_made", path=str(options.file), passphrase=passphrase))
    else:
        key_id = _run(recording_key.use(resolved.settings, _adapters(), options.file))
        _say(words("relay.recording_key_used", key=key_id))
    return 0


def _recording_days(options: argparse.Namespace, resolved: Resolved) -> int:
    _run(recording_key.keep_days(resolved.settings, _adapters(), options.days))
    _say(words("relay.recording_days_set", days=options.days))
    return 0


def _check(options: argparse.Namespace, resolved: Resolved) -> int:
    del options
    findings = _run(check.run(resolved.settings, _adapters(), dt.datetime.now(dt.UTC)))
    for finding in findings:
        if finding.problem:
            _say(words("relay.check_bad", what=finding.what, detail=finding.problem))
        else:
            _say(words("relay.check_ok", what=finding.what))
    return FAILED if any(finding.problem for finding in findings) else 0


def _turn_config(options: argparse.Namespace, resolved: Resolved) -> int:
    asked = turn_config.Asked(
        to=options.to,
        addresses=tuple(options.address),
        allowed_peers=tuple(options.allow_peer),
        realm=options.realm,
        certificate=options.certificate,
        key=options.key,
    )
    turn_config.run(resolved.settings, asked)
    _say(words("relay.turn_written", path=str(options.to)))
    return 0


# Parsing


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("threeline-relay", description=words("relay.about"))
    parser.add_argument("--dir", default=_default_dir(), help=words("relay.help_dir"))
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=words("relay.help_set"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, help_key: str, carry_out: Callable[[argparse.Namespace, Resolved], int]) -> Any:
        sub = commands.add_parser(name, help=words(help_key), description=words(help_key))
        sub.add_argument("--dir", default=argparse.SUPPRESS, help=words("relay.help_dir"))
        sub.set_defaults(carry_out=carry_out)
        return sub

    _serve_options(command("serve", "relay.help_serve", _serve))
    _init_options(command("init", "relay.help_init", _init))
    _agent_options(command("add-agent", "relay.help_add_agent", _add_agent))
    key = command("recording-key", "relay.help_recording_key", _recording_key)
    key.add_argument("action", choices=("create", "use"), help=words("relay.help_recording_action"))
    key.add_argument("file", type=Path, help=words("relay.help_recording_file"))
    days = command("recording-days", "relay.help_recording_days", _recording_days)
    days.add_argument("days", type=int, choices=range(1, 3651), metavar="DAYS", help=words("relay.help_days"))
    command("check", "relay.help_check", _check)
    log_level.add(command)
    _turn_options(command("turn-config", "relay.help_turn_config", _turn_config))
    key_line.add(key_line.KeyLine(_adapters(), _say), commands)
    edge_line.add(edge_line.EdgeLine(_adapters(), _say), commands)
    backup_line.add(backup_line.BackupLine(_adapters(), _say), commands)
    migrate_command.add(migrate_command.MigrateLine(_adapters(), _say), commands)
    records_line.add(records_line.RecordsLine(_adapters(), _say), commands)
    outside.add(outside.OutsideLine(_adapters(), _say), commands)
    agent_line.add(agent_line.AgentLine(_adapters(), _say), commands)
    return parser


def _turn_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("to", type=Path, help=words("relay.help_turn_to"))
    parser.add_argument("--address", action="append", required=True, help=words("relay.help_turn_address"))
    parser.add_argument("--allow-peer", action="append", default=[], help=words("relay.help_turn_peer"))
    parser.add_argument("--realm", default="threeline", help=words("relay.help_turn_realm"))
    parser.add_argument("--certificate", default="", help=words("relay.help_turn_certificate"))
    parser.add_argument("--key", default="", help=words("relay.help_turn_key"))


def _serve_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help=words("relay.help_bind"))
    parser.add_argument("--port", help=words("relay.help_port"))
    parser.add_argument("--port-file", type=Path, help=words("relay.help_port_file"))
    parser.add_argument("--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    parser.add_argument("--log-format", choices=("text", "json"))
    parser.add_argument("--show-settings", action="store_true", help=words("relay.help_show_settings"))


def _init_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", dest="cert_host", action="append", default=[], help=words("relay.help_init_host"), metavar="HOST"
    )
    parser.add_argument("--sample", action="store_true", help=words("relay.help_sample"))
    parser.add_argument("--organisation", default="Threeline", help=words("relay.help_organisation"))
    parser.add_argument("--admin", default="admin", help=words("relay.help_admin"))
    parser.add_argument("--credentials-file", type=Path, help=words("relay.help_credentials"))


def _agent_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username", help=words("relay.help_username"))
    parser.add_argument("--name", default="", help=words("relay.help_name"))
    parser.add_argument("--tier", type=int, choices=(1, 2, 3), default=1, help=words("relay.help_tier"))
    parser.add_argument("--group", action="append", default=[], help=words("relay.help_group"))
    parser.add_argument("--role", action="append", default=[], choices=("admin",), help=words("relay.help_role"))
    parser.add_argument("--max-units", type=int, choices=range(1, 21), default=3, help=words("relay.help_units"))


def _flags(options: argparse.Namespace) -> dict[str, str]:
    flags: dict[str, str] = {}
    for each in options.set:
        name, equals, value = str(each).partition("=")
        if not equals:
            raise ConfigError(f"--set {each}: NAME=VALUE is wanted")
        flags[name.strip()] = value
    for name in ("host", "port", "log_level", "log_format"):
        value = getattr(options, name, None)
        if value is not None:
            flags[name] = str(value)
    return flags


def _default_dir() -> str:
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return os.environ.get(f"{ENVIRONMENT}DATA_DIR") or f"{home}/threeline-relay"


# The outside


def _adapters() -> Adapters:
    return Adapters(bus=LocalBus(), open_bus=open_bus, open_store=open_store)


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        return runner.run(work)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for this system; asyncio's own loop serves, more slowly
        return None
    return uvloop.new_event_loop


def _tell_port(port_file: Path | None, port: int) -> None:
    """In one step, so that whoever waits for the file never reads half of it."""
    if port_file is not None:
        fresh = port_file.with_name(port_file.name + ".new")
        fresh.write_text(f"{port}\n", "ascii")
        fresh.replace(port_file)


def _show_passwords(made: Sequence[Credential]) -> None:
    _say(words("relay.passwords"))
    for each in made:
        _say(words("relay.password_line", username=each.username, password=each.password, name=each.name))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _fail(line: str) -> int:
    sys.stderr.write(line + "\n")
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
