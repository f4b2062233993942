"""Bounded scalars and the small values that several messages hold. Every length that a peer supplies ends here."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z_\-]+$")]
StreamName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z]+/[0-9A-Za-z_\-]+(/[a-z]+)?$")]
Seq = Annotated[int, Meta(ge=0, lt=2**53)]
Millis = Annotated[int, Meta(ge=0, lt=2**48)]
"""Milliseconds since 1970, UTC."""
Seconds = Annotated[int, Meta(ge=0, le=10**8)]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Line = Annotated[str, Meta(max_length=200)]
Paragraph = Annotated[str, Meta(max_length=4000)]
ChatText = Annotated[str, Meta(max_length=8000)]
Code = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[a-z0-9_.\-]+$")]
Token = Annotated[str, Meta(min_length=16, max_length=200)]
Key64 = Annotated[str, Meta(min_length=43, max_length=44)]
"""32 bytes (an Ed25519 public key, a nonce) in base64."""
Signature64 = Annotated[str, Meta(min_length=86, max_length=88)]
"""64 bytes (an Ed25519 signature) in base64."""
Params = Annotated[dict[Annotated[str, Meta(max_length=40)], Annotated[str, Meta(max_length=400)]], Meta(max_length=24)]
Answers = Annotated[dict[Annotated[str, Meta(max_length=40)], Paragraph], Meta(max_length=40)]

Capability = Literal[
    "view",
    "point",
    "control",
    "clipboard.read",
    "clipboard.write",
    "files.send",
    "files.receive",
    "audio",
    "sysinfo",
    "record",
    "terminal",
    "restart",
]
"""Named from the agent's side: `files.send` sends to the customer."""

Mode = Literal["customer", "owner", "collaborator", "consultant", "monitor", "whisper", "guest"]
Tier = Literal[1, 2, 3]
ConversationState = Literal[
    "new", "self_service", "queued", "offered", "active", "held", "wrap_up", "closed", "abandoned"
]
AgentState = Literal["available", "busy", "break", "offline"]
TicketState = Literal[
    "new", "assigned", "in_progress", "waiting_customer", "waiting_third_party", "resolved", "closed", "reopened"
]
Priority = Literal[1, 2, 3, 4]
"""1 is the most urgent."""


class Value(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the values inside messages: immutable, fields by name, defaults left off the wire."""


class PersonRef(Value, frozen=True, kw_only=True):
    """Somebody as others see them: `tier` 0 is a customer or the system."""

    id: Id
    name: Name
    kind: Literal["customer", "agent", "system"]
    tier: Annotated[int, Meta(ge=0, le=3)] = 0
    group: Line = ""


class Attachment(Value, frozen=True, kw_only=True):
    """A stored blob that a message shows; `width_px` and `height_px` are 0 when it is no picture."""

    blob_id: Id
    name: Line
    media_type: Line
    size_bytes: Annotated[int, Meta(ge=0, le=2**40)]
    width_px: Annotated[int, Meta(ge=0, le=32768)] = 0
    height_px: Annotated[int, Meta(ge=0, le=32768)] = 0


class Grant(Value, frozen=True, kw_only=True):
    """Consent to one capability for one agent until a moment. Only the customer's machine makes one."""

    capability: Capability
    agent_id: Id
    until_ms: Millis
