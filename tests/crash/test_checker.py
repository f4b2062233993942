"""The checker finds every fault that is planted, and none where there is none: one that cannot fail proves nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crash.checker import LAWS, Story, check
from tests.crash.tale import FAULTS, Fault, Tale

DEEDS = ("begin", "say", "answer", "cut", "refuse", "note", "close")
deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 5)), max_size=25)


def told(steps: list[tuple[str, int]]) -> Story:
    """A story that always has something to spoil, then whatever the steps say."""
    tale = Tale()
    first = tale.begin("ann")
    tale.say(first)
    tale.note(first)
    tale.say(first, answered=False)
    tale.close(first)
    names = [tale.begin("bob")]
    for deed, number in steps:
        name = names[number % len(names)]
        match deed:
            case "begin":
                names.append(tale.begin(f"guest{number}"))
            case "say" | "answer" | "cut" if tale.states[name] == "active":
                tale.say(name, agent=deed == "answer", answered=deed != "cut")
            case "refuse":
                tale.refuse(name)
            case "note" if tale.states[name] == "active":
                tale.note(name)
            case "close" if tale.states[name] == "active":
                tale.close(name)
            case _:
                pass
    return tale.story()


@settings(max_examples=60, derandomize=True, deadline=None)
@given(deeds)
def test_a_true_story_breaks_no_law(steps: list[tuple[str, int]]) -> None:
    assert check(told(steps)) == []


@pytest.mark.parametrize(("law", "fault"), FAULTS, ids=[f"{n}-{law}" for n, (law, _) in enumerate(FAULTS)])
@settings(max_examples=25, derandomize=True, deadline=None)
@given(steps=deeds, at=st.integers(0, 200))
def test_a_planted_fault_is_found(law: str, fault: Fault, steps: list[tuple[str, int]], at: int) -> None:
    story = told(steps)
    spoiled = fault(story, at)
    assert spoiled is not None
    assert law in {broken.law for broken in check(spoiled)}
    assert check(story) == []


def test_every_law_has_a_fault_that_breaks_it() -> None:
    assert {law.__name__ for law in LAWS} == {law for law, _ in FAULTS}
