"""Names are safe whatever is suggested; a file arrives exact, or not at all, whatever happens on the way."""

import asyncio
import tempfile
import unicodedata
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.control.files.flow import MAX_WINDOW, MIN_WINDOW, Flow
from shared.control.files.wire import MAX_PIECE
from shared.rules.file_names import MAX_BYTES, numbered, safe_name
from shared.rules.transfer import OVER, TABLE
from tests.files_pair import Pair, until

RESERVED = ("con", "PRN", "aux.txt", "NUL.tar.gz", "com1", "LPT9.log", "com¹", "con .txt")
HAPPENINGS = st.sampled_from(["cut", "hold sender", "hold receiver", "pause", "restart sender", "restart receiver"])


@given(st.text(max_size=400) | st.sampled_from(RESERVED))
@example("../../.ssh/authorized_keys")
@example("..\\..\\autorun.inf")
@example("invoice\u202efdp.exe")
@example("...")
@example("a" * 500 + ".tar")
def test_a_safe_name_is_a_plain_base_name(suggested: str) -> None:
    name = safe_name(suggested)
    assert name
    assert len(name.encode()) <= MAX_BYTES
    assert not set(name) & set('/\\:*?"<>|')
    assert not any(unicodedata.category(letter)[0] == "C" for letter in name)
    assert name[0] not in ".-~ "
    assert name[-1] not in ". "
    assert Path(name).name == name
    assert name.split(".")[0].rstrip().lower() not in {"con", "prn", "aux", "nul", "com1", "lpt9", "com¹"}
    assert safe_name(name) == name


@given(st.text(min_size=1, max_size=80), st.integers(2, 999))
def test_a_numbered_name_is_another_one_of_the_same_kind(suggested: str, number: int) -> None:
    name = safe_name(suggested)
    other = numbered(name, number)
    assert other != name
    assert Path(other).suffix == Path(name).suffix or "." not in name
    assert len(other.encode()) < 255


def test_what_is_over_stays_over() -> None:
    assert not [key for key in TABLE if key[0] in OVER]


@given(st.lists(st.tuples(st.floats(0.1, 500), st.integers(1, 8)), max_size=60))
def test_the_flow_stays_within_its_bounds_and_always_lets_one_piece_go(steps: list[tuple[float, int]]) -> None:
    flow, now_ms = Flow(0), 0.0
    for wait_ms, count in steps:
        for _ in range(count):
            if flow.room:
                assert flow.sent - flow.written <= MAX_WINDOW
                flow.note_sent(flow.piece, now_ms)
        now_ms += wait_ms
        flow.note_written(flow.sent, now_ms)
        assert flow.room
        assert MIN_WINDOW // 8 <= flow.piece <= MAX_PIECE


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1_500_000), st.lists(st.tuples(HAPPENINGS, st.integers(1, 40)), max_size=4))
def test_a_file_arrives_exact_whatever_happens_on_the_way(size: int, happenings: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as room:
        asyncio.run(_carried(Path(room), size, happenings))


async def _carried(room: Path, size: int, happenings: list[tuple[str, int]]) -> None:
    source = room / "s.bin"
    source.write_bytes((bytes(range(251)) * (size // 251 + 1))[:size])
    async with asyncio.TaskGroup() as tasks:
        pair = Pair(tasks, room)
        pair.agent.exchange.offer([source])
        await until(lambda: pair.customer.views)
        transfer_id = next(iter(pair.customer.views))
        pair.customer.exchange.answer(transfer_id, True)
        for what, turns in happenings:
            for _ in range(turns):
                await asyncio.sleep(0)
            await _happen(pair, transfer_id, what)
        await until(lambda: _finished(pair, transfer_id))
        pair.close()
    landed = [path for path in pair.customer.landing.iterdir() if path.is_file()]
    assert [path.read_bytes() for path in landed] == [source.read_bytes()] * len(landed)
    assert landed


async def _happen(pair: Pair, transfer_id: str, what: str) -> None:
    match what:
        case "cut":
            pair.cut()
            await asyncio.sleep(0)
            pair.join()
        case "hold sender" | "hold receiver":
            end = pair.agent if what == "hold sender" else pair.customer
            end.exchange.hold(transfer_id, True)
            await asyncio.sleep(0)
            end.exchange.hold(transfer_id, False)
        case "pause":
            pair.customer.receives = False
            pair.customer.exchange.standing()
            await asyncio.sleep(0)
            pair.customer.receives = True
            pair.customer.exchange.standing()
        case _:
            await asyncio.sleep(0.02)  # notes are written beside the transfer
            pair.cut()
            await (pair.agent if what == "restart sender" else pair.customer).restart()
            pair.join()


def _finished(pair: Pair, transfer_id: str) -> bool:
    """Both people say yes again to whatever asks again."""
    here, there = pair.customer.views.get(transfer_id), pair.agent.views.get(transfer_id)
    if here is not None and here.shown == "asks":
        pair.customer.exchange.answer(transfer_id, True)
    if there is not None and there.shown == "unfinished":
        pair.agent.exchange.hold(transfer_id, False)
    if "done" in {view.shown for view in (here, there) if view is not None}:
        return True
    return here is None and there is None and (pair.customer.landing / "s.bin").exists()  # both have forgotten it
