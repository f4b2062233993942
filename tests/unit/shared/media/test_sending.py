"""What waits for a viewer, and how fast it goes."""

from itertools import chain

import pytest

from shared.media.encoder import AccessUnit
from shared.media.outbox import MAX_BYTES, MAX_UNITS, Outbox
from shared.media.outgoing import groups, pieces
from shared.media.pacer import MIN_BURST, Pacer
from shared.media.packets import PAYLOAD
from shared.media.parity import MAX_GROUP
from shared.media.rate import waiting_bytes


def unit(number: int, *, key: bool = False, size: int = 10) -> AccessUnit:
    return AccessUnit(bytes(size), key, number, 0, 0, 0)


def waiting(outbox: Outbox) -> list[int]:
    found: list[int] = []
    while (each := outbox.pop()) is not None:
        found.append(each.captured_us)
    return found


def test_nothing_goes_before_the_first_key_frame() -> None:
    outbox = Outbox()
    outbox.put(unit(1))
    assert outbox.needs_key
    assert outbox.pop() is None
    outbox.put(unit(2, key=True))
    outbox.put(unit(3))
    assert not outbox.needs_key
    assert waiting(outbox) == [2, 3]


def test_a_key_frame_replaces_all_that_waits() -> None:
    outbox = Outbox()
    for each in (unit(1, key=True), unit(2), unit(3, key=True), unit(4)):
        outbox.put(each)
    assert waiting(outbox) == [3, 4]
    assert outbox.dropped == 2


@pytest.mark.parametrize(("size", "held"), [(10, MAX_UNITS), (MAX_BYTES // 3 + 1, 2)])
def test_too_much_is_dropped_up_to_the_next_key_frame(size: int, held: int) -> None:
    outbox = Outbox()
    outbox.put(unit(0, key=True, size=size))
    for number in range(1, held):
        outbox.put(unit(number, size=size))
    assert len(outbox) == held
    outbox.put(unit(99, size=size))
    assert len(outbox) == 0
    assert outbox.needs_key
    outbox.put(unit(100, size=size))
    assert outbox.pop() is None
    outbox.put(unit(101, key=True, size=size))
    assert waiting(outbox) == [101]


def test_a_slow_viewer_holds_little_but_always_one_unit() -> None:
    outbox = Outbox()
    outbox.limit_bytes = 1000
    outbox.put(unit(1, key=True, size=5000))
    assert waiting(outbox) == [1]
    outbox.put(unit(2, size=5000))
    outbox.put(unit(3, size=10))
    assert waiting(outbox) == []
    assert outbox.needs_key
    assert waiting_bytes(8_000_000) == 400_000
    assert waiting_bytes(1) == 8000


def test_a_small_frame_goes_at_once_and_a_large_one_is_spread() -> None:
    pacer = Pacer(8_000_000, 0.0)
    assert pacer.wait(0.0) == 0
    pacer.take(MIN_BURST)
    assert pacer.wait(0.0) == 0
    pacer.take(1000)
    assert pacer.wait(0.0) == pytest.approx(0.001)
    pacer.take(1000)
    assert pacer.wait(0.0) == pytest.approx(0.002)
    assert pacer.wait(1.0) == 0


def test_a_rest_does_not_save_up_more_than_a_burst() -> None:
    pacer = Pacer(8_000_000, 0.0)
    assert pacer.wait(100.0) == 0
    pacer.take(MIN_BURST + 1000)
    assert pacer.wait(100.0) == pytest.approx(0.001)


@pytest.mark.parametrize("size", [0, 1, PAYLOAD, PAYLOAD + 1, 25 * PAYLOAD, 100_000])
def test_a_unit_is_cut_into_packets_and_groups_of_like_size(size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    parts = pieces(data)
    assert b"".join(part.data for part in parts) == data
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    sizes = [len(part.data) for part in parts]
    assert max(sizes) <= PAYLOAD
    assert len(parts) == max(1, -(-size // PAYLOAD))
    gathered = groups(parts)
    assert list(chain.from_iterable(gathered)) == parts
    assert max(map(len, gathered)) <= MAX_GROUP
