"""Agents' keys in the relay's store: what waits, out to the organisation's key and back; it may serve meanwhile."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from relay_server.app import Adapters
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import rows_of
from relay_server.identity import agent_keys, bundle
from relay_server.identity.agent_keys import DeviceKey
from relay_server.settings import Settings


@dataclass(frozen=True, slots=True)
class Taken:
    """How many new things a bundle brought, and the organisation's newest key."""

    count: int
    organisation_key: str


async def listed(settings: Settings, adapters: Adapters) -> list[DeviceKey]:
    """Every key that an agent's device has shown."""
    async with opened(settings, adapters) as journal:
        return await journal.read(lambda sql: agent_keys.all_keys(rows_of(sql)))


async def export(settings: Settings, adapters: Adapters, path: Path) -> bundle.Bundle:
    """Writes everything that the organisation's key needs to see."""
    async with opened(settings, adapters) as journal:
        found = await journal.read(lambda sql: bundle.export(rows_of(sql)))
    bundle.write(path, found)
    return found


async def take(settings: Settings, adapters: Adapters, path: Path) -> Taken:
    """Takes in what the organisation's key has signed. Raises CommandRefused, having changed nothing."""
    brought = bundle.read(path)

    def work(tx: Transaction) -> Taken:
        count = bundle.take(tx, brought)
        if isinstance(count, str):
            raise CommandRefused(count)
        current = agent_keys.organisation_key(tx.rows)
        return Taken(count, current[0] if current else "")

    async with opened(settings, adapters) as journal:
        taken = await journal.write(work)
    settled(taken)
    if not isinstance(taken, Taken):
        raise CommandRefused("no_organisation_key")
    write_profile_key(settings, taken.organisation_key)
    return taken


def write_profile(settings: Settings, server: str, organisation: str, key: str) -> None:
    """What customers' programs are started with: where the relay is, whom to believe."""
    profile = {"server": server, "ca": "tls/ca.pem", "organisation": organisation, "organisation_key": key}
    settings.profile_file.write_bytes(msgspec.json.format(msgspec.json.encode(profile)) + b"\n")


def write_profile_key(settings: Settings, key: str) -> None:
    """After a rotation new installations pin the new key at once; those that pin the old one follow the chain."""
    if settings.profile_file.is_file():
        profile = msgspec.json.decode(settings.profile_file.read_bytes(), type=dict[str, str])
        if profile.get("organisation_key") != key:
            profile["organisation_key"] = key
            settings.profile_file.write_bytes(msgspec.json.format(msgspec.json.encode(profile)) + b"\n")
