"""Packets to access units: order, the marker bit, gaps, requests and giving up."""

from shared.media.packets import MAX_ASKED, Piece
from shared.media.reassembly import (
    CAPACITY,
    GIVE_UP_S,
    MAX_REORDER_S,
    MAX_UNIT,
    REORDER_S,
    Reassembly,
    retry_after,
)

FIRST, LAST = False, True


def fed(reassembly: Reassembly, *packets: tuple[int, str, bool], now: float = 0.0) -> list[bytes]:
    units: list[bytes] = []
    for sequence, data, last in packets:
        units += reassembly.add(reassembly.running(sequence % 65536), Piece(data.encode(), last), now)
    return units


def test_a_unit_is_complete_with_its_marker_and_needs_no_next_one() -> None:
    assert fed(Reassembly(10), (10, "a", FIRST), (11, "b", LAST)) == [b"ab"]


def test_packets_out_of_order_are_put_in_order() -> None:
    reassembly = Reassembly(10)
    assert fed(reassembly, (10, "a", FIRST), (12, "c", LAST)) == []
    assert fed(reassembly, (11, "b", FIRST), (13, "d", LAST)) == [b"abc", b"d"]
    assert not reassembly.missing


def test_copies_and_late_packets_change_nothing() -> None:
    reassembly = Reassembly(10)
    assert fed(reassembly, (10, "a", LAST), (10, "a", LAST), (9, "x", LAST), (11, "b", LAST)) == [b"a", b"b"]


def test_numbers_wrap() -> None:
    reassembly = Reassembly(65534)
    assert fed(reassembly, (65534, "a", LAST), (65535, "b", FIRST), (65536, "c", LAST), (65537, "d", LAST)) == [
        b"a",
        b"bc",
        b"d",
    ]


def test_a_gap_is_asked_for_after_a_moment_and_again_until_it_is_filled() -> None:
    reassembly = Reassembly(10)
    fed(reassembly, (10, "a", LAST), (13, "d", LAST), now=1.0)
    assert reassembly.due(1.0, 0.0) == []
    assert reassembly.next_due() == 1.0 + REORDER_S
    at = 1.0 + REORDER_S
    assert reassembly.due(at, 0.1) == [11, 12]
    assert reassembly.due(at + 0.01, 0.1) == []
    assert reassembly.due(at + retry_after(0.1), 0.1) == [11, 12]
    assert fed(reassembly, (11, "b", FIRST), (12, "c", LAST), now=2.0) == [b"bc", b"d"]
    assert reassembly.next_due() is None


def test_requests_begin_with_the_oldest_and_are_bounded() -> None:
    reassembly = Reassembly(65530)
    fed(reassembly, (65530, "a", LAST), (65530 + 200, "b", LAST))
    assert reassembly.due(1.0, 0.0) == [(65531 + index) % 65536 for index in range(MAX_ASKED)]


def test_a_lost_beginning_is_missed() -> None:
    reassembly = Reassembly()
    assert fed(reassembly, (3, "c", LAST)) == []
    assert reassembly.due(1.0, 0.0) == [1, 2]
    assert fed(reassembly, (2, "b", FIRST), (1, "a", FIRST)) == [b"abc"]


def test_a_lost_end_is_missed_once_the_sender_says_how_far_it_is() -> None:
    reassembly = Reassembly(10)
    fed(reassembly, (10, "a", LAST))
    reassembly.sent_up_to(12, 1.0)
    assert reassembly.due(2.0, 0.0) == [11, 12]
    reassembly.sent_up_to(12, 3.0)
    reassembly.sent_up_to(10 + CAPACITY + 1, 3.0)
    assert len(reassembly.missing) == 2
    assert fed(reassembly, (11, "b", FIRST), (12, "c", LAST)) == [b"bc"]


def test_a_path_that_reorders_is_given_more_time() -> None:
    reassembly = Reassembly(10)
    fed(reassembly, (10, "a", LAST), (12, "c", LAST), now=0.0)
    fed(reassembly, (11, "b", LAST), now=0.02)
    fed(reassembly, (14, "e", LAST), now=1.0)
    assert reassembly.due(1.0 + REORDER_S, 0.0) == []
    assert reassembly.due(1.0 + MAX_REORDER_S, 0.0) == [13]


def test_what_comes_late_as_a_copy_says_nothing_of_order() -> None:
    reassembly = Reassembly(10)
    fed(reassembly, (10, "a", LAST), (12, "c", LAST), now=0.0)
    reassembly.add(11, Piece(b"b", True), 0.1, original=False)
    fed(reassembly, (14, "e", LAST), now=1.0)
    assert reassembly.due(1.0 + REORDER_S * 1.01, 0.0) == [13]


def test_a_unit_without_end_is_dropped() -> None:
    reassembly = Reassembly(10)
    part = bytes(MAX_UNIT // 1000)
    for number in range(10, 1012):
        assert reassembly.add(number, Piece(part, False), 0.0) == []
    assert reassembly.take_broken()
    assert sum(map(len, reassembly._unit)) < MAX_UNIT // 100


def test_what_does_not_come_is_given_up_with_its_unit() -> None:
    reassembly = Reassembly(10)
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
    reassembly = Reassembly(10)
    assert fed(reassembly, (10, "a", LAST), (12, "c", LAST), (10 + CAPACITY + 5, "z", LAST)) == [b"a", b"z"]
    assert reassembly.take_broken()
    assert not reassembly.missing


def test_never_more_than_the_capacity_is_held() -> None:
    reassembly = Reassembly(10)
    fed(reassembly, (10, "a", LAST))
    for sequence in range(12, 10_000):
        fed(reassembly, (sequence, "x", LAST), now=0.0)
        assert len(reassembly._pieces) <= CAPACITY
        assert len(reassembly.missing) <= CAPACITY


def test_what_the_sender_forgets_is_not_waited_for() -> None:
    reassembly = Reassembly(10)
    assert fed(reassembly, (10, "a", FIRST), (12, "c", LAST), (14, "e", LAST)) == []
    assert reassembly.forget(12) == []
    assert list(reassembly.missing) == [13]
    assert fed(reassembly, (13, "d", FIRST)) == [b"de"]
    assert reassembly.take_broken()
    assert (reassembly.lost, reassembly.arrived) == (1, 14)


def test_what_follows_the_forgotten_may_be_there_already() -> None:
    reassembly = Reassembly(10)
    assert fed(reassembly, (10, "a", FIRST), (12, "c", LAST)) == []
    assert reassembly.forget(11) == [b"c"]
    assert not reassembly.missing


def test_a_forgotten_number_that_is_past_or_absurd_changes_nothing() -> None:
    reassembly = Reassembly(10)
    assert fed(reassembly, (10, "a", LAST)) == [b"a"]
    assert reassembly.forget(10) == reassembly.forget(11 + CAPACITY) == []
    assert not reassembly.take_broken()
    assert fed(reassembly, (11, "b", LAST)) == [b"b"]
