"""Clipboard items between a window and its session process: the bytes of a `ClipLine`, both ways."""

from typing import Annotated

from msgspec import Meta

from shared.control.clipboard.line import PIECE_BYTES
from shared.session.message import Message

ClipBytes = Annotated[bytes, Meta(max_length=PIECE_BYTES + 256)]


class ClipOut(Message, frozen=True, kw_only=True):
    """From the window: what was copied here, for one agent (on the agent's side: for the customer)."""

    data: ClipBytes
    agent_id: Annotated[str, Meta(max_length=64)] = ""


class ClipIn(Message, frozen=True, kw_only=True):
    """To the window: what was copied over there, allowed and checked."""

    data: ClipBytes
    agent_id: str = ""
