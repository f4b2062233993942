"""One thing that was copied, as it travels: bounded before anything looks into it."""

import hashlib
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct, structs

from shared.common.errors import UNDECODABLE, PeerBroken
from shared.rules.clean_html import clean_html

MAX_TEXT_BYTES: Final = 1024 * 1024
MAX_PNG_BYTES: Final = 16 * 1024 * 1024
MAX_ITEM_BYTES: Final = MAX_PNG_BYTES + 2 * MAX_TEXT_BYTES + 64
MAX_PIXELS: Final = 40_000_000
_PNG_START: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

Words = Annotated[str, Meta(max_length=MAX_TEXT_BYTES)]


class Item(Struct, frozen=True, array_like=True):
    """Text, rich text (HTML) and a picture (PNG) of the same thing; what is missing is empty."""

    text: Words = ""
    html: Words = ""
    png: Annotated[bytes, Meta(max_length=MAX_PNG_BYTES)] = b""


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Item)


def bounded(item: Item) -> Item | None:
    """The item without what is too large; None when nothing is left."""
    text = item.text if len(item.text.encode()) <= MAX_TEXT_BYTES else ""
    html = item.html if len(item.html.encode()) <= MAX_TEXT_BYTES else ""
    png = item.png if not item.png or _is_sound(item.png) else b""
    left = Item(text, html, png)
    return left if left != Item() else None


def encode(item: Item) -> bytes:
    """For `decode`."""
    return _encoder.encode(item)


def decode(data: bytes) -> Item:
    """What came from another computer: bounded, its rich text cleaned. Raises PeerBroken when nothing is left."""
    try:
        found = bounded(_decoder.decode(data))
    except UNDECODABLE as error:
        raise PeerBroken(str(error)) from error
    if found is None:
        raise PeerBroken("an empty or oversized clipboard item")
    return structs.replace(found, html=clean_html(found.html)) if found.html else found


def digest(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def _is_sound(png: bytes) -> bool:
    """A PNG whose picture, decoded, stays within bounds."""
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    return png.startswith(_PNG_START) and len(png) <= MAX_PNG_BYTES and 0 < width * height <= MAX_PIXELS
