"""The organisation's key, on files alone: no relay, no data directory. Best run on a machine that serves nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec import structs

from relay_server.commands.store import CommandRefused
from relay_server.gateway.certificates import write_private
from relay_server.identity import bundle as bundles
from relay_server.identity import organisation_key as keys
from relay_server.identity.bundle import Bundle
from relay_server.identity.organisation_key import OrganisationKey
from shared.protocol.messages.trust import AgentCertificate, KeyRequest, RecordingKey, Revoked
from shared.rules import certificates as rules

MIN_PASSPHRASE: Final = 12
Agree = Callable[[KeyRequest | RecordingKey], bool]
"""Asks the person whether this key is really that agent's, or the one that recordings are to be encrypted to."""


def create(path: Path, organisation: str, passphrase: str) -> OrganisationKey:
    """A new key in a new file. Raises CommandRefused."""
    if len(passphrase) < MIN_PASSPHRASE:
        raise CommandRefused("passphrase_short", count=MIN_PASSPHRASE)
    key = keys.make(organisation)
    _write(path, keys.seal(key, passphrase))
    return key


def opened(path: Path, passphrase: str) -> OrganisationKey:
    """Raises CommandRefused for a wrong passphrase, ConfigError for another file."""
    key = keys.unseal(path, passphrase)
    if key is None:
        raise CommandRefused("passphrase_wrong", path=str(path))
    return key


@dataclass(frozen=True, slots=True)
class Signed:
    """What `certify` has put its name under."""

    certificates: list[AgentCertificate]
    recording_keys: list[RecordingKey]


def certify(key: OrganisationKey, path: Path, agree: Agree, now_ms: int, days: int) -> Signed:
    """Signs the requests and recording keys in the file that the person agrees to; writes the file again. Raises
    CommandRefused."""
    before = _of(key, path)
    gone = {each.key for each in before.revocations.revoked} if before.revocations else set[str]()
    made: list[AgentCertificate] = []
    for asked in before.requests:
        if not rules.asks_for_itself(asked):
            raise CommandRefused("request_false", name=asked.name)
        if asked.key not in gone and agree(asked):
            made.append(keys.certificate_for(key, asked, now_ms, days))
    done = {each.key for each in made}
    left = tuple(each for each in before.requests if each.key not in done)
    shown = [_agreed(key, each, agree) for each in before.recording_keys]
    certificates = (*before.certificates, *made)
    bundles.write(path, structs.replace(before, requests=left, certificates=certificates, recording_keys=tuple(shown)))
    return Signed(made, [each for each in shown if each not in before.recording_keys])


def _agreed(key: OrganisationKey, shown: RecordingKey, agree: Agree) -> RecordingKey:
    """With this key's signature, if it has it, or gets it now."""
    if rules.is_recording_key_of(shown.key, shown.signature, key.public) or not agree(shown):
        return shown
    return _signed(key, shown)


def _signed(key: OrganisationKey, shown: RecordingKey) -> RecordingKey:
    return structs.replace(shown, signature=rules.sign_recording_key(key.private, shown.key))


def revoke(key: OrganisationKey, path: Path, wanted: Sequence[str], now_ms: int) -> list[AgentCertificate]:
    """Takes certificates back, by serial or by agent's id or name; writes the file again. Raises CommandRefused."""
    before = _of(key, path)
    gone = [each for each in before.certificates if {each.serial, each.agent_id, each.name} & set(wanted)]
    unknown = [each for each in wanted if not any(each in (c.serial, c.agent_id, c.name) for c in gone)]
    if unknown:
        raise CommandRefused("no_such_certificate", what=", ".join(unknown))
    fresh = [Revoked(serial=each.serial, key=each.key) for each in gone]
    newest = rules.revoke(key.private, before.revocations, fresh, now_ms)
    bundles.write(path, structs.replace(before, revocations=newest))
    return gone


def rotate(old: OrganisationKey, new_path: Path, path: Path, passphrase: str, now_ms: int) -> OrganisationKey:
    """A new key takes over: every certificate that still counts is signed again, the list too. The new file is
    written last. Raises CommandRefused."""
    before = _of(old, path)
    if new_path.exists():
        raise CommandRefused("file_exists", path=str(new_path))
    new = create(new_path, old.organisation, passphrase)
    gone = {each.serial for each in before.revocations.revoked} if before.revocations else set[str]()
    kept = (each for each in before.certificates if each.serial not in gone and now_ms < each.not_after_ms)
    rotation = rules.rotate(old.private, new.private, old.organisation, now_ms)
    after = Bundle(
        organisation_key=new.public,
        requests=before.requests,
        certificates=tuple(rules.certify(new.private, each) for each in kept),
        revocations=rules.revoke(new.private, before.revocations, (), now_ms) if before.revocations else None,
        rotations=(*before.rotations, rotation),
        recording_keys=tuple(
            _signed(new, each) if rules.is_recording_key_of(each.key, each.signature, old.public) else each
            for each in before.recording_keys
        ),
    )
    bundles.write(path, after)
    return new


def _of(key: OrganisationKey, path: Path) -> Bundle:
    """The file, if it is about this key."""
    found = bundles.read(path)
    if found.organisation_key != key.public:
        raise CommandRefused("other_organisation_key", path=str(path))
    return found


def _write(path: Path, data: bytes) -> None:
    try:
        write_private(path, data)
    except FileExistsError as error:
        raise CommandRefused("file_exists", path=str(path)) from error
