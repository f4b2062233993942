"""Parity brings back whatever it can, exactly; and nothing that a peer sends can break an end or fill its memory."""

import random

from hypothesis import given
from hypothesis import strategies as st

from shared.media import parity
from shared.media.feedback import Recorder
from shared.media.packets import (
    MAX_ASKED,
    MEDIA,
    REPAIR,
    KeyWanted,
    Media,
    Nack,
    Piece,
    Report,
    Train,
    from_shard,
    heard,
    media_packet,
    nearest,
    parse,
    say,
    since_us,
    to_shard,
)
from shared.media.path import REMEMBERED, Path
from shared.media.rate import CAP_BPS, FLOOR_BPS
from shared.media.reassembly import CAPACITY, Reassembly
from shared.media.recovery import KEPT, MAX_GROUPS, Recovery

pieces = st.builds(Piece, st.binary(max_size=60), st.booleans())
words = st.integers(0, 0xFFFFFFFF)
trains = st.builds(Train, words, words, words)
reports = st.builds(Report, st.integers(0, 0xFFFF), words, words, words, words, words, words, trains)


@given(st.lists(pieces, min_size=1, max_size=parity.MAX_GROUP), st.integers(1, parity.MAX_PARITY), st.data())
def test_as_many_losses_as_there_is_parity_come_back_exactly(
    group: list[Piece], count: int, data: st.DataObject
) -> None:
    shards = [to_shard(piece) for piece in group]
    made = dict(enumerate(parity.protect(shards, count)))
    both = [*range(len(shards)), *(-1 - row for row in made)]
    lost = data.draw(st.sets(st.sampled_from(both), max_size=count))
    known = {index: shard for index, shard in enumerate(shards) if index not in lost}
    left = {row: shard for row, shard in made.items() if -1 - row not in lost}
    found = parity.recover(len(shards), known, left) if left else {}
    assert {**dict(enumerate(group)), **{index: from_shard(shard) for index, shard in found.items()}} == dict(
        enumerate(group)
    )
    missing = set(range(len(shards))) - set(known)
    assert set(found) == (missing if left else set())


@given(st.lists(pieces, min_size=1, max_size=parity.MAX_GROUP), st.integers(1, 4), st.randoms(use_true_random=False))
def test_recovery_gives_back_what_was_lost_in_whatever_order_the_rest_comes(
    group: list[Piece], count: int, dice: random.Random
) -> None:
    first = 100
    shards = parity.protect([to_shard(piece) for piece in group], count)
    lost = set(dice.sample(range(len(group)), min(count, len(group))))
    coming = [("piece", index) for index in range(len(group)) if index not in lost]
    coming += [("parity", index) for index in range(count)]
    dice.shuffle(coming)
    recovery = Recovery()
    found: dict[int, Piece] = {}
    for kind, index in coming:
        if kind == "piece":
            found |= recovery.add_piece(first + index, group[index])
        else:
            found |= recovery.add_parity(first, len(group), index, shards[index])
    assert found == {first + index: group[index] for index in lost}


@given(
    st.lists(
        st.one_of(
            st.tuples(st.integers(0, 5000), pieces),
            st.tuples(st.integers(0, 5000), st.integers(0, 255), st.integers(0, 255), st.binary(max_size=80)),
        ),
        max_size=60,
    )
)
def test_hostile_parity_neither_crashes_nor_fills_memory(
    coming: list[tuple[int, Piece] | tuple[int, int, int, bytes]],
) -> None:
    recovery = Recovery()
    for each in coming:
        found = recovery.add_piece(*each) if len(each) == 2 else recovery.add_parity(*each)
        assert len(found) <= parity.MAX_GROUP * MAX_GROUPS
    assert len(recovery._shards) <= KEPT + parity.MAX_GROUP * MAX_GROUPS
    assert len(recovery._groups) <= MAX_GROUPS


@given(st.binary(max_size=100), st.sampled_from([MEDIA, REPAIR, MEDIA | 0x80, 204]))
def test_any_bytes_can_be_heard_and_parsed(data: bytes, kind: int) -> None:
    for packet in (data, bytes((0x80, kind)) + data):
        parse(packet)
        heard(packet)
        from_shard(packet)


@given(st.integers(0, 0xFFFF), words, st.floats(0, 6.5), pieces)
def test_a_packet_says_what_was_put_into_it(number: int, sent_us: int, rtt_s: float, piece: Piece) -> None:
    parsed = parse(media_packet(7, number, piece, sent_us, rtt_s))
    assert isinstance(parsed, Media)
    assert (parsed.number, parsed.sent_us, parsed.piece) == (number, sent_us, piece)
    assert abs(parsed.rtt_s - rtt_s) < 0.00011


@given(st.one_of(reports, st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=MAX_ASKED, unique=True), st.none()))
def test_what_is_said_is_heard(what: Report | list[int] | None) -> None:
    said = what if isinstance(what, Report) else Nack(tuple(what)) if what else KeyWanted()
    assert heard(say(said)) == said


@given(st.integers(0, 1 << 40), st.integers(-30_000, 30_000))
def test_numbers_and_times_survive_the_wrap(reference: int, step: int) -> None:
    assert nearest((reference + step) % 65536, reference) == reference + step
    assert since_us(reference + step & 0xFFFFFFFF, reference & 0xFFFFFFFF) == step


@given(st.lists(st.tuples(reports, st.floats(0, 10)), max_size=30), st.integers(0, 200))
def test_no_report_drives_the_sharer_out_of_bounds(said: list[tuple[Report, float]], sent: int) -> None:
    path, now = Path(), 0.0
    for number in range(1, sent + 1):
        path.sent(number, 1000, 0.0)
    for report, later in said:
        now += later
        path.reported(report, now, int(now * 1e6))
        assert FLOOR_BPS <= path.target_bps <= CAP_BPS
        assert 0 <= path.loss <= 1
        assert 0 <= path.under_way <= sent * 1000
        assert path.rtt_s >= 0
        assert len(path._sent) <= REMEMBERED


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.booleans(), words, words), max_size=60))
def test_no_packet_drives_a_report_out_of_bounds(coming: list[tuple[int, bool, int, int]]) -> None:
    recorder, reassembly = Recorder(), Reassembly()
    for number, last, sent_us, now_us in coming:
        packet = Media(number, sent_us, 0.0, Piece(b"x", last))
        recorder.media(packet, 1000, now_us)
        reassembly.add(reassembly.running(number), packet.piece, 0.0)
        reassembly.sent_up_to(reassembly.running(sent_us % 65536), 0.0)
        assert len(reassembly.missing) <= 2 * CAPACITY
    assert isinstance(recorder.report(0, reassembly.arrived), Report)
