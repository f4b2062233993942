"""Whatever order packets come in, and whichever come twice, the units are the ones that were sent."""

import random

from hypothesis import given
from hypothesis import strategies as st

from shared.media.packets import Piece
from shared.media.reassembly import Reassembly


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=20),
    start=st.integers(0, 65535),
    shuffle=st.randoms(use_true_random=False),
    reach=st.integers(1, 40),
)
def test_any_order_gives_the_units_that_were_sent(
    sizes: list[int], start: int, shuffle: random.Random, reach: int
) -> None:
    packets: list[tuple[int, Piece]] = []
    units: list[bytes] = []
    for unit, size in enumerate(sizes):
        parts = [f"{unit}.{part};".encode() for part in range(size)]
        units.append(b"".join(parts))
        packets += [(0, Piece(data, index == size - 1)) for index, data in enumerate(parts)]
    packets = [((start + index) % 65536, piece) for index, (_, piece) in enumerate(packets)]
    first, rest = packets[0], packets[1:] + packets[::3]
    order = sorted(enumerate(rest), key=lambda each: each[0] + shuffle.random() * reach)
    reassembly = Reassembly(start)
    seen: list[bytes] = []
    for sequence, piece in [first, *(packet for _, packet in order)]:
        seen += reassembly.add(reassembly.running(sequence), piece, 0.0)
    assert seen == units
    assert not reassembly.missing
