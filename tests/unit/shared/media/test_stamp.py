"""The stamp in front of a unit."""

import pytest

from shared.media.capture.source import Rect
from shared.media.stamp import MAX_DIRTY, NUMBERS, Stamp, from_unit, to_sei

FRAME = b"\x00\x00\x00\x01\x65frame"


def test_a_stamp_arrives_as_it_was_sent() -> None:
    stamp = Stamp(7, 1_234_567, 2_000, 3_000, key=True, dirty=(Rect(1, 2, 3, 4), Rect(0, 0, 256, 256)))
    sei = to_sei(stamp)
    assert from_unit(sei + FRAME) == (stamp, len(sei))


def test_more_changes_than_fit_are_the_one_around_them() -> None:
    stamp = Stamp(1, 1, dirty=tuple(Rect(x, x, 1, 1) for x in range(MAX_DIRTY + 1)))
    received = from_unit(to_sei(stamp) + FRAME)
    assert received is not None
    assert received[0].dirty == (Rect(0, 0, MAX_DIRTY + 1, MAX_DIRTY + 1),)


def test_numbers_follow_one_another_and_begin_again() -> None:
    assert Stamp(8, 1).follows(7)
    assert not Stamp(9, 1).follows(7)
    assert not Stamp(1, 1).follows(None)
    assert Stamp(0, 1).follows(NUMBERS - 1)


@pytest.mark.parametrize(
    "unit",
    [
        b"",
        FRAME,
        b"\x00\x00\x00\x01\x06\x05",
        b"\x00\x00\x00\x01\x06\x05\xff",
        b"\x00\x00\x00\x01\x06\x05\x10" + bytes(16),
        to_sei(Stamp(1, 1, dirty=(Rect(1, 1, 1, 1),)))[:-4],
    ],
)
def test_what_is_no_stamp_is_none(unit: bytes) -> None:
    assert from_unit(unit) is None
