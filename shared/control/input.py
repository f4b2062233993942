"""What travels on the data channel named `control`: the agent's input one way, the customer's word the other way.

Compact msgpack arrays, one message a datagram. Pointer positions are pixels of the picture that the agent saw, whose
size goes with them, so that a change of resolution in between moves no click elsewhere. Keys are X keysyms
(keysymdef.h; a Unicode character above 255 is 0x01000000 + its code point); text is text and needs no layout.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE, PeerBroken
from shared.control.guard import Guarded
from shared.protocol.messages.remote import EndReason
from shared.protocol.types import Capability

MAX_INPUT_BYTES: Final = 2048
MAX_TEXT: Final = 256

Position = Annotated[int, Meta(ge=0, lt=32768)]
Size = Annotated[int, Meta(ge=1, le=32768)]
Keysym = Annotated[int, Meta(ge=0x20, le=0x0110FFFF)]
Button = Literal[1, 2, 3, 8, 9]
"""Left, middle, right, back, forward, as X numbers them."""
Steps = Annotated[int, Meta(ge=-20, le=20)]


class _Message(Struct, frozen=True, array_like=True, tag=True):
    pass


class PointerMove(_Message, frozen=True):
    """The pointer is at (`x`, `y`) of a picture of `width` x `height`."""

    x: Position
    y: Position
    width: Size
    height: Size


class PointerPress(_Message, frozen=True):
    """A button goes down there."""

    button: Button
    x: Position
    y: Position
    width: Size
    height: Size


class PointerRelease(_Message, frozen=True):
    """A button comes up there."""

    button: Button
    x: Position
    y: Position
    width: Size
    height: Size


class Wheel(_Message, frozen=True):
    """The wheel turns there: notches to the right and up (away from the person) are positive."""

    right: Steps
    up: Steps
    x: Position
    y: Position
    width: Size
    height: Size


class KeyDown(_Message, frozen=True):
    """A key goes down: modifiers, keys without a character, and characters while Ctrl, Alt or Super is held."""

    keysym: Keysym


class KeyUp(_Message, frozen=True):
    """That key comes up."""

    keysym: Keysym


class TypeText(_Message, frozen=True):
    """Characters to type, whatever the layout there."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]


class LetGo(_Message, frozen=True):
    """Everything this agent holds down comes up: the view lost the focus."""


class KeepHeld(_Message, frozen=True):
    """Sent twice a second while anything is held down; without it the customer's side lets go."""


Input = PointerMove | PointerPress | PointerRelease | Wheel | KeyDown | KeyUp | TypeText | LetGo | KeepHeld


Quality = Literal["automatic", "exact", "thrifty"]
"""How good the picture is to be: as the path allows, every frame exact to the last bit, or with little bandwidth."""


class WishPicture(_Message, frozen=True):
    """What this agent would like; the customer's machine decides, for all who look on."""

    quality: Quality


class WishRestart(_Message, frozen=True):
    """This agent would like the customer's computer to restart now; the person there decides when, and whether."""


Said = Input | WishPicture | WishRestart


class Standing(_Message, frozen=True):
    """What the customer's machine lets this agent do now, and since when by the clock that stamps its pictures."""

    capabilities: tuple[Capability, ...]
    paused: bool
    at_us: int = 0
    guarded: Guarded = ""
    """Input does not land while this is so, whatever is granted."""
    seal_to: str = ""
    """The recording key that the customer agreed to (X25519, base64); empty where nothing may be recorded."""


class ControlWaits(_Message, frozen=True):
    """The customer uses mouse or keyboard: remote input lands again after this time without theirs."""

    for_ms: int


class SharingStopped(_Message, frozen=True):
    """The customer's machine has ended sharing; nothing comes after it."""

    reason: EndReason


Told = Standing | ControlWaits | SharingStopped

_encoder: Final = msgspec.msgpack.Encoder()
_said: Final = msgspec.msgpack.Decoder(Said)
_told: Final = msgspec.msgpack.Decoder(Told)


def encode(message: Said | Told) -> bytes:
    """The bytes of one datagram."""
    return _encoder.encode(message)


def decode_said(data: bytes) -> Said:
    """On the customer's side. Raises PeerBroken."""
    if len(data) > MAX_INPUT_BYTES:
        raise PeerBroken(f"{len(data)} bytes of input, {MAX_INPUT_BYTES} allowed")
    try:
        return _said.decode(data)
    except UNDECODABLE as error:
        raise PeerBroken(str(error)) from error


def decode_told(data: bytes) -> Told:
    """On the agent's side. Raises PeerBroken."""
    if len(data) > MAX_INPUT_BYTES:
        raise PeerBroken(f"{len(data)} bytes on the control channel, {MAX_INPUT_BYTES} allowed")
    try:
        return _told.decode(data)
    except UNDECODABLE as error:
        raise PeerBroken(str(error)) from error
