"""The first set-up: directory, certificates, store, administrator. It locks itself for good in the store."""

import base64
import datetime as dt
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from relay_server.app import Adapters
from relay_server.commands import agent_keys as profiles
from relay_server.commands.store import CommandRefused, is_set_up
from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.gateway import certificates
from relay_server.identity import agent_keys, organisation_key
from relay_server.identity.agents import NewAgent, insert_agent
from relay_server.identity.organisation_key import OrganisationKey
from relay_server.identity.passwords import Passwords, random_password
from relay_server.identity.sealed import SealingKeys
from relay_server.knowledge import sample as articles
from relay_server.organisation import sample
from relay_server.organisation import store as organisation
from relay_server.settings import Settings
from shared.protocol.frames import Refused

_PRIVATE: Final = 0o700


@dataclass(frozen=True, slots=True)
class Credential:
    """Shown once, kept nowhere."""

    username: str
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Made:
    """Everybody's passwords, the passphrase of the organisation's key (empty with sample data), and that key."""

    staff: list[Credential]
    passphrase: str
    key: OrganisationKey


@dataclass(frozen=True, slots=True)
class Asked:
    """What `init` was given."""

    hosts: Sequence[str] = ()
    sample: bool = False
    organisation: str = "Threeline"
    administrator: str = "admin"


@dataclass(slots=True)
class _Staff:
    """Makes agents with random passwords and remembers those until they are shown."""

    passwords: Passwords
    made: list[Credential] = field(default_factory=list[Credential])

    def add(self, tx: Transaction, new: NewAgent) -> str:
        password = random_password()
        self.made.append(Credential(new.username, new.name, password))
        return insert_agent(tx, replace(new, password_hash=self.passwords.hash(password)))


async def run(settings: Settings, adapters: Adapters, asked: Asked) -> Made:
    """Sets up the data directory. Raises CommandRefused when that was done before."""
    settings.data_dir.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    settings.data_dir.chmod(_PRIVATE)
    store = adapters.open_store(settings)
    await store.upgrade()
    passwords = Passwords()
    try:
        async with store.open(adapters.bus) as journal:
            done = await journal.write(lambda tx: _set_up(tx, settings, passwords, asked))
    finally:
        passwords.close()
    if isinstance(done, Refused):
        raise CommandRefused("bad_setting", detail=done.code)
    return done


def write_credentials(
    path: Path, settings: Settings, asked: Asked, made: list[Credential], recording_passphrase: str = ""
) -> None:
    """JSON for a demonstration or a password manager, 0600. Raises CommandRefused when the file is there."""
    document = {
        "sample": asked.sample,
        "ca_file": str(settings.tls_dir / "ca.pem"),
        "recording_passphrase": recording_passphrase,
        "agents": [{"username": each.username, "name": each.name, "password": each.password} for each in made],
    }
    try:
        certificates.write_private(path, json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n")
    except FileExistsError as error:
        raise CommandRefused("file_exists", path=str(path)) from error


def _set_up(tx: Transaction, settings: Settings, passwords: Passwords, asked: Asked) -> Made:
    if is_set_up(tx.sql):
        raise CommandRefused("already_set_up", path=str(settings.data_dir))
    staff = _Staff(passwords)
    administrator = staff.add(tx, NewAgent(asked.administrator, asked.administrator, "", 3, ("admin",)))
    if asked.sample:
        sample.load(tx, lambda new: staff.add(tx, new))
        articles.load(tx)
    else:
        organisation.create(tx, asked.organisation)
    key, passphrase = _write_files(settings, asked, tx)
    tx.run("INSERT INTO setup (id, done_ms, administrator_id) VALUES (1, ?, ?)", (tx.now_ms, administrator))
    audit.record(tx, "cli", "set_up", administrator)
    return Made(staff.made, "" if asked.sample else passphrase, key)


def _write_files(settings: Settings, asked: Asked, tx: Transaction) -> tuple[OrganisationKey, str]:
    """Inside the transaction on purpose: no set-up without them. What a set-up that failed has left is replaced."""
    for name in ("ca.key", "server.key"):
        (settings.tls_dir / name).unlink(missing_ok=True)
    certificates.make(settings.tls_dir, asked.hosts, dt.datetime.now(dt.UTC))
    settings.pass_key_file.unlink(missing_ok=True)
    certificates.write_private(settings.pass_key_file, base64.b64encode(secrets.token_bytes(32)) + b"\n")
    settings.sealing_key_file.unlink(missing_ok=True)
    SealingKeys(settings.sealing_key_file).make()
    settings.blob_dir.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    return _make_organisation_key(settings, asked, tx)


def _make_organisation_key(settings: Settings, asked: Asked, tx: Transaction) -> tuple[OrganisationKey, str]:
    """The key that certifies agents, sealed by a passphrase that is shown once. With sample data the passphrase is
    kept beside it, so that invented agents are certified by themselves."""
    key = organisation_key.make(organisation.view(tx.rows).name)
    passphrase = random_password()
    for path in (settings.organisation_key_file, settings.sample_passphrase_file):
        path.unlink(missing_ok=True)
    sealed = organisation_key.seal(key, passphrase, organisation_key.LIGHT_WORK)
    certificates.write_private(settings.organisation_key_file, sealed)
    if asked.sample:
        certificates.write_private(settings.sample_passphrase_file, passphrase.encode() + b"\n")
    agent_keys.add_organisation_key(tx, key.public, key.organisation, None)
    audit.record(tx, "cli", "organisation_key_made", key.public)
    host = next(iter(asked.hosts), settings.host)
    profiles.write_profile(settings, f"wss://{host}:{settings.port}/ws", key.organisation, key.public)
    return key, passphrase
