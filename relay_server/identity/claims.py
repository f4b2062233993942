"""What an ID token says, and whether it is for us, now (OpenID Connect Core 1.0, 3.1.3.7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from msgspec import Struct

LEEWAY_S: Final = 60
"""How far the provider's clock may be off."""
OLDEST_S: Final = 600
"""An ID token is used right after it was made."""
Fault = Literal["issuer", "audience", "expired", "not_yet", "nonce", "subject"]


class Claims(Struct, frozen=True):
    """Only what is looked at. Times in seconds since 1970."""

    iss: str
    sub: str
    aud: str | tuple[str, ...]
    exp: float
    iat: float
    nonce: str = ""
    azp: str = ""
    email: str = ""
    email_verified: bool | str = False
    name: str = ""

    @property
    def verified_email(self) -> str:
        """The address in small letters, when the provider vouches for it; some write the truth as a string."""
        return self.email.strip().casefold() if self.email_verified in (True, "true") else ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say."""

    issuer: str
    client_id: str
    nonce: str


def fault_of(claims: Claims, expected: Expected, now_s: float) -> Fault | None:
    """Why the token is not to be believed, or None."""
    audience: Sequence[str] = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
    others = len(audience) > 1 or bool(claims.azp)
    if claims.iss != expected.issuer:
        return "issuer"
    if expected.client_id not in audience or (others and claims.azp != expected.client_id):
        return "audience"
    if now_s >= claims.exp + LEEWAY_S or now_s > claims.iat + OLDEST_S:
        return "expired"
    if claims.iat > now_s + LEEWAY_S:
        return "not_yet"
    if not expected.nonce or claims.nonce != expected.nonce:
        return "nonce"
    return None if 0 < len(claims.sub) <= 255 else "subject"
