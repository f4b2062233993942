"""The recording key: made as files only, kept off the serving machine; the relay is told the public half."""

import secrets
from pathlib import Path
from typing import Final

from relay_server.app import Adapters
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.gateway import certificates
from relay_server.identity import recording_keys
from relay_server.identity.organisation_key import OrganisationKey
from relay_server.organisation import store as organisation
from relay_server.settings import Settings
from shared.common.sealed import keyfile, keys
from shared.protocol.messages.trust import RecordingKey
from shared.rules import certificates as certificate_rules

FILE_NAME: Final = "recording-key.json"
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 6
_GROUP: Final = 4
_MAX_PUBLIC_BYTES: Final = 200


def create(path: Path, kind: str = keyfile.RECORDING) -> str:
    """Writes the locked private half to `path` and the public half beside it; returns the passphrase, kept nowhere.
    Keys of backups are made the same way.

    Raises CommandRefused when one of the files is there.
    """
    pair, passphrase = keyfile.make_pair(), _passphrase()
    for place, data in (
        (path, keyfile.lock(pair, passphrase, kind=kind)),
        (public_path(path), keys.in_text(pair.public).encode() + b"\n"),
    ):
        try:
            certificates.write_private(place, data)
        except FileExistsError as error:
            raise CommandRefused("file_exists", path=str(place)) from error
    return passphrase


def public_path(path: Path) -> Path:
    """Where the public half of a key file is."""
    return path.with_name(path.name + ".pub")


async def use(settings: Settings, adapters: Adapters, public_file: Path, signer: OrganisationKey | None = None) -> str:
    """What is recorded from now on is encrypted to this key; returns its id. Customers' programs that pin the
    organisation's key take it only when that has signed it: `signer` does at once. Raises CommandRefused."""
    public = _read_public(public_file)
    signature = certificate_rules.sign_recording_key(signer.private, keys.in_text(public)) if signer else ""
    key_id = keys.key_id(public)

    def work(tx: Transaction) -> None:
        recording_keys.add(tx, key_id, RecordingKey(key=keys.in_text(public), signature=signature))
        audit.record(tx, "cli", "recording_key_set", key_id)

    async with opened(settings, adapters) as journal:
        settled(await journal.write(work))
    return key_id


async def keep_days(settings: Settings, adapters: Adapters, days: int) -> None:
    """For how long recordings are kept. Raises CommandRefused."""

    def work(tx: Transaction) -> None:
        organisation.set_days(tx, "recording", days)
        audit.record(tx, "cli", "recording_days_set", "", str(days))

    async with opened(settings, adapters) as journal:
        settled(await journal.write(work))


def _read_public(path: Path) -> bytes:
    with path.open("rb") as file:
        public = keys.from_text(file.read(_MAX_PUBLIC_BYTES).decode("ascii", "replace").strip())
    if public is None:
        raise CommandRefused("no_recording_key", path=str(path))
    return public


def _passphrase() -> str:
    """118 random bits that can be read out and typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
