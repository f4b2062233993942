"""Handshake and sign-in. Before sign-in only `Opening` is decoded, from at most 8 KiB."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.messages.base import Command, Result
from shared.protocol.types import Id, Key64, Line, Millis, Name, PersonRef, Signature64, Tier, Token, Value

Program = Literal["customer", "agent"]


class Hello(Command, frozen=True, kw_only=True):
    """The first frame on every link. `protocol` and `oldest` are the newest and oldest versions the client speaks."""

    program: Program
    protocol: Annotated[int, Meta(ge=0, le=10**6)]
    oldest: Annotated[int, Meta(ge=0, le=10**6)]
    version: Line
    locale: Line = ""


class RecordingTerms(Value, frozen=True, kw_only=True):
    """What recordings are encrypted to (an X25519 key), and for how many days they are kept. `signature`: the
    organisation's over the key, empty while it has none."""

    key: Key64
    keep_days: Annotated[int, Meta(ge=1, le=3650)]
    signature: Annotated[str, Meta(max_length=88)] = ""


class OrganisationView(Value, frozen=True, kw_only=True):
    """Whom the customer deals with. `sample` marks invented data, shown wherever the name is."""

    name: Name
    sample: bool = False
    accent: Line = ""
    recording: RecordingTerms | None = None
    """None: nothing can be recorded."""


class Welcome(Result, frozen=True, kw_only=True):
    """The relay's side of the handshake."""

    protocol: int
    relay_version: Line
    organisation: OrganisationView
    server_ms: Millis
    single_sign_on: Line = ""
    """For agents: what the organisation's own sign-in is called; empty where there is none."""


Username = Annotated[str, Meta(min_length=1, max_length=80)]
Password = Annotated[str, Meta(min_length=1, max_length=256)]
OneTimeCode = Annotated[str, Meta(max_length=40)]
"""Six digits of an authenticator, or a recovery code; blanks and dashes do not count."""


class SignInWithPassword(Command, frozen=True, kw_only=True):
    """An agent signs in; a wrong name and a wrong password are told apart by nobody.

    Only with the right password: `code_needed` asks for the same again with `code`, `enrolment_needed` for `EnrolTotp`.
    """

    username: Username
    password: Password
    device: Line = ""
    code: OneTimeCode = ""


class EnrolTotp(Command, frozen=True, kw_only=True):
    """An agent who must have a second factor and has none gets a secret; signing in with a code of it confirms it."""

    username: Username
    password: Password


class TotpOffer(Result, frozen=True, kw_only=True):
    """A secret for an authenticator (RFC 6238: SHA-1, 30 s, 6 digits), in base32 and as the URI of a QR code."""

    secret: Annotated[str, Meta(max_length=64)]
    uri: Annotated[str, Meta(max_length=600)]


class BeginSingleSignOn(Command, frozen=True, kw_only=True):
    """The agent's program listens on `port` of its own loopback address and keeps a PKCE verifier (RFC 7636) whose
    S256 challenge this is."""

    port: Annotated[int, Meta(ge=1, le=65535)]
    challenge: Annotated[str, Meta(min_length=43, max_length=43, pattern=r"^[0-9A-Za-z_\-]+$")]


class SingleSignOnBegun(Result, frozen=True, kw_only=True):
    """Open `url` in the system's browser; only an answer with this `state` is one."""

    url: Annotated[str, Meta(max_length=3000)]
    state: Annotated[str, Meta(max_length=1000)]


class FinishSingleSignOn(Command, frozen=True, kw_only=True):
    """What the browser brought back, and the verifier that only the program that began has."""

    state: Annotated[str, Meta(min_length=1, max_length=1000)]
    code: Annotated[str, Meta(min_length=1, max_length=2000)]
    verifier: Annotated[str, Meta(min_length=43, max_length=128, pattern=r"^[0-9A-Za-z._~\-]+$")]
    device: Line = ""


class SignInWithToken(Command, frozen=True, kw_only=True):
    """An agent's link comes back with a short-lived access token."""

    access_token: Token


class RenewTokens(Command, frozen=True, kw_only=True):
    """Trades a refresh token for a new pair. The old one stays good until the new one is first used; after that
    its reuse revokes the family."""

    refresh_token: Token


class AskChallenge(Command, frozen=True, kw_only=True):
    """A customer's device asks for something to sign."""

    device_key: Key64


class Challenge(Result, frozen=True, kw_only=True):
    """Sign `CHALLENGE_PREFIX + nonce` (the 32 raw bytes) with the device key within a minute."""

    nonce: Key64


class ProveDevice(Command, frozen=True, kw_only=True):
    """The customer's device proves that it holds its key. First use makes the customer."""

    device_key: Key64
    nonce: Key64
    signature: Signature64
    name: Line = ""
    email: Line = ""
    phone: Line = ""


CHALLENGE_PREFIX = b"threeline device sign-in v1\0"


class AgentProfile(Value, frozen=True, kw_only=True):
    """An agent as they see themselves."""

    person: PersonRef
    username: Name
    group_ids: tuple[Id, ...]
    tier: Tier
    branch: Line
    roles: tuple[Line, ...] = ()
    max_units: int = 3


class TokenPair(Value, frozen=True, kw_only=True):
    """`access_token` opens links and blobs until `expires_ms`; `refresh_token` belongs in the OS keyring."""

    access_token: Token
    refresh_token: Token
    expires_ms: Millis


RecoveryCodeList = Annotated[tuple[Annotated[str, Meta(max_length=40)], ...], Meta(max_length=20)]
"""Each good once, shown once, kept hashed."""


class AgentSignedIn(Result, frozen=True, kw_only=True):
    """After any sign-in; `tokens` only when new ones were made, `recovery_codes` once, when a second factor was
    confirmed by it."""

    agent: AgentProfile
    tokens: TokenPair | None = None
    recovery_codes: RecoveryCodeList = ()


class CustomerSignedIn(Result, frozen=True, kw_only=True):
    """The device is known; `access_token` is for blobs."""

    customer: PersonRef
    access_token: Token
    expires_ms: Millis
    email: Line = ""
    phone: Line = ""
    vip_level: int = 0


class UpdateProfile(Command, frozen=True, kw_only=True):
    """The customer says who they are; an unverified e-mail or phone opens nothing by itself."""

    name: Line = ""
    email: Line = ""
    phone: Line = ""


class SignOut(Command, frozen=True, kw_only=True):
    """Ends this agent's token family on the relay."""


Opening = (
    Hello
    | SignInWithPassword
    | EnrolTotp
    | BeginSingleSignOn
    | FinishSingleSignOn
    | SignInWithToken
    | RenewTokens
    | AskChallenge
    | ProveDevice
)


class Pong(Command, frozen=True, kw_only=True):
    """Answers `Ping`; never answered itself."""
