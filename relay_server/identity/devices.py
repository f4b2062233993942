"""A customer's device proves that it holds its key: it signs a nonce that is good once, for a minute, on one link."""

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.protocol.messages.identity import CHALLENGE_PREFIX, ProveDevice

CHALLENGE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class OpenChallenge:
    """Held by the link that asked; dropped with the first answer, right or wrong. `until_s` is monotonic: a clock that
    is set during a sign-in must not turn anybody away."""

    device_key: str
    nonce: str
    until_s: float


def challenge(device_key: str, now_s: float) -> OpenChallenge:
    """Something new to sign."""
    return OpenChallenge(device_key, base64.b64encode(secrets.token_bytes(32)).decode(), now_s + CHALLENGE_S)


def proven(asked: OpenChallenge | None, proof: ProveDevice, now_s: float) -> bool:
    """Whether the proof answers what was asked, in time, with the key's own signature."""
    if asked is None or now_s >= asked.until_s:
        return False
    if (asked.device_key, asked.nonce) != (proof.device_key, proof.nonce):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(proof.device_key, validate=True))
        key.verify(
            base64.b64decode(proof.signature, validate=True),
            CHALLENGE_PREFIX + base64.b64decode(proof.nonce, validate=True),
        )
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
