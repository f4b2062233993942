"""A seed is a plan: the same one in every process, another one for another seed."""

import subprocess
import sys

import pytest

from tests.crash.plan import KINDS, make, show, shuffled


def printed(seed: int) -> str:
    words = f"from tests.crash.plan import make, show; print(show(make({seed})))"
    command = [sys.executable, "-c", words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_seed_prints_the_same_plan_in_every_process() -> None:
    assert printed(7) == printed(7)
    assert printed(7) != printed(8)


def test_a_plan_strikes_with_each_kind_in_order_within_what_is_said() -> None:
    plan = make(3, customers=4, lines=50, kinds=KINDS)
    assert [type(each.blow).__name__ for each in plan.strikes] == [
        "Kill",
        "Freeze",
        "FullDisk",
        "SlowDisk",
        "BadDisk",
        "Jump",
        "Stop",
    ]
    places = [each.lines for each in plan.strikes]
    assert places == sorted(places)
    assert places[0] >= 0
    assert places[-1] < 4 * 50
    assert "after line" in show(plan)


def test_a_shuffle_keeps_what_it_is_given() -> None:
    assert sorted(shuffled(5, KINDS)) == sorted(KINDS)


def test_an_unknown_blow_is_named() -> None:
    with pytest.raises(ValueError, match="flood"):
        make(1, kinds=("flood",))
