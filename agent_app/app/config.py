"""What this start was told, parsed once."""

import argparse
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from msgspec import Struct

from agent_app.platform.choices import Choices
from shared.strings import LANGUAGES, system_language
from shared.strings.language import LanguageCode


class Config(Struct, frozen=True, kw_only=True):
    """`ca_file` None: certificates are checked against those the system believes."""

    server: str
    ca_file: Path | None
    language: LanguageCode
    username: str
    log_level: str
    version: str


def parse(arguments: Sequence[str], choices: Choices, environ: Mapping[str, str] = os.environ) -> Config:
    """Arguments first, then what was chosen before, then the system. Raises SystemExit for wrong arguments."""
    parser = argparse.ArgumentParser(prog="threeline-agent", description="Threeline for engineers")
    parser.add_argument("--server", default="", help="wss://HOST:PORT/ws")
    parser.add_argument("--ca", type=Path, default=None, help="the certificate authority's file (PEM)")
    parser.add_argument("--lang", choices=LANGUAGES, default=None, help="language of this start")
    parser.add_argument("--user", default="", help="user name to sign in with")
    given = parser.parse_args(list(arguments))
    language: LanguageCode = given.lang or choices.language or system_language(environ)
    return Config(
        server=given.server or choices.server,
        ca_file=given.ca,
        language=language,
        username=given.user or choices.username,
        log_level=environ.get("THREELINE_LOG", "INFO"),
        version=_version(),
    )


def _version() -> str:
    try:
        return version("threeline")
    except PackageNotFoundError:
        return "0.1.0"
