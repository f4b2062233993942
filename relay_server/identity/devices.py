"""A customer's device proves that it holds its key: it signs a nonce that is good once, for a minute, on one link."""

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.protocol.messages.identity import CHALLENGE_PREFIX, ProveDevice

CHALLENGE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class OpenChallenge:
    """Held by the link that asked; dropped with the first answer, right or wrong."""

    device_key: str
    nonce: str
    expires_ms: int


def challenge(device_key: str, now_ms: int) -> OpenChallenge:
    """Something new to sign."""
    return OpenChallenge(device_key, base64.b64encode(secrets.token_bytes(32)).decode(), now_ms + CHALLENGE_MS)


def proven(asked: OpenChallenge | None, proof: ProveDevice, now_ms: int) -> bool:
    """Whether the proof answers what was asked, in time, with the key's own signature."""
    if asked is None or now_ms >= asked.expires_ms:
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
