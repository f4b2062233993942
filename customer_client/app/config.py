"""What this start was told, parsed once."""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from shared.common.errors import UNDECODABLE, ConfigError
from shared.net import servers
from shared.rules import statements
from shared.strings import LANGUAGES, LanguageCode, text

PROGRAM: Final = "threeline-client"
MAX_PROFILE_BYTES: Final = 64 * 1024


class Profile(Struct, frozen=True):
    """A file that support hands out. `ca` is a path, relative to the profile's own folder; `organisation_key` is what
    certifies engineers (32 bytes in base64), pinned from here and never taken from the relay; `servers` are further
    addresses of the same installation."""

    server: str
    servers: tuple[str, ...] = ()
    ca: str = ""
    organisation: str = ""
    organisation_key: str = ""


class Config(Struct, frozen=True, kw_only=True):
    """`ca_file` None: certificates are checked against those the system believes. `language` None: as chosen before.
    `organisation_key` empty: nobody can be certified, short codes are compared. `server` names the installation,
    `addresses` are all where it can be reached."""

    server: str
    addresses: str
    ca_file: Path | None
    organisation_key: str
    language: LanguageCode | None
    log_level: str
    started_with: tuple[str, ...] = ()
    """What starts this program just so from anywhere: paths are absolute."""


def parse(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Config:
    """Arguments first, then the profile. Raises ConfigError without a server, SystemExit for wrong arguments."""
    given = _parser().parse_args(list(arguments))
    profile = read_profile(given.profile) if given.profile else Profile(server="")
    written = str(given.server or " ".join((profile.server, *profile.servers))).strip()
    if not written:
        raise ConfigError(text("client.no_server"))
    addresses = servers.split(written)
    ca_file: Path | None = given.ca
    if ca_file is None and profile.ca:
        ca_file = given.profile.resolve().parent / profile.ca
    return Config(
        server=addresses[0],
        addresses=" ".join(addresses),
        ca_file=ca_file,
        organisation_key=_checked(profile.organisation_key),
        language=given.lang,
        log_level=environ.get("THREELINE_LOG", "INFO"),
        started_with=_again(given),
    )


def _again(given: argparse.Namespace) -> tuple[str, ...]:
    found = {"--server": given.server, "--ca": given.ca, "--profile": given.profile, "--lang": given.lang}
    words = {name: str(one.resolve() if isinstance(one, Path) else one) for name, one in found.items() if one}
    return tuple(word for pair in words.items() for word in pair)


def read_profile(path: Path) -> Profile:
    """Raises ConfigError when there is no such file or it is none of ours."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(MAX_PROFILE_BYTES), type=Profile)
    except (OSError, *UNDECODABLE) as error:
        raise ConfigError(f"{path}: {error}") from error


def _checked(key: str) -> str:
    """Raises ConfigError: a pin that cannot be used must not turn into none."""
    try:
        return statements.encode(statements.decode(key, 32)) if key else ""
    except ValueError as error:
        raise ConfigError(f"organisation_key: {error}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=text("client.about"))
    parser.add_argument("--server", default="", metavar="wss://HOST:PORT/ws", help=text("client.help_server"))
    parser.add_argument("--ca", type=Path, default=None, metavar="FILE", help=text("client.help_ca"))
    parser.add_argument("--profile", type=Path, default=None, metavar="FILE", help=text("client.help_profile"))
    parser.add_argument("--lang", choices=LANGUAGES, default=None, help=text("client.help_lang"))
    return parser
