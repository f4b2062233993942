"""Pointing and drawing, between the windows and their session processes. Positions: pixels of the whole screen for the
customer's side, of the picture for the agent's."""

from typing import Annotated

from msgspec import Meta, Struct

from shared.control.drawing import Drawing, Sketch
from shared.session.message import Message


class WipeDrawings(Message, frozen=True):
    """The customer wants nothing drawn on their screen any more."""


class AgentSketch(Struct, frozen=True, kw_only=True):
    """What one agent shows."""

    agent_id: str
    sketch: Sketch


class DrawingsShown(Message, frozen=True, kw_only=True):
    """All that is to be seen over the screen now, by agent; only the newest counts."""

    sketches: tuple[AgentSketch, ...]


class SendDrawing(Message, frozen=True, kw_only=True):
    """For the customer's screen, in order; whether it shows is decided there."""

    marks: Annotated[tuple[Drawing, ...], Meta(max_length=64)]


class DrawingWiped(Message, frozen=True):
    """Nothing of ours is on the customer's screen any more."""
