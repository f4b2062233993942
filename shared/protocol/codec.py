"""Bytes to messages and back: JSON in text frames. Anything that does not fit is `PeerBroken` with what was wrong.

Unknown commands are refused; an unknown *event* is carried as `UnknownEvent`, so that an older client shows "update
needed" and its `seq` goes on.
"""

import re
from typing import Final, TypeVar, get_args

import msgspec
from msgspec import Struct

from shared.common.errors import UNDECODABLE, PeerBroken
from shared.protocol import frames as f
from shared.protocol.codes import RefusalCode
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.conversations import EventRecord

MAX_OPENING_BYTES: Final = 8 * 1024
MAX_FRAME_BYTES: Final = 256 * 1024
"""Either way, after sign-in."""

T = TypeVar("T")
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""An escaped U+0000, not an escaped backslash before four digits. JSON has no other way to write it."""
_encoder: Final = msgspec.json.Encoder()
_opening: Final = msgspec.json.Decoder(f.FromOpening)
_from_customer: Final = msgspec.json.Decoder(f.FromCustomer)
_from_agent: Final = msgspec.json.Decoder(f.FromAgent)
_to_customer: Final = msgspec.json.Decoder(f.ToCustomer)
_to_agent: Final = msgspec.json.Decoder(f.ToAgent)


class UnknownEvent(Struct, frozen=True, kw_only=True):
    """An event that a newer relay wrote and this build has no words for. `problem`: why a known kind cannot be read."""

    kind: str
    problem: str = ""


class Malformed(PeerBroken):
    """A frame that is none of ours. `refusal` answers it; `request_id` says which request it was (0: unknown)."""

    def __init__(self, code: RefusalCode, detail: str, request_id: int = 0) -> None:
        super().__init__(detail)
        self.refusal: RefusalCode = code
        self.request_id = request_id


class _Head(Struct):
    id: int = 0
    body: msgspec.Raw = msgspec.Raw(b"{}")


class _Do(Struct):
    do: str = ""


_head: Final = msgspec.json.Decoder(_Head)
_do: Final = msgspec.json.Decoder(_Do)


def _decode(decoder: msgspec.json.Decoder[T], data: bytes | str, limit: int, known: frozenset[str]) -> T:
    if len(data) > limit:
        raise Malformed("too_large", f"{len(data)} bytes, {limit} allowed")
    try:
        return decoder.decode(data)
    except UNDECODABLE as error:
        raise _diagnose(data, known, error) from error


def _said(decoder: msgspec.json.Decoder[T], data: bytes | str, limit: int, known: frozenset[str]) -> T:
    """What a peer says to the relay: as above, and without U+0000, which not every store can keep in a text."""
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    if "\\u0000" in text and _NUL.search(text):
        raise _diagnose(data, known, ValueError("U+0000 in a text"))
    return _decode(decoder, data, limit, known)


def _diagnose(data: bytes | str, known: frozenset[str], error: Exception) -> Malformed:
    try:
        head = _head.decode(data)
        command = _do.decode(head.body).do
    except UNDECODABLE:
        return Malformed("malformed", str(error))
    code: RefusalCode = "malformed" if command in known or not command else "unknown_command"
    return Malformed(code, str(error), head.id if 0 <= head.id < 2**31 else 0)


def tags(union: object) -> frozenset[str]:
    """The wire names of a union's members."""
    return frozenset(str(member.__struct_config__.tag) for member in get_args(union))


OPENING_TAGS: Final = tags(f.i.Opening)
CUSTOMER_TAGS: Final = tags(f.CustomerCommand)
AGENT_TAGS: Final = tags(f.AgentCommand)


def decode_opening(data: bytes | str) -> f.FromOpening:
    """A frame before sign-in. Raises `Malformed`."""
    return _said(_opening, data, MAX_OPENING_BYTES, OPENING_TAGS)


def decode_from_customer(data: bytes | str) -> f.FromCustomer:
    """A customer's frame. Raises `Malformed`."""
    return _said(_from_customer, data, MAX_FRAME_BYTES, CUSTOMER_TAGS)


def decode_from_agent(data: bytes | str) -> f.FromAgent:
    """An agent's frame. Raises `Malformed`."""
    return _said(_from_agent, data, MAX_FRAME_BYTES, AGENT_TAGS)


def decode_to_customer(data: bytes | str) -> f.ToCustomer:
    """What the relay told a customer. Raises `Malformed`."""
    return _decode(_to_customer, data, MAX_FRAME_BYTES, frozenset())


def decode_to_agent(data: bytes | str) -> f.ToAgent:
    """What the relay told an agent. Raises `Malformed`."""
    return _decode(_to_agent, data, MAX_FRAME_BYTES, frozenset())


def encode_from_opening(frame: f.FromOpening) -> bytes:
    """For the first frames of a link."""
    return _encoder.encode(frame)


def encode_from_customer(frame: f.FromCustomer) -> bytes:
    """For a customer's link."""
    return _encoder.encode(frame)


def encode_from_agent(frame: f.FromAgent) -> bytes:
    """For an agent's link."""
    return _encoder.encode(frame)


def encode_to_customer(frame: f.ToCustomer) -> bytes:
    """The only way to a customer's link: its type holds no internal event, and no record of such a stream passes."""
    if isinstance(frame, f.PublicEvent):
        _require_public(frame.record.stream)
    elif isinstance(frame, f.Reply) and isinstance(frame.body, f.c.StreamPage):
        _require_public(frame.body.stream)
    return _encoder.encode(frame)


def encode_to_agent(frame: f.ToAgent) -> bytes:
    """For an agent's link."""
    return _encoder.encode(frame)


def is_public(stream: str) -> bool:
    """Whether a customer may ever read this stream."""
    return stream.startswith("c/") and stream.endswith("/public")


def _require_public(stream: str) -> None:
    if not is_public(stream):
        raise AssertionError("an internal stream on its way to a customer")


_event_types: Final[dict[str, type[EventBody]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(f.EventBody)
}


def kind_of(event: EventBody) -> str:
    """The event's name on the wire."""
    return str(event.__struct_config__.tag)


def encode_event(event: EventBody) -> str:
    """The event's own JSON, as the journal keeps it."""
    return _encoder.encode(event).decode()


def decode_event(record: EventRecord) -> EventBody | UnknownEvent:
    """The event inside a record; one that cannot be read is `UnknownEvent`, for nobody gets past it by reconnecting."""
    kind = _event_types.get(record.kind)
    if kind is None:
        return UnknownEvent(kind=record.kind)
    try:
        return msgspec.json.decode(record.body, type=kind)
    except UNDECODABLE as error:
        return UnknownEvent(kind=record.kind, problem=str(error))
