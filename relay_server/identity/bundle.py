"""The one file that goes between the relay and the machine that keeps the organisation's key. It holds no secrets.

The relay fills in what it has and what waits; there certificates, revocations and rotations are signed into it; back
at the relay only what the organisation's key has signed is taken.
"""

import os
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity import agent_keys, recording_keys
from shared.common.errors import UNDECODABLE, ConfigError
from shared.protocol.messages.trust import AgentCertificate, KeyRequest, KeyRotation, RecordingKey, Revocations
from shared.rules import certificates as rules

MAX_BYTES: Final = 8 * 1024 * 1024
Refusal = Literal[
    "no_organisation_key",
    "false_rotation",
    "false_certificate",
    "unknown_agent_key",
    "false_list",
    "false_recording_key",
]


class Bundle(Struct, frozen=True, kw_only=True):
    """`organisation_key` is the newest; `requests` wait for a certificate, `certificates` have one."""

    kind: Literal["threeline keys 1"] = "threeline keys 1"
    organisation_key: str = ""
    requests: Annotated[tuple[KeyRequest, ...], Meta(max_length=5000)] = ()
    certificates: Annotated[tuple[AgentCertificate, ...], Meta(max_length=5000)] = ()
    revocations: Revocations | None = None
    rotations: Annotated[tuple[KeyRotation, ...], Meta(max_length=50)] = ()
    recording_keys: Annotated[tuple[RecordingKey, ...], Meta(max_length=50)] = ()


def read(path: Path) -> Bundle:
    """Raises ConfigError."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(MAX_BYTES), type=Bundle)
    except (OSError, *UNDECODABLE) as error:
        raise ConfigError(f"{path}: {error}") from error


def write(path: Path, bundle: Bundle) -> None:
    """In one step, so that nobody reads half of it. Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(bundle)) + b"\n")
    fresh.replace(path)


def export(rows: Rows) -> Bundle:
    """All that the relay has."""
    keys = agent_keys.all_keys(rows)
    current = agent_keys.organisation_key(rows)
    return Bundle(
        organisation_key=current[0] if current else "",
        requests=tuple(each.request for each in keys if each.certificate is None),
        certificates=tuple(each.certificate for each in keys if each.certificate is not None),
        revocations=agent_keys.revoked(rows),
        rotations=agent_keys.rotations(rows),
        recording_keys=recording_keys.all_keys(rows),
    )


def take(tx: Transaction, bundle: Bundle) -> int | Refusal:
    """Takes in what is new and signed; how many things that were. All or nothing: the caller rolls back a refusal."""
    current = agent_keys.organisation_key(tx.rows)
    if current is None:
        return "no_organisation_key"
    rotated = _take_rotations(tx, bundle, current[0])
    if isinstance(rotated, str):
        return rotated
    key, turned = rotated
    certified = _take_certificates(tx, bundle, key)
    if isinstance(certified, str):
        return certified
    signed = _take_recording_keys(tx, bundle, key)
    if isinstance(signed, str):
        return signed
    revoked = _take_revocations(tx, bundle, key)
    return revoked if isinstance(revoked, str) else turned + certified + signed + revoked


def _take_rotations(tx: Transaction, bundle: Bundle, key: str) -> tuple[str, int] | Refusal:
    known = {each.new for each in agent_keys.rotations(tx.rows)}
    count = 0
    for rotation in bundle.rotations:
        if rotation.new in known:
            continue
        if rotation.old != key or not rules.hands_over(rotation):
            return "false_rotation"
        agent_keys.add_organisation_key(tx, rotation.new, rotation.organisation, rotation)
        audit.record(tx, "cli", "organisation_key_rotated", rotation.new)
        key, count = rotation.new, count + 1
    return key, count


def _take_certificates(tx: Transaction, bundle: Bundle, key: str) -> int | Refusal:
    count = 0
    for certificate in bundle.certificates:
        held = agent_keys.by_key(tx.rows, certificate.key)
        if held is not None and held.certificate == certificate:
            continue
        if not rules.is_of(certificate, key):
            return "false_certificate"
        if not agent_keys.set_certificate(tx, certificate):
            return "unknown_agent_key"
        audit.record(tx, "cli", "key_certified", certificate.key, certificate.serial)
        count += 1
    return count


def _take_recording_keys(tx: Transaction, bundle: Bundle, key: str) -> int | Refusal:
    held, count = recording_keys.all_keys(tx.rows), 0
    for each in bundle.recording_keys:
        if each in held or not each.signature:
            continue
        if not rules.is_recording_key_of(each.key, each.signature, key) or not recording_keys.sign(tx, each):
            return "false_recording_key"
        audit.record(tx, "cli", "recording_key_signed", each.key)
        count += 1
    return count


def _take_revocations(tx: Transaction, bundle: Bundle, key: str) -> int | Refusal:
    newest, held = bundle.revocations, agent_keys.revoked(tx.rows)
    if newest is None or newest == held:
        return 0
    if not rules.is_list_of(newest, key) or (held is not None and newest.number <= held.number):
        return "false_list"
    before = held.revoked if held else ()
    agent_keys.set_revoked(tx, newest)
    fresh = [each for each in newest.revoked if each not in before]
    for each in fresh:
        audit.record(tx, "cli", "key_revoked", each.key, each.serial)
    return max(1, len(fresh))
