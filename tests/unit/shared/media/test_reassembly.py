"""Packets to access units: order, the marker bit, gaps, requests and giving up."""

from shared.media.reassembly import (
    CAPACITY,
    GIVE_UP_S,
    MAX_ASKED,
    REORDER_S,
    Piece,
    Reassembly,
    retry_after,
)

FIRST, LAST = False, True


def fed(reassembly: Reassembly, *packets: tuple[int, str, bool], now: float = 0.0) -> list[bytes]:
    units: list[bytes] = []
    for sequence, data, last in packets:
        units += reassembly.add(sequence % 65536, Piece(data.encode(), last), now)
    return units


def test_a_unit_is_complete_with_its_marker_and_needs_no_next_one() -> None:
    assert fed(Reassembly(), (10, "a", FIRST), (11, "b", LAST)) == [b"ab"]


def test_packets_out_of_order_are_put_in_order() -> None:
    reassembly = Reassembly()
    assert fed(reassembly, (10, "a", FIRST), (12, "c", LAST)) == []
    assert fed(reassembly, (11, "b", FIRST), (13, "d", LAST)) == [b"abc", b"d"]
    assert not reassembly.missing


def test_copies_and_late_packets_change_nothing() -> None:
    reassembly = Reassembly()
    assert fed(reassembly, (10, "a", LAST), (10, "a", LAST), (9, "x", LAST), (11, "b", LAST)) == [b"a", b"b"]


def test_numbers_wrap() -> None:
    reassembly = Reassembly()
    assert fed(reassembly, (65534, "a", LAST), (65535, "b", FIRST), (65536, "c", LAST), (65537, "d", LAST)) == [
        b"a",
        b"bc",
        b"d",
    ]


def test_a_gap_is_asked_for_after_a_moment_and_again_until_it_is_filled() -> None:
    reassembly = Reassembly()
    fed(reassembly, (10, "a", LAST), (13, "d", LAST), now=1.0)
    assert reassembly.due(1.0, 0.0) == []
    assert reassembly.next_due() == 1.0 + REORDER_S
    at = 1.0 + REORDER_S
    assert reassembly.due(at, 0.1) == [11, 12]
    assert reassembly.due(at + 0.01, 0.1) == []
    assert reassembly.due(at + retry_after(0.1), 0.1) == [11, 12]
    assert fed(reassembly, (11, "b", FIRST), (12, "c", LAST), now=2.0) == [b"bc", b"d"]
    assert reassembly.next_due() is None


def test_requests_are_ascending_and_bounded() -> None:
    reassembly = Reassembly()
    fed(reassembly, (65530, "a", LAST), (65530 + 200, "b", LAST))
    asked = reassembly.due(1.0, 0.0)
    assert len(asked) == MAX_ASKED
    assert asked == sorted(asked)


def test_what_does_not_come_is_given_up_with_its_unit() -> None:
    reassembly = Reassembly()
    fed(reassembly, (10, "a", LAST), (12, "half", LAST), (13, "next", LAST), now=0.0)
    assert not reassembly.give_up(GIVE_UP_S - 0.01)
    assert reassembly.give_up(GIVE_UP_S)
    assert reassembly.lost == 1
    assert reassembly.next_due() is None
    units = fed(reassembly, (14, "more", LAST), now=3.0)
    assert units == [b"next", b"more"]
    assert reassembly.take_broken()
    assert not reassembly.take_broken()


def test_a_jump_beyond_the_capacity_begins_anew() -> None:
    reassembly = Reassembly()
    assert fed(reassembly, (10, "a", LAST), (12, "c", LAST), (10 + CAPACITY + 5, "z", LAST)) == [b"a", b"z"]
    assert reassembly.take_broken()
    assert not reassembly.missing


def test_never_more_than_the_capacity_is_held() -> None:
    reassembly = Reassembly()
    fed(reassembly, (0, "a", LAST))
    for sequence in range(2, 10_000):
        fed(reassembly, (sequence, "x", LAST), now=0.0)
        assert len(reassembly._pieces) <= CAPACITY
        assert len(reassembly.missing) <= CAPACITY
