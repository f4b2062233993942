"""What our own two ends send each other beside what aiortc knows: pictures one way, reports the other way.

Pictures are RTP (RFC 3550) of two payload types that no codec of the description uses. The timestamp is the time of
sending, in microseconds of the sender's clock, so that the receiver can tell queueing from distance.

- ``MEDIA``: two bytes of round trip time (0.1 ms; 0: not known yet), then the next bytes of a unit. The marker says
  that they are its last. Numbers begin at ``FIRST``, so a lost first packet is missed.
- ``REPAIR``, with numbers of its own: a kind (one byte), a MEDIA number (two bytes), and for ``COPY`` the flag ``last``
  and that packet's bytes; for ``PARITY`` how many packets from that number on it covers, its index, and a parity shard
  (see shared.media.parity); for ``PROBE`` filling: the number is the highest one sent; for ``FORGET`` nothing: no
  packet up to that number will come any more, and what follows begins with a key.

Reports are RTCP APP packets (RFC 3550, 6.7) named ``NAME``; the subtype is the kind. Pure; whatever does not parse is
None.
"""

import struct
from typing import Final

import msgspec

MEDIA: Final = 60
REPAIR: Final = 61
"""RTP payload types that nothing else uses; from 64 on they could be taken for RTCP (RFC 5761)."""
FIRST: Final = 1
PAYLOAD: Final = 1160
"""Bytes of a unit in one packet: with all that comes around them, TURN and IPv6 included, below 1280."""
MAX_PACKET: Final = 1500
MAX_ASKED: Final = 64
"""Numbers in one request."""
NAME: Final = b"3LIN"
WRAP: Final = 1 << 16
UNKNOWN: Final = 0xFFFFFFFF

COPY, PARITY, PROBE, FORGET = 1, 2, 3, 4
_REPORT, _NACK, _KEY = 0, 1, 2

_RTP: Final = struct.Struct("!BBHII")
_RTT: Final = struct.Struct("!H")
_REPAIR: Final = struct.Struct("!BHBB")
_APP: Final = struct.Struct("!BBHI4s")
_REPORT_BODY: Final = struct.Struct("!H2xIIIIIIIII")
_SHARD: Final = struct.Struct("!H")
_APP_TYPE: Final = 204
_LAST: Final = 0x8000
_MASK: Final = 0xFFFFFFFF
_RTT_UNIT_S: Final = 0.0001


class Piece(msgspec.Struct, frozen=True):
    """One packet's share of a unit; ``last``: the unit ends with it."""

    data: bytes
    last: bool


class Media(msgspec.Struct, frozen=True):
    number: int
    sent_us: int
    rtt_s: float
    piece: Piece


class Repair(msgspec.Struct, frozen=True):
    """``a`` and ``b``: for a copy ``last`` and 0; for parity the group's size and the shard's index."""

    number: int
    sent_us: int
    kind: int
    about: int
    a: int
    b: int
    data: bytes


class Train(msgspec.Struct, frozen=True):
    """Packets sent closely one after the other: bytes after the first, and the time from the first to the last."""

    size: int = 0
    sent_us: int = 0
    received_us: int = 0


class Report(msgspec.Struct, frozen=True):
    """How the viewer fares. Counts run since the beginning and wrap at 32 bits.

    ``highest``: the highest MEDIA number that came. ``expected``: packets of both kinds up to the highest numbers.
    ``queue_us``: the least waiting that the first packets of units met since the last report; ``UNKNOWN``: none came.
    ``echo_us``: the time of sending on the newest packet, and ``held_us`` how long ago it came.
    """

    highest: int
    bytes_received: int
    received: int
    expected: int
    queue_us: int
    echo_us: int
    held_us: int
    train: Train


class Nack(msgspec.Struct, frozen=True):
    numbers: tuple[int, ...]


class KeyWanted(msgspec.Struct, frozen=True):
    """The viewer cannot go on without a key frame."""


Said = Report | Nack | KeyWanted


def media_packet(ssrc: int, number: int, piece: Piece, now_us: int, rtt_s: float) -> bytes:
    rtt = min(int(rtt_s / _RTT_UNIT_S), 0xFFFF)
    marked = MEDIA | 0x80 if piece.last else MEDIA
    return _RTP.pack(0x80, marked, number % WRAP, now_us & _MASK, ssrc) + _RTT.pack(rtt) + piece.data


def repair_packet(ssrc: int, number: int, now_us: int, body: bytes) -> bytes:
    """``body`` is a copy's, a parity's or a probe's."""
    return _RTP.pack(0x80, REPAIR, number % WRAP, now_us & _MASK, ssrc) + body


def copy_body(about: int, piece: Piece) -> bytes:
    return _REPAIR.pack(COPY, about % WRAP, piece.last, 0) + piece.data


def parity_body(first: int, size: int, index: int, shard: bytes) -> bytes:
    return _REPAIR.pack(PARITY, first % WRAP, size, index) + shard


def forget_body(last: int) -> bytes:
    return _REPAIR.pack(FORGET, last % WRAP, 0, 0)


def probe_body(highest: int, filling: int = 0) -> bytes:
    return _REPAIR.pack(PROBE, highest % WRAP, 0, 0) + bytes(filling)


def is_ours(packet: bytes) -> bool:
    """Whether a (decrypted) RTP packet has one of our payload types."""
    return len(packet) > 1 and packet[1] & 0x7F in (MEDIA, REPAIR)


def parse(packet: bytes) -> Media | Repair | None:
    if not _RTP.size + _RTT.size <= len(packet) <= MAX_PACKET or packet[0] != 0x80:
        return None
    _, kind, number, sent_us, _ = _RTP.unpack_from(packet)
    body = packet[_RTP.size :]
    payload_type = kind & 0x7F
    if payload_type == MEDIA:
        (rtt,) = _RTT.unpack_from(body)
        return Media(number, sent_us, rtt * _RTT_UNIT_S, Piece(body[_RTT.size :], kind != payload_type))
    if payload_type == REPAIR and len(body) >= _REPAIR.size:
        repair, about, a, b = _REPAIR.unpack_from(body)
        return Repair(number, sent_us, repair, about, a, b, body[_REPAIR.size :])
    return None


def to_shard(piece: Piece) -> bytes:
    """What parity covers of a packet: its length, whether it is the last, and its bytes."""
    return _SHARD.pack(len(piece.data) | (_LAST if piece.last else 0)) + piece.data


def from_shard(shard: bytes) -> Piece | None:
    """The packet's share again, from a shard that may be padded."""
    if len(shard) < _SHARD.size:
        return None
    (head,) = _SHARD.unpack_from(shard)
    size = head & ~_LAST
    data = shard[_SHARD.size : _SHARD.size + size]
    return Piece(data, bool(head & _LAST)) if len(data) == size else None


def say(said: Said) -> bytes:
    """The RTCP packet of a report or request."""
    match said:
        case Report():
            kind, body = _REPORT, _report_body(said)
        case Nack(numbers=numbers):
            kind = _NACK
            padded = numbers if len(numbers) % 2 == 0 else (*numbers, numbers[-1])
            body = struct.pack(f"!{len(padded)}H", *(number % WRAP for number in padded))
        case KeyWanted():
            kind, body = _KEY, b""
    return _APP.pack(0x80 | kind, _APP_TYPE, (_APP.size + len(body)) // 4 - 1, 0, NAME) + body


def _report_body(said: Report) -> bytes:
    train = said.train
    counts = said.bytes_received, said.received, said.expected, said.queue_us, said.echo_us, said.held_us
    fields = (each & _MASK for each in (*counts, train.size, train.sent_us, train.received_us))
    return _REPORT_BODY.pack(said.highest % WRAP, *fields)


def heard(packet: bytes) -> Said | None:
    """What a (decrypted) RTCP packet of ours says; None for any other."""
    if len(packet) < _APP.size or packet[1] != _APP_TYPE:
        return None
    head, _, length, _, name = _APP.unpack_from(packet)
    body = packet[_APP.size : (length + 1) * 4]
    if head & 0xE0 != 0x80 or name != NAME or len(packet) != (length + 1) * 4:
        return None
    return _said(head & 0x1F, body)


def _said(kind: int, body: bytes) -> Said | None:
    if kind == _REPORT and len(body) == _REPORT_BODY.size:
        highest, data, came, expected, queue, echo, held, *train = _REPORT_BODY.unpack(body)
        return Report(highest, data, came, expected, queue, echo, held, Train(*train))
    if kind == _NACK and 2 <= len(body) <= 2 * MAX_ASKED and len(body) % 2 == 0:
        return Nack(tuple(dict.fromkeys(struct.unpack(f"!{len(body) // 2}H", body))))
    return KeyWanted() if kind == _KEY and not body else None


def since_us(later: int, earlier: int) -> int:
    """Microseconds between two times that wrap at 32 bits; negative where ``earlier`` is the later one."""
    return (later - earlier + 0x80000000 & _MASK) - 0x80000000


def nearest(number: int, reference: int) -> int:
    """The running number of a 16-bit one: the nearest to ``reference``."""
    return reference + (number - reference + WRAP // 2) % WRAP - WRAP // 2
