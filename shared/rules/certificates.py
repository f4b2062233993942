"""What the organisation's key says, and what a machine that pins that key believes."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct, structs

from shared.protocol.messages.trust import AgentCertificate, KeyRequest, KeyRotation, Revocations, Revoked
from shared.protocol.types import PersonRef
from shared.rules import statements

Fault = Literal[
    "unsigned",
    "signature",
    "mixed_up",
    "certificate_false",
    "certificate_expired",
    "certificate_revoked",
    "issuer_unknown",
    "name_differs",
    "key_changed",
    "list_older",
    "nonce_false",
    "code_differs",
    "too_many",
]
"""Why an end does not believe the other; each has words in `shared.strings` (`error.trust_<fault>`)."""

SLACK_MS: Final = 5 * 60_000
"""By how much the clocks of the organisation's machine and ours may differ at the beginning of a certificate."""
MAX_REVOKED: Final = 1000


class Anchor(Struct, frozen=True):
    """What a customer's machine goes by: the organisation's newest key, and the newest list it has seen of it."""

    key: str
    revocations: Revocations | None = None


class Seen(Struct, frozen=True):
    """A key that somebody used before. `code`: both people confirmed the short code with it; `use`: just used."""

    key: str
    how: Literal["code", "certificate", "use"]
    at_ms: int


class Standing(Struct, frozen=True):
    """`certified` by the organisation, `known` by an earlier code, or `unknown`: the code has to be compared."""

    kind: Literal["certified", "known", "unknown"]
    organisation: str = ""


class Shown(Struct, frozen=True):
    """An agent as they present themselves: the key they signed with and what they say vouches for it."""

    person: PersonRef
    key: str
    certificate: AgentCertificate | None


# What the organisation makes


def certify(private: bytes, unsigned: AgentCertificate) -> AgentCertificate:
    """Signs a certificate; the issuer is filled in."""
    named = structs.replace(unsigned, issuer=statements.public_key(private), signature="")
    return structs.replace(named, signature=statements.sign(private, "certificate", named))


def revoke(private: bytes, before: Revocations | None, revoked: Iterable[Revoked], now_ms: int) -> Revocations:
    """The next list: all of the one before and these. Raises ValueError when it gets too long."""
    old = before.revoked if before else ()
    everything = tuple(dict.fromkeys((*old, *revoked)))
    if len(everything) > MAX_REVOKED:
        raise ValueError(f"{len(everything)} revoked, {MAX_REVOKED} allowed")
    unsigned = Revocations(
        issuer=statements.public_key(private),
        number=before.number + 1 if before else 1,
        issued_ms=now_ms,
        revoked=everything,
    )
    return structs.replace(unsigned, signature=statements.sign(private, "revocations", unsigned))


def rotate(old: bytes, new: bytes, organisation: str, now_ms: int) -> KeyRotation:
    """Both keys sign: the old one that it hands over, the new one that it is held by the same hands."""
    unsigned = KeyRotation(
        organisation=organisation, old=statements.public_key(old), new=statements.public_key(new), at_ms=now_ms
    )
    signature, second = (statements.sign(each, "rotation", unsigned) for each in (old, new))
    return structs.replace(unsigned, signature=signature, new_signature=second)


def sign_recording_key(private: bytes, key: str) -> str:
    """Says that recordings may be encrypted to this key (X25519, base64)."""
    return statements.sign(private, "recording key", [key])


def request(private: bytes, agent_id: str, device: str, now_ms: int) -> str:
    """The signature of `RegisterKey`."""
    return statements.sign(private, "key request", _asked(agent_id, statements.public_key(private), device, now_ms))


# What others check


def asks_for_itself(asked: KeyRequest) -> bool:
    """Whether the key itself signed the request."""
    fields = _asked(asked.agent_id, asked.key, asked.device, asked.asked_ms)
    return statements.verify(asked.key, "key request", fields, asked.signature)


def is_of(certificate: AgentCertificate, issuer: str) -> bool:
    """Whether this organisation's key has signed it."""
    bare = structs.replace(certificate, signature="")
    return certificate.issuer == issuer and statements.verify(issuer, "certificate", bare, certificate.signature)


def is_list_of(revocations: Revocations, issuer: str) -> bool:
    """Whether this organisation's key has signed the list."""
    bare = structs.replace(revocations, signature="")
    return revocations.issuer == issuer and statements.verify(issuer, "revocations", bare, revocations.signature)


def is_recording_key_of(key: str, signature: str, issuer: str) -> bool:
    """Whether this organisation's key has signed that recordings may be encrypted to this one."""
    return statements.verify(issuer, "recording key", [key], signature)


def hands_over(rotation: KeyRotation) -> bool:
    """Whether both keys have signed."""
    bare = structs.replace(rotation, signature="", new_signature="")
    signed = ((rotation.old, rotation.signature), (rotation.new, rotation.new_signature))
    return all(statements.verify(key, "rotation", bare, signature) for key, signature in signed)


def follow(anchor: Anchor, rotations: Sequence[KeyRotation], newest: Revocations | None) -> Anchor | Fault:
    """The anchor after what the relay brought. Rotations that do not hang on the pinned key change nothing; a list
    that is older than one seen before, or false, is a fault. A list of the key before goes on counting until the new
    key has signed one."""
    key = anchor.key
    for rotation in rotations:
        if rotation.old == key and hands_over(rotation):
            key = rotation.new
    known = anchor.revocations
    if newest is None:
        return Anchor(key, known)
    if newest.issuer not in {key, anchor.key, *(each.old for each in rotations)}:
        return "issuer_unknown"
    if not is_list_of(newest, newest.issuer):
        return "signature"
    if known is not None and newest.number < known.number:
        return "list_older"
    if newest.issuer != key:
        return Anchor(key, known)
    return Anchor(key, newest)


def judge(shown: Shown, anchor: Anchor | None, seen: Seen | None, now_ms: int) -> Standing | Fault:
    """What an agent's key is worth here. A certificate that does not hold is never passed over in silence."""
    if anchor is not None and anchor.revocations is not None:
        gone = anchor.revocations.revoked
        serial = shown.certificate.serial if shown.certificate else ""
        if any(each.key == shown.key or each.serial == serial for each in gone):
            return "certificate_revoked"
    if anchor is not None and shown.certificate is not None:
        fault = _check(shown.certificate, anchor.key, shown, now_ms)
        return fault or Standing("certified", shown.certificate.organisation)
    if seen is not None and seen.key != shown.key:
        return "key_changed"
    return Standing("known" if seen is not None and seen.how == "code" else "unknown")


def _check(certificate: AgentCertificate, issuer: str, shown: Shown, now_ms: int) -> Fault | None:
    if certificate.issuer != issuer:
        return "issuer_unknown"
    if not is_of(certificate, issuer):
        return "certificate_false"
    if certificate.key != shown.key or certificate.agent_id != shown.person.id:
        return "mixed_up"
    if certificate.name != shown.person.name:
        return "name_differs"
    if not certificate.not_before_ms - SLACK_MS <= now_ms < certificate.not_after_ms:
        return "certificate_expired"
    return None


def _asked(agent_id: str, key: str, device: str, asked_ms: int) -> list[object]:
    return [agent_id, key, device, asked_ms]
