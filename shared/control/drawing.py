"""Pointing and drawing: what travels on the data channel named `drawing`, and the sketch that both ends keep of it.

Positions are pixels of the picture that the agent saw, whose size goes with them. The customer's side places them on
its screen; the agent's side keeps the same sketch in picture pixels, to show each stroke before it comes back.
"""

from collections.abc import Callable
from typing import Annotated, Final, Literal, TypeVar, assert_never

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from shared.common.errors import UNDECODABLE, PeerBroken
from shared.control.input import Position, Size

MAX_DRAWING_BYTES: Final = 4096
MAX_SHAPES: Final = 40
"""By agent; one more drops the oldest."""
MAX_POINTS: Final = 400
"""Of one stroke; what comes after is left out."""
MAX_REACH: Final = 64
MAX_WORDS: Final = 80

Tool = Literal["arrow", "box", "ellipse", "pen", "words"]
Colour = Annotated[int, Meta(ge=0, le=5)]
Spot = tuple[Position, Position]
Place = Callable[[int, int, int, int], tuple[int, int]]
"""x, y, width, height of a picture -> where that is."""


class _Message(Struct, frozen=True, array_like=True, tag=True):
    pass


class Aim(_Message, frozen=True):
    """The agent points there."""

    x: Position
    y: Position
    width: Size
    height: Size
    colour: Colour


class Unaim(_Message, frozen=True):
    """The agent points no more."""


class Begin(_Message, frozen=True):
    """A new shape starts there; `words` are for that tool alone."""

    tool: Tool
    colour: Colour
    x: Position
    y: Position
    width: Size
    height: Size
    words: Annotated[str, Meta(max_length=MAX_WORDS)] = ""


class Reach(_Message, frozen=True):
    """The agent's newest shape goes on to there: a pen through all the spots, anything else to the last."""

    spots: Annotated[tuple[Spot, ...], Meta(min_length=1, max_length=MAX_REACH)]
    width: Size
    height: Size


class Undo(_Message, frozen=True):
    """The agent's newest shape goes."""


class Clear(_Message, frozen=True):
    """All of the agent's shapes go."""


Drawing = Aim | Unaim | Begin | Reach | Undo | Clear


class Wiped(_Message, frozen=True):
    """From the customer's side: nothing of this agent's is on the screen any more."""


class Shape(Struct, frozen=True, array_like=True):
    """What was drawn. A pen has all its points, an arrow, box or ellipse start and end, words their place."""

    tool: Tool
    colour: int
    points: tuple[tuple[int, int], ...]
    words: str = ""


class Aimed(Struct, frozen=True, array_like=True):
    """Where somebody points."""

    x: int
    y: int
    colour: int


class Sketch(Struct, frozen=True, array_like=True):
    """All that one agent shows on the screen."""

    shapes: tuple[Shape, ...] = ()
    aim: Aimed | None = None


BLANK: Final = Sketch()


def drawn(sketch: Sketch, message: Drawing, place: Place) -> Sketch:
    """The sketch after a message; `place` says where its positions are."""
    match message:
        case Aim(x, y, width, height, colour):
            return replace(sketch, aim=Aimed(*place(x, y, width, height), colour))
        case Unaim():
            return replace(sketch, aim=None)
        case Begin(tool, colour, x, y, width, height, words):
            return replace(sketch, shapes=_begun(sketch, tool, colour, place(x, y, width, height), words))
        case Reach(spots, width, height):
            points = tuple(place(x, y, width, height) for x, y in spots)
            return replace(sketch, shapes=_reached(sketch.shapes, points))
        case Undo():
            return replace(sketch, shapes=sketch.shapes[:-1])
        case Clear():
            return replace(sketch, shapes=())
        case _:
            assert_never(message)


def _begun(sketch: Sketch, tool: Tool, colour: int, at: tuple[int, int], words: str) -> tuple[Shape, ...]:
    line = " ".join("".join(one for one in words if one.isprintable()).split())
    if (tool == "words") != bool(line):
        return sketch.shapes
    return (*sketch.shapes[1 - MAX_SHAPES :], Shape(tool, colour, (at,), line))


def _reached(shapes: tuple[Shape, ...], points: tuple[tuple[int, int], ...]) -> tuple[Shape, ...]:
    if not shapes or shapes[-1].tool == "words":
        return shapes
    last = shapes[-1]
    so_far = (*last.points, *points)[:MAX_POINTS] if last.tool == "pen" else (last.points[0], points[-1])
    return (*shapes[:-1], replace(last, points=so_far))


_T = TypeVar("_T")
_encoder: Final = msgspec.msgpack.Encoder()
_drawing: Final = msgspec.msgpack.Decoder(Drawing)
_wiped: Final = msgspec.msgpack.Decoder(Wiped)


def encode(message: Drawing | Wiped) -> bytes:
    """The bytes of one datagram."""
    return _encoder.encode(message)


def decode_drawing(data: bytes) -> Drawing:
    """On the customer's side. Raises PeerBroken."""
    return _decoded(_drawing, data)


def decode_wiped(data: bytes) -> Wiped:
    """On the agent's side. Raises PeerBroken."""
    return _decoded(_wiped, data)


def _decoded(decoder: msgspec.msgpack.Decoder[_T], data: bytes) -> _T:
    if len(data) > MAX_DRAWING_BYTES:
        raise PeerBroken(f"{len(data)} bytes of drawing, {MAX_DRAWING_BYTES} allowed")
    try:
        return decoder.decode(data)
    except UNDECODABLE as error:
        raise PeerBroken(str(error)) from error
