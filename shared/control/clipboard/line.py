"""One way for clipboard items and one back, in acknowledged pieces; the newest item takes the place of older ones.

The same over a data channel and over the pipe between a window and its session process.
"""

from collections.abc import Callable
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE, PeerBroken
from shared.control.clipboard.item import MAX_ITEM_BYTES, Item, decode, digest, encode

PIECE_BYTES: Final = 32 * 1024
WINDOW_BYTES: Final = 96 * 1024
"""What may be on its way unacknowledged: a click behind it waits for no more than this."""

Number = Annotated[int, Meta(ge=1, lt=2**53)]
Count = Annotated[int, Meta(ge=0, le=MAX_ITEM_BYTES)]


class _Message(Struct, frozen=True, array_like=True, tag=True):
    pass


class Start(_Message, frozen=True):
    """A new item; what was under way before is not finished."""

    number: Number
    size: Annotated[int, Meta(ge=1, le=MAX_ITEM_BYTES)]
    digest: Annotated[bytes, Meta(min_length=32, max_length=32)]


class Piece(_Message, frozen=True):
    """Its next bytes."""

    number: Number
    data: Annotated[bytes, Meta(min_length=1, max_length=PIECE_BYTES)]


class Got(_Message, frozen=True):
    """So much of it has come."""

    number: Number
    count: Count


Message = Start | Piece | Got
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Message)


def brings(data: bytes) -> bool:
    """Whether this carries an item, as against a word about one of ours. Raises PeerBroken."""
    return not isinstance(_decoded(data), Got)


class ClipLine:
    """`say` hands bytes to the other end, False: not now, `pump` tries again. `arrived` gets each whole item."""

    def __init__(self, say: Callable[[bytes], bool], arrived: Callable[[Item], None]) -> None:
        self._say, self._arrived = say, arrived
        self._number = 0
        self._data = memoryview(b"")
        self._started = False
        self._sent = self._got = 0
        self._coming: Start | None = None
        self._parts = bytearray()
        self._owed: Got | None = None
        self._pumping = False

    @property
    def busy(self) -> bool:
        """Whether something waits to be said."""
        return self._owed is not None or self._sent < len(self._data)

    def put(self, item: Item) -> None:
        """Sends it, instead of what is under way."""
        self._data = memoryview(encode(item))
        self._number += 1
        self._started, self._sent, self._got = False, 0, 0
        self.pump()

    def stop_sending(self) -> None:
        """Nothing more goes of what is under way."""
        self._data, self._sent, self._got = memoryview(b""), 0, 0

    def stop_taking(self) -> None:
        """What is half there is forgotten."""
        self._coming, self._owed = None, None
        self._parts.clear()

    def pump(self) -> None:
        """Says what can be said now. An answer may come back while we speak."""
        if self._pumping:
            return
        self._pumping = True
        try:
            self._pump()
        finally:
            self._pumping = False

    def _pump(self) -> None:
        owed, self._owed = self._owed, None
        if owed is not None and not self._say(_encoder.encode(owed)):
            self._owed = self._owed or owed
        if self._data and not self._started:
            start = Start(self._number, len(self._data), digest(bytes(self._data)))
            self._started = self._say(_encoder.encode(start))
        while self._started and self._sent < len(self._data) and self._sent - self._got < WINDOW_BYTES:
            part = bytes(self._data[self._sent : self._sent + PIECE_BYTES])
            self._sent += len(part)
            if not self._say(_encoder.encode(Piece(self._number, part))):
                self._sent -= len(part)
                return

    def message(self, data: bytes) -> None:
        """From the other end. Raises PeerBroken."""
        match message := _decoded(data):
            case Start():
                self._coming = message
                self._parts.clear()
            case Piece():
                self._take(message)
            case Got(number=number, count=count):
                if number == self._number and self._got <= count <= self._sent:
                    self._got = count
                    if count == len(self._data):
                        self._data = memoryview(b"")
                        self._sent = self._got = 0
        self.pump()

    def _take(self, piece: Piece) -> None:
        start = self._coming
        if start is None or piece.number != start.number:
            return  # late bytes of an item that was dropped
        self._parts += piece.data
        if len(self._parts) > start.size:
            raise PeerBroken("more clipboard than announced")
        self._owed = Got(start.number, len(self._parts))
        if len(self._parts) == start.size:
            whole = bytes(self._parts)
            self._coming = None
            self._parts.clear()
            if digest(whole) != start.digest:
                raise PeerBroken("a clipboard item that is not what was announced")
            self._arrived(decode(whole))


def _decoded(data: bytes) -> Message:
    try:
        return _decoder.decode(data)
    except UNDECODABLE as error:
        raise PeerBroken(str(error)) from error
