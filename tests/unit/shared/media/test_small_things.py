"""Rectangles, clocks, spreads, cursors, descriptions."""

import zlib

import pytest

from shared.media.capture.source import Rect, at_most, bounding, rows
from shared.media.cursor import MAX_SIDE, CursorMoved, CursorShape, cursor_pixels, packed_shape
from shared.media.messages import Ping, decode, encode
from shared.media.peer import BadDescription, fingerprint
from shared.media.stats import ClockOffset, Counter, Series, Spread


def test_a_rectangle_is_cut_at_its_bounds() -> None:
    bounds = Rect(0, 0, 10, 10)
    assert Rect(-5, 5, 10, 10).clipped(bounds) == Rect(0, 5, 5, 5)
    assert Rect(10, 0, 5, 5).clipped(bounds) is None


def test_rows_near_each_other_are_one_range() -> None:
    rects = [Rect(0, 100, 5, 10), Rect(50, 0, 5, 10), Rect(0, 105, 5, 20), Rect(9, 130, 1, 1)]
    assert rows(rects, gap=4) == [(0, 10), (100, 125), (130, 131)]
    assert rows(rects, gap=5) == [(0, 10), (100, 131)]
    assert rows([]) == []


def test_too_many_rectangles_become_the_one_around_them() -> None:
    rects = [Rect(1, 2, 3, 4), Rect(10, 20, 1, 1)]
    assert at_most(rects, 2) == tuple(rects)
    assert at_most(rects, 1) == (bounding(rects),) == (Rect(1, 2, 10, 19),)


def test_the_quickest_ping_tells_the_clocks_apart() -> None:
    clock = ClockOffset()
    assert clock.here(5) is None
    clock.add(1000, 501_500, 2000)  # 1 ms there and back, 500 ms ahead
    clock.add(3000, 509_000, 9000)  # held up on one way: told the offset wrong
    clock.add(9000, 1, 8000)  # answered before it was asked: nonsense
    assert clock.rtt_us == 1000
    assert clock.here(500_000) == 0


def test_a_spread_is_of_the_last_values() -> None:
    series = Series()
    assert series.spread() == Spread()
    for value in [9_000_000] * 256 + [*range(1000, 257_000, 1000)]:
        series.add(value)
    assert series.spread() == Spread(p50_ms=129.0, p95_ms=244.0, count=256)


def test_a_counter_is_read_as_a_rate() -> None:
    counter = Counter(10.0)
    counter.add(30)
    assert counter.rate(12.0) == 15.0
    assert counter.rate(12.0) == 0.0
    assert counter.total == 30


def test_a_cursor_arrives_as_it_looks() -> None:
    pixels = bytes(range(64)) * 4
    shape = packed_shape(8, 8, 1, 2, pixels)
    assert shape is not None
    received = decode(encode(shape))
    assert isinstance(received, CursorShape)
    assert cursor_pixels(received) == pixels


@pytest.mark.parametrize(
    "shape",
    [
        CursorShape(0, 8, 0, 0, b""),
        CursorShape(8, MAX_SIDE + 1, 0, 0, b""),
        CursorShape(8, 8, 0, 0, b"nonsense"),
        CursorShape(8, 8, 0, 0, zlib.compress(bytes(255))),
        CursorShape(1, 1, 0, 0, zlib.compress(bytes(100_000_000))),
    ],
)
def test_a_cursor_that_makes_no_sense_is_none(shape: CursorShape) -> None:
    assert cursor_pixels(shape) is None


def test_a_cursor_too_large_is_not_sent() -> None:
    assert packed_shape(MAX_SIDE + 1, 1, 0, 0, b"") is None


@pytest.mark.parametrize("data", [b"\x01", b"\x01\xff", b"\x01\x81\xa4type\xa4What", encode(Ping(1))[:-1]])
def test_what_media_does_not_know_is_none(data: bytes) -> None:
    assert decode(data) is None


def test_a_message_arrives() -> None:
    assert decode(encode(CursorMoved(-1, 2, visible=False))) == CursorMoved(-1, 2, visible=False)


SDP = """v=0\r
o=- 1 1 IN IP4 0.0.0.0\r
s=-\r
t=0 0\r
a=group:BUNDLE 0 1\r
m=video 9 UDP/TLS/RTP/SAVPF 99\r
c=IN IP4 0.0.0.0\r
a=mid:0\r
a=fingerprint:sha-256 {first}\r
a=setup:actpass\r
m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r
c=IN IP4 0.0.0.0\r
a=mid:1\r
a=fingerprint:sha-256 {second}\r
a=setup:actpass\r
"""


def test_the_fingerprint_of_a_description() -> None:
    assert fingerprint(SDP.format(first="ab:cd", second="AB:CD")) == "AB:CD"


@pytest.mark.parametrize("sdp", ["", SDP.format(first="AB:CD", second="EF:01"), SDP.split("m=application")[0]])
def test_no_one_fingerprint_is_a_bad_description(sdp: str) -> None:
    with pytest.raises(BadDescription):
        fingerprint(sdp)
