"""The stamp in front of a frame."""

import pytest

from shared.media.capture.source import Rect
from shared.media.stamp import MAX_DIRTY, Stamp, from_frame, to_sei

FRAME = b"\x00\x00\x00\x01\x65frame"


def test_a_stamp_arrives_as_it_was_sent() -> None:
    stamp = Stamp(1_234_567, 2_000, 3_000, key=True, dirty=(Rect(1, 2, 3, 4), Rect(0, 0, 256, 256)))
    assert from_frame(to_sei(stamp) + FRAME) == stamp


def test_more_changes_than_fit_count_as_the_whole_picture() -> None:
    stamp = Stamp(1, dirty=tuple(Rect(x, 0, 1, 1) for x in range(MAX_DIRTY + 1)))
    received = from_frame(to_sei(stamp) + FRAME)
    assert received is not None
    assert received.dirty == ()


@pytest.mark.parametrize(
    "unit",
    [
        b"",
        FRAME,
        b"\x00\x00\x00\x01\x06\x05",
        b"\x00\x00\x00\x01\x06\x05\xff",
        b"\x00\x00\x00\x01\x06\x05\x10" + bytes(16),
        to_sei(Stamp(1, dirty=(Rect(1, 1, 1, 1),)))[:-4],
    ],
)
def test_what_is_no_stamp_is_none(unit: bytes) -> None:
    assert from_frame(unit) is None
