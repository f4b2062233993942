"""Any stamp survives the way through an H.264 stream, and any bytes are either a stamp or none."""

from hypothesis import given
from hypothesis import strategies as st

from shared.media.capture.source import Rect
from shared.media.stamp import MAX_DIRTY, NUMBERS, Stamp, from_unit, to_sei

word = st.integers(0, 0xFFFF)
rects = st.lists(st.builds(Rect, word, word, word, word), max_size=MAX_DIRTY)
stamps = st.builds(
    Stamp,
    number=st.integers(0, NUMBERS - 1),
    captured_us=st.integers(0, 2**64 - 1),
    convert_us=st.integers(0, 2**32 - 1),
    encode_us=st.integers(0, 2**32 - 1),
    key=st.booleans(),
    dirty=rects.map(tuple),
)


@given(stamps, st.binary(max_size=50))
def test_a_stamp_arrives_as_it_was_sent(stamp: Stamp, frame: bytes) -> None:
    sei = to_sei(stamp)
    assert from_unit(sei + b"\x00\x00\x00\x01\x65" + frame) == (stamp, len(sei))


@given(stamps)
def test_it_never_looks_like_a_start_code_inside(stamp: Stamp) -> None:
    body = to_sei(stamp)[4:]
    for code in (b"\x00\x00\x00", b"\x00\x00\x01", b"\x00\x00\x02"):
        assert code not in body


@given(st.binary(max_size=300))
def test_any_bytes_are_a_stamp_or_none(data: bytes) -> None:
    from_unit(data)
    from_unit(b"\x00\x00\x00\x01\x06\x05" + data)
