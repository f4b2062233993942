"""Whose wish for the picture holds."""

import pytest

from shared.control.input import Quality
from shared.session.quality import QualityWishes

A, B = "a_1", "a_2"


@pytest.mark.parametrize(
    ("wishes", "chosen"),
    [
        ({}, "automatic"),
        ({A: "exact", B: "exact"}, "exact"),
        ({A: "exact"}, "automatic"),
        ({A: "exact", B: "thrifty"}, "thrifty"),
        ({A: "automatic", B: "thrifty"}, "thrifty"),
    ],
)
def test_the_most_modest_wish_holds(wishes: dict[str, Quality], chosen: Quality) -> None:
    held = QualityWishes()
    held.connected(frozenset({A, B}))
    for agent, wish in wishes.items():
        held.wish(agent, wish)
    assert held.chosen == chosen


def test_a_wish_ends_with_the_connection() -> None:
    held = QualityWishes()
    held.connected(frozenset({A, B}))
    held.wish(A, "thrifty")
    held.connected(frozenset({B}))
    assert held.chosen == "automatic"
    held.connected(frozenset({A, B}))
    assert held.chosen == "automatic"


def test_nobody_wishes_from_outside() -> None:
    held = QualityWishes()
    held.wish(A, "thrifty")
    assert held.chosen == "automatic"
    held.connected(frozenset({B}))
    held.wish(A, "thrifty")
    assert held.chosen == "automatic"
