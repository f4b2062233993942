"""The rows of keys: agents' devices with their certificates, the organisation's chain, the list of what was revoked."""

from dataclasses import dataclass
from typing import Final

import msgspec

from relay_server.engine.journal import Row, Transaction
from relay_server.engine.raw import Rows
from shared.protocol.messages.trust import AgentCertificate, KeyRequest, KeyRotation, Revocations

MAX_WAITING: Final = 8
"""Keys of one agent that wait for a certificate; the oldest give way."""

_certificate = msgspec.json.Decoder(AgentCertificate)
_rotation = msgspec.json.Decoder(KeyRotation)
_revocations = msgspec.json.Decoder(Revocations)
_SELECT: Final = (
    "SELECT k.key, k.agent_id, a.username, a.name, k.device, k.asked_ms, k.signature, k.certificate"
    " FROM agent_keys k JOIN agents a ON a.id = k.agent_id "
)


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key that an agent's device has shown, with its certificate if there is one."""

    username: str
    request: KeyRequest
    certificate: AgentCertificate | None


def by_key(rows: Rows, key: str) -> DeviceKey | None:
    """One key."""
    found = rows(_SELECT + "WHERE k.key = ?", (key,))
    return _device(found[0]) if found else None


def all_keys(rows: Rows) -> list[DeviceKey]:
    """Every key, by user and age."""
    return [_device(row) for row in rows(_SELECT + "ORDER BY a.username, k.asked_ms, k.key", ())]


def insert(tx: Transaction, asked: KeyRequest) -> None:
    """Keeps a new key; it has no certificate yet."""
    tx.run(
        "INSERT INTO agent_keys (key, agent_id, device, asked_ms, signature, certificate) VALUES (?,?,?,?,?,'')",
        (asked.key, asked.agent_id, asked.device, asked.asked_ms, asked.signature),
    )
    tx.run(
        "DELETE FROM agent_keys WHERE agent_id = ? AND certificate = '' AND key NOT IN (SELECT key FROM agent_keys"
        " WHERE agent_id = ? AND certificate = '' ORDER BY asked_ms DESC, key LIMIT ?)",
        (asked.agent_id, asked.agent_id, MAX_WAITING),
    )


def set_certificate(tx: Transaction, certificate: AgentCertificate) -> bool:
    """Whether there is such a key of that agent."""
    written = msgspec.json.encode(certificate).decode()
    where = (written, certificate.key, certificate.agent_id)
    return bool(tx.run("UPDATE agent_keys SET certificate = ? WHERE key = ? AND agent_id = ?", where))


def organisation_key(rows: Rows) -> tuple[str, str] | None:
    """The newest key and the organisation's name; None where none was ever set."""
    found = rows("SELECT key, organisation FROM organisation_keys ORDER BY place DESC LIMIT 1", ())
    return (found[0][0], found[0][1]) if found else None


def rotations(rows: Rows) -> tuple[KeyRotation, ...]:
    """How each key took over, oldest first."""
    found = rows("SELECT rotation FROM organisation_keys WHERE rotation <> '' ORDER BY place", ())
    return tuple(_rotation.decode(row[0]) for row in found)


def add_organisation_key(tx: Transaction, key: str, organisation: str, rotation: KeyRotation | None) -> None:
    """The newest key from now on."""
    written = msgspec.json.encode(rotation).decode() if rotation else ""
    tx.run(
        "INSERT INTO organisation_keys (place, key, organisation, rotation, added_ms)"
        " VALUES ((SELECT coalesce(max(place), 0) + 1 FROM organisation_keys), ?, ?, ?, ?)",
        (key, organisation, written, tx.now_ms),
    )


def revoked(rows: Rows) -> Revocations | None:
    """The list, if anything was ever revoked."""
    found = rows("SELECT list FROM revocations", ())
    return _revocations.decode(found[0][0]) if found else None


def set_revoked(tx: Transaction, newest: Revocations) -> None:
    """Puts a newer list in the place of the last one."""
    tx.run("DELETE FROM revocations")
    written = msgspec.json.encode(newest).decode()
    tx.run("INSERT INTO revocations (id, number, list) VALUES (1, ?, ?)", (newest.number, written))


def _device(row: Row) -> DeviceKey:
    key, agent_id, username, name, device, asked_ms, signature, certificate = row
    request = KeyRequest(agent_id=agent_id, name=name, key=key, device=device, asked_ms=asked_ms, signature=signature)
    return DeviceKey(username, request, _certificate.decode(certificate) if certificate else None)
