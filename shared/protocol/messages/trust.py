"""Who vouches for whom: the organisation's key, agents' keys, and what both ends of a remote session sign.

The relay stores and carries all of it and can make none of it. Every signature is Ed25519 over a context and the
canonical form (`shared.rules.statements`) of the value with its own signature left empty.
"""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.messages.base import Command, Result
from shared.protocol.types import Id, Key64, Line, Millis, Name, Signature64, Value

Hash64 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in lower-case hexadecimal."""
Fingerprint = Annotated[str, Meta(pattern=r"^([0-9A-F]{2}:){31}[0-9A-F]{2}$")]
"""SHA-256 of a DTLS certificate, as session descriptions write it."""
MaybeSignature = Annotated[str, Meta(max_length=88)]
"""Empty while it is being made; a peer's empty one never verifies."""


class AgentCertificate(Value, frozen=True, kw_only=True):
    """The organisation says: this key is this agent's, who is called so, in this span of time."""

    serial: Id
    agent_id: Id
    name: Name
    organisation: Name
    key: Key64
    not_before_ms: Millis
    not_after_ms: Millis
    issuer: Key64
    signature: MaybeSignature = ""


class Revoked(Value, frozen=True, kw_only=True):
    """A certificate that counts no more, and its key, which nobody certifies again."""

    serial: Id
    key: Key64


class Revocations(Value, frozen=True, kw_only=True):
    """Everything that was taken back, signed as a whole. `number` only grows: an older list is refused."""

    issuer: Key64
    number: Annotated[int, Meta(ge=1, lt=2**31)]
    issued_ms: Millis
    revoked: Annotated[tuple[Revoked, ...], Meta(max_length=1000)]
    signature: MaybeSignature = ""


class RecordingKey(Value, frozen=True, kw_only=True):
    """A public key (X25519) that recordings may be encrypted to, when the organisation's key has signed it."""

    key: Key64
    signature: MaybeSignature = ""


class KeyRotation(Value, frozen=True, kw_only=True):
    """The organisation's old key hands over to a new one, which signs too: whoever pinned the old one follows."""

    organisation: Name
    old: Key64
    new: Key64
    at_ms: Millis
    signature: MaybeSignature = ""
    new_signature: MaybeSignature = ""


class KeyRequest(Value, frozen=True, kw_only=True):
    """An agent's device asks to be certified; signed by the key itself. The name is the relay's: whoever certifies
    compares the key with the agent."""

    agent_id: Id
    name: Name
    key: Key64
    device: Line
    asked_ms: Millis
    signature: MaybeSignature = ""


class RegisterKey(Command, frozen=True, kw_only=True):
    """The agent's device shows its key; again after each sign-in. `signature` as in `KeyRequest`."""

    key: Key64
    device: Line
    asked_ms: Millis
    signature: Signature64


class KeyStanding(Result, frozen=True, kw_only=True):
    """The certificate of the registered key, if there is one that counts."""

    certificate: AgentCertificate | None = None
    revoked: bool = False


class GetTrust(Command, frozen=True, kw_only=True):
    """What the organisation has signed for its customers' machines."""


class Trust(Result, frozen=True, kw_only=True):
    """Rotations oldest first."""

    rotations: Annotated[tuple[KeyRotation, ...], Meta(max_length=50)] = ()
    revocations: Revocations | None = None


class Statement(Value, frozen=True, kw_only=True):
    """What an end says about its session description, and to whom: nothing of it fits another session, person or
    description. An offer commits to a nonce that is revealed after the answer; an answer names the offer and has its
    own nonce."""

    session_id: Id
    conversation_id: Id
    kind: Literal["offer", "answer"]
    sender: Id
    receiver: Id
    fingerprint: Fingerprint
    description: Hash64
    commitment: Annotated[str, Meta(max_length=64)] = ""
    nonce: Annotated[str, Meta(max_length=44)] = ""
    offer: Annotated[str, Meta(max_length=64)] = ""
    lasting: bool = True
    """Whether the key outlives this run of the program."""


class SignedStatement(Value, frozen=True, kw_only=True):
    """A statement with whose it is. Customers have no certificate."""

    statement: Statement
    key: Key64
    signature: MaybeSignature = ""
    certificate: AgentCertificate | None = None


class AskProof(Value, frozen=True, kw_only=True):
    """The agent's key under their question, over conversation, request, agent, capabilities and reason."""

    key: Key64
    signature: MaybeSignature = ""
    certificate: AgentCertificate | None = None
    lasting: bool = True
