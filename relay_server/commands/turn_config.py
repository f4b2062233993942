"""Writes the configuration for the coturn beside a relay, with the secret that both share."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relay_server.commands.store import CommandRefused, require_set_up
from relay_server.identity import shared_secrets
from relay_server.remote import turn
from relay_server.settings import Settings
from shared.common.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Asked:
    """`addresses` are coturn's own, as clients reach them; it also relays to `allowed_peers`, private or not."""

    to: Path
    addresses: Sequence[str]
    allowed_peers: Sequence[str] = ()
    realm: str = "threeline"
    certificate: str = ""
    key: str = ""


def run(settings: Settings, asked: Asked) -> None:
    """Makes the shared secret when there is none, and the configuration, readable by its owner only.

    Raises CommandRefused (`not_set_up`, `file_exists`) and ConfigError for an address that is none.
    """
    require_set_up(settings)
    kept = (settings.turn_secret,) if settings.turn_secret else shared_secrets.read(settings.turn_secret_file)
    known = kept or (_make_secret(settings.turn_secret_file),)
    try:
        words = turn.coturn_configuration(
            secrets=known,
            realm=asked.realm,
            addresses=asked.addresses,
            allowed_peers=asked.allowed_peers,
            certificate=asked.certificate,
            key=asked.key,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from error
    try:
        _write_private(asked.to, words)
    except FileExistsError as error:
        raise CommandRefused("file_exists", path=str(asked.to)) from error


def _make_secret(file: Path) -> str:
    secret = shared_secrets.new_turn_secret()
    _write_private(file, secret + "\n")
    return secret


def _write_private(path: Path, words: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(words)
