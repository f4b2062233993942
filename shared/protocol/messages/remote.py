"""Remote sessions: asking, consent, signalling and the receipt. The relay carries words about the screen, never the
screen; the customer's machine alone decides what is granted."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.messages.base import Command, EventBody, PushBody, Result
from shared.protocol.messages.trust import AskProof, MaybeSignature, SignedStatement
from shared.protocol.types import (
    Capability,
    Grant,
    Id,
    Key64,
    Line,
    Millis,
    Params,
    PersonRef,
    Signature64,
    Value,
)

Capabilities = Annotated[tuple[Capability, ...], Meta(min_length=1, max_length=12)]
Sdp = Annotated[str, Meta(max_length=48 * 1024)]
EndReason = Literal[
    "customer_stopped",
    "customer_stop_key",
    "agent_ended",
    "expired",
    "connection_lost",
    "session_process_lost",
    "conversation_ended",
    "refused",
    "unverified",
    "restarting",
]
"""`restarting`: the customer's computer restarts and comes back into the same session; between the two ends only, the
record's session goes on."""
GrantEnd = Literal["revoked", "expired", "stopped", "paused_out", "connection_lost"]


class AskCapabilities(Command, frozen=True, kw_only=True):
    """The owner asks the customer; `request_id` is made by the client. `proof` is handed on as it is."""

    conversation_id: Id
    request_id: Id
    capabilities: Capabilities
    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    proof: AskProof | None = None


class WithdrawAsk(Command, frozen=True, kw_only=True):
    """The agent takes the question back."""

    conversation_id: Id
    request_id: Id


class AnswerConsent(Command, frozen=True, kw_only=True):
    """The customer's answer; no grants means no. The relay records it, the customer's machine enforces it."""

    conversation_id: Id
    request_id: Id
    grants: Annotated[tuple[Grant, ...], Meta(max_length=12)] = ()
    source: Line = ""


class ReportGrantEnded(Command, frozen=True, kw_only=True):
    """The customer's machine says that a grant is over."""

    conversation_id: Id
    session_id: Id
    agent_id: Id
    capability: Capability
    why: GrantEnd


class Signal(Value, frozen=True, kw_only=True):
    """One step of WebRTC negotiation: complete session descriptions, no trickle, each with its end's signed word.

    `reveal` (customer) opens the offer's nonce once the answer is there; `compare` says that the customer's machine
    knows no better than the code. `confirm` (both): the person at that end has compared it; signed. `again`: the agent
    hears nothing any more and asks for a further connection.
    """

    kind: Literal["offer", "answer", "reveal", "confirm", "bye", "again"]
    sdp: Sdp = ""
    signed: SignedStatement | None = None
    nonce: Annotated[str, Meta(max_length=44)] = ""
    compare: bool = False
    signature: MaybeSignature = ""


class SendSignal(Command, frozen=True, kw_only=True):
    """Carries a signal to one other participant of a live remote session."""

    session_id: Id
    to: Id
    signal: Signal


class SignalArrived(PushBody, frozen=True, kw_only=True):
    """A signal from another participant."""

    session_id: Id
    conversation_id: Id
    sender: PersonRef
    signal: Signal


class IceServer(Value, frozen=True, kw_only=True):
    """A TURN or STUN server with time-limited credentials."""

    urls: tuple[Line, ...]
    username: Line = ""
    credential: Line = ""


class GetIceServers(Command, frozen=True, kw_only=True):
    """Which servers help a remote session connect; none means direct connections only."""

    session_id: Id


class IceServers(Result, frozen=True, kw_only=True):
    """Possibly empty; never a public server."""

    servers: tuple[IceServer, ...]


class EndRemote(Command, frozen=True, kw_only=True):
    """Either side ends the remote session."""

    session_id: Id
    reason: EndReason


class ReceiptEntry(Value, frozen=True, kw_only=True):
    """One line of the receipt. `previous` is the hash of the line before, so none can be taken out."""

    at_ms: Millis
    what: Literal["asked", "granted", "refused", "used", "ended", "paused", "resumed", "source", "file"]
    agent: PersonRef | None = None
    capability: Capability | None = None
    params: Params = {}
    previous: Annotated[str, Meta(max_length=64)] = ""


class Receipt(Value, frozen=True, kw_only=True):
    """What was granted and what was done with it, signed by the customer's device key (Ed25519 over the last hash)."""

    session_id: Id
    conversation_id: Id
    ticket_number: Line
    device_key: Key64
    entries: Annotated[tuple[ReceiptEntry, ...], Meta(max_length=400)]
    signature: Signature64


class StoreReceipt(Command, frozen=True, kw_only=True):
    """The customer's machine hands over the receipt; both sides keep it."""

    receipt: Receipt


class GetReceipts(Command, frozen=True, kw_only=True):
    """The receipts of a conversation, for its customer and its agents."""

    conversation_id: Id


class Receipts(Result, frozen=True, kw_only=True):
    """Oldest first."""

    receipts: Annotated[tuple[Receipt, ...], Meta(max_length=50)]


# Events of the public stream


class CapabilityAsked(EventBody, frozen=True, kw_only=True):
    """The agent asked; without an answer by `expires_ms` the answer is no."""

    request_id: Id
    session_id: Id
    agent: PersonRef
    capabilities: Capabilities
    reason: Line
    expires_ms: Millis
    ticket_number: Line = ""
    proof: AskProof | None = None


class AskWithdrawn(EventBody, frozen=True, kw_only=True):
    """The question is off the table."""

    request_id: Id


class ConsentAnswered(EventBody, frozen=True, kw_only=True):
    """What the customer granted; empty means no."""

    request_id: Id
    session_id: Id
    agent: PersonRef
    grants: tuple[Grant, ...]
    source: Line = ""


class RemoteStarted(EventBody, frozen=True, kw_only=True):
    """The first grant to see the screen makes the session live."""

    session_id: Id
    agent: PersonRef


class GrantEnded(EventBody, frozen=True, kw_only=True):
    """A grant is over."""

    session_id: Id
    agent_id: Id
    capability: Capability
    why: GrantEnd


class RemoteEnded(EventBody, frozen=True, kw_only=True):
    """Nobody sees or controls anything any more."""

    session_id: Id
    by: PersonRef
    reason: EndReason


class ReceiptStored(EventBody, frozen=True, kw_only=True):
    """A verified receipt is kept; `digest` is its last hash."""

    session_id: Id
    digest: Line
    lines: int
