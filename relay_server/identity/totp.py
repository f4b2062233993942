"""Time-based one-time codes (RFC 6238) and recovery codes."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

from pyotp.hotp import HOTP
from pyotp.totp import TOTP

STEP_MS: Final = 30_000
DRIFT: Final = (0, -1, 1)
"""Steps that an authenticator's clock may be off."""
RECOVERY_CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def uri(secret: str, account: str, organisation: str) -> str:
    """What authenticators read from a QR code."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=organisation.replace(":", " "))


def step_of(secret: str, code: str, now_ms: int, last_step: int) -> int | None:
    """The step that the code is of, if it is near now and later than the last one used; else None."""
    totp = HOTP(secret)
    now = now_ms // STEP_MS
    fits = [now + off for off in DRIFT if hmac.compare_digest(totp.at(now + off), code)]
    return next((step for step in fits if step > last_step), None)


def plain_code(code: str) -> str:
    """Without blanks, dashes and capitals."""
    return "".join(each for each in code.casefold() if each.isascii() and each.isalnum())


def is_one_time(code: str) -> bool:
    """Whether a plain code is of an authenticator rather than a recovery code."""
    return len(code) == 6 and code.isdigit()


def new_recovery_codes() -> tuple[str, ...]:
    """Ten times 79 bits in four groups of four: too many to try, so a fast hash keeps them."""
    return tuple(
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)
    )


def digest(agent_id: str, code: str) -> str:
    """How a recovery code is kept (SHA-256, hex)."""
    return hashlib.sha256(f"{agent_id}\0{plain_code(code)}".encode()).hexdigest()
