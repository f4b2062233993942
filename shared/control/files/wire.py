"""What travels on the data channel named `files`, the same both ways.

The sender offers; the receiver agrees and names where to go on and the SHA-256 of what it has up to there; the sender
begins there (or at 0, when its file starts otherwise) and sends pieces in order; the receiver says how much is on its
disk. At the end the sender names the SHA-256 of the whole, and the receiver says under which name it landed.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE, PeerBroken

MAX_SIZE: Final = 1 << 40
MAX_PIECE: Final = 48 * 1024
MAX_NAME: Final = 1000
MAX_WORDS: Final = 200
DIGEST_BYTES: Final = 32

TransferId = Annotated[str, Meta(min_length=26, max_length=26, pattern=r"\A[0-9A-HJKMNP-TV-Z]{26}\Z")]
"""As `shared.common.ids` makes them; nothing else, since a file on disk is named by it."""
Offset = Annotated[int, Meta(ge=0, le=MAX_SIZE)]
Attempt = Annotated[int, Meta(ge=1, lt=2**31)]
"""Counts the `Agree`s of one receiver for one file; bytes of an older attempt are late ones, and dropped."""
Digest = Annotated[bytes, Meta(min_length=DIGEST_BYTES, max_length=DIGEST_BYTES)]

Fault = Literal[
    "not_allowed",
    "refused",
    "no_answer",
    "cancelled",
    "too_many",
    "too_large",
    "disk_full",
    "disk_denied",
    "disk_failed",
    "source_gone",
    "source_denied",
    "source_changed",
    "source_failed",
    "is_folder",
    "damaged",
]
"""Why a file did not arrive, or may not; `disk_*` is the receiver's, `source_*` the sender's."""
Wait = Literal["held", "not_allowed"]


class _Message(Struct, frozen=True, array_like=True, tag=True):
    pass


class Ask(_Message, frozen=True):
    """The agent asks the customer for a file; which one, the customer chooses."""

    id: TransferId
    words: Annotated[str, Meta(max_length=MAX_WORDS)]


class Decline(_Message, frozen=True):
    """The customer gives none; or the agent takes the question back."""

    id: TransferId


class Offer(_Message, frozen=True):
    """A file that could come. The same again after a lost connection or a restart goes on where it was."""

    id: TransferId
    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
    size: Offset
    answers: TransferId | None = None
    """The question that it answers."""


class Agree(_Message, frozen=True):
    """Send it, from here on; `digest` is the SHA-256 of what is there up to `offset`."""

    id: TransferId
    attempt: Attempt
    offset: Offset
    digest: Digest


class Begin(_Message, frozen=True):
    """Pieces follow from here on: where the receiver said, or 0."""

    id: TransferId
    attempt: Attempt
    offset: Offset


class Piece(_Message, frozen=True):
    """The next bytes."""

    id: TransferId
    attempt: Attempt
    offset: Offset
    data: Annotated[bytes, Meta(min_length=1, max_length=MAX_PIECE)]


class Complete(_Message, frozen=True):
    """All is sent; the SHA-256 of the whole."""

    id: TransferId
    attempt: Attempt
    digest: Digest


class Written(_Message, frozen=True):
    """Everything before `offset` is on the receiver's disk."""

    id: TransferId
    offset: Offset


class Landed(_Message, frozen=True):
    """The file is whole, and has this name over there."""

    id: TransferId
    name: Annotated[str, Meta(max_length=MAX_NAME)]


class Rest(_Message, frozen=True):
    """From the receiver: send no more of it until the next `Agree`."""

    id: TransferId
    why: Wait


class Holding(_Message, frozen=True):
    """From the sender: it rests because a person there holds it, or goes on."""

    id: TransferId
    held: bool


class Over(_Message, frozen=True):
    """From either end: nothing comes of it."""

    id: TransferId
    why: Fault


class Again(_Message, frozen=True):
    """From the agent on a new connection: what was said on the old one may be lost, offer again."""


Message = Ask | Decline | Offer | Agree | Begin | Piece | Complete | Written | Landed | Rest | Holding | Over | Again

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Message)


def encode(message: Message) -> bytes:
    """The bytes of one datagram, at most `MAX_PIECE` and a little."""
    return _encoder.encode(message)


def decode(data: bytes) -> Message:
    """Raises PeerBroken."""
    try:
        return _decoder.decode(data)
    except UNDECODABLE as error:
        raise PeerBroken(str(error)) from error
