"""Who gets which conversation: examples, and properties over many."""

import time
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from relay_server.routing import rules
from relay_server.routing.rules import Candidate, Known, Work, pick, pick_known, rank_ms, still_refused
from shared.protocol.types import AgentState

NOW = 10_000_000


def work(name: str, rank: int = 0, group: str = "g", refused: frozenset[str] = frozenset()) -> Work:
    return Work(name, group, rank, refused=refused)


def agent(name: str, used: int = 0, maximum: int = 3, idle: int = 0, groups: tuple[str, ...] = ("g",)) -> Candidate:
    return Candidate(name, groups, used, maximum, idle)


def pairs(waiting: list[Work], agents: list[Candidate]) -> list[tuple[str, str]]:
    return [(each.conversation_id, each.agent_id) for each in pick(waiting, agents, NOW)]


def test_the_smallest_rank_goes_first_to_the_least_loaded() -> None:
    found = pairs([work("late", 2), work("early", 1)], [agent("full", 2), agent("free", 0, 1)])
    assert found == [("early", "free"), ("late", "full")]


def test_between_equal_loads_the_longest_free_is_asked_and_then_goes_to_the_back() -> None:
    agents = [agent("a", idle=5), agent("b", idle=1), agent("c", idle=3)]
    assert pairs([work("1", 1), work("2", 2), work("3", 3), work("4", 4)], agents) == [
        ("1", "b"),
        ("2", "c"),
        ("3", "a"),
        ("4", "a"),
    ]


def test_load_is_a_share_of_what_each_holds() -> None:
    assert pairs([work("1")], [agent("small", 1, 2), agent("big", 1, 4)]) == [("1", "big")]


def test_only_members_of_the_group_are_asked() -> None:
    assert pairs([work("1", group="x")], [agent("a"), agent("b", groups=("g", "x"))]) == [("1", "b")]


def test_who_refused_is_passed_over_and_stays_free_for_others() -> None:
    agents = [agent("a", idle=1, maximum=1), agent("b", idle=2, maximum=1)]
    assert pairs([work("1", 1, refused=frozenset({"a"})), work("2", 2)], agents) == [("1", "b"), ("2", "a")]


def test_why_is_told() -> None:
    (only,) = pick([work("1")], [agent("a"), agent("full", 3)], NOW)
    assert (only.why, only.free, only.load_percent) == ("only_free", 1, 0)
    (least,) = pick([work("1")], [agent("a"), agent("b", 1)], NOW)
    assert (least.why, least.free) == ("least_load", 2)
    (longest,) = pick([work("1")], [agent("a", 1, idle=9), agent("b", 1, idle=1)], NOW)
    assert (longest.why, longest.agent_id, longest.load_percent) == ("longest_free", "b", 33)


def test_all_have_refused_so_after_a_pause_everyone_is_considered_again() -> None:
    refused = {"a": NOW - rules.NEW_PASS_MS, "b": NOW - rules.NEW_PASS_MS}
    assert still_refused(refused, ["a", "b", "c"], NOW) == {"a", "b"}
    assert still_refused(refused, ["a", "b"], NOW) == frozenset()
    assert still_refused({**refused, "b": NOW - 1}, ["a", "b"], NOW) == {"a", "b"}


def test_a_refusal_from_a_time_that_a_clock_set_back_has_yet_to_see_is_over() -> None:
    hours_ahead = NOW + 6 * 3_600_000
    assert still_refused({"a": hours_ahead}, ["a"], NOW) == frozenset()
    assert still_refused({"a": NOW + 1}, ["a"], NOW) == {"a"}


def test_rank_counts_from_the_first_request_with_what_customer_and_group_are_worth() -> None:
    plain = rank_ms(NOW, 0, 0)
    assert rank_ms(NOW, 1, 0) == plain - rules.VIP_MS
    assert rank_ms(NOW, 0, 1) == plain - rules.PRIORITY_MS
    assert rank_ms(NOW, 0, 0, lifted=True) == plain - rules.LIFT_MS


def test_the_agents_table_is_whole_and_a_missed_offer_never_makes_available() -> None:
    for state in get_args(AgentState):
        for asked in get_args(AgentState):
            assert rules.AGENT_TABLE[state, rules.choice(asked)] == asked
    assert all(after != "available" for (_, event), after in rules.AGENT_TABLE.items() if event == "miss_offer")
    assert {event for _, event in rules.AGENT_TABLE} == set(get_args(rules.AgentEvent))


def test_a_state_waits_for_the_work_in_hand_unless_now_is_said() -> None:
    assert rules.begins_later("break", 1, now=False)
    assert not rules.begins_later("break", 0, now=False)
    assert not rules.begins_later("break", 1, now=True)
    assert not rules.begins_later("available", 1, now=False)


names = st.integers(0, 9).map(str)
works = st.lists(
    st.builds(
        Work, names, st.sampled_from("xyz"), st.integers(0, 50), st.integers(1, 2), st.frozensets(names, max_size=3)
    ),
    max_size=12,
    unique_by=lambda each: each.conversation_id,
)
agents_of = st.lists(
    st.builds(
        Candidate,
        names,
        st.lists(st.sampled_from("xyz"), max_size=3, unique=True).map(tuple),
        st.integers(0, 3),
        st.integers(1, 4),
        st.integers(0, 50),
    ),
    max_size=8,
    unique_by=lambda each: each.agent_id,
)


@given(works, agents_of)
def test_nobody_gets_more_than_they_hold_nothing_goes_twice_and_nothing_servable_is_left(
    waiting: list[Work], agents: list[Candidate]
) -> None:
    chosen = pick(waiting, agents, 100)
    assert chosen == pick(waiting[::-1], agents[::-1], 100)
    by_id, by_agent = {each.conversation_id: each for each in waiting}, {each.agent_id: each for each in agents}
    used = {each.agent_id: each.used for each in agents}
    for each in chosen:
        assert by_id[each.conversation_id].group_id in by_agent[each.agent_id].group_ids
        assert each.agent_id not in by_id[each.conversation_id].refused
        used[each.agent_id] += by_id[each.conversation_id].weight
    assert all(used[each.agent_id] <= max(each.maximum, each.used) for each in agents)
    assert len({each.conversation_id for each in chosen}) == len(chosen)
    for left in by_id.keys() - {each.conversation_id for each in chosen}:
        assert not any(
            by_id[left].group_id in each.group_ids
            and each.agent_id not in by_id[left].refused
            and used[each.agent_id] + by_id[left].weight <= each.maximum
            for each in agents
        )


@given(works, agents_of, st.dictionaries(st.sampled_from("xyz"), st.integers(1, 4)))
def test_who_sees_only_the_first_of_the_free_decides_as_who_sees_all_and_stops_where_that_is_not_sure(
    waiting: list[Work], agents: list[Candidate], seen: dict[str, int]
) -> None:
    near: dict[str, tuple[str, ...]] = {}
    known: dict[str, Known] = {}
    for group in "xyz":
        free = sorted(
            (rules.load(each.used, each.maximum), each.idle_since_ms, each.agent_id)
            for each in agents
            if group in each.group_ids and each.used < each.maximum
        )
        first = free[: seen.get(group, len(free))]
        known[group] = Known(len(free), first[-1] if len(first) < len(free) else None)
        for _, _, agent_id in first:
            near[agent_id] = (*near.get(agent_id, ()), group)
    at_hand = [structs.replace(each, group_ids=near.get(each.agent_id, ())) for each in agents]
    found, whole = pick_known(waiting, at_hand, 100, known)
    every = [(each.conversation_id, each.agent_id) for each in pick(waiting, agents, 100)]
    told = [(each.conversation_id, each.agent_id) for each in found]
    assert told == (every if whole else every[: len(told)])


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(-5, 20), st.integers(-5, 20), st.booleans())
def test_nobody_is_overtaken_by_one_who_came_much_later(
    first: int, gap: int, vip: int, priority: int, lifted: bool
) -> None:
    late = first + rules.LONGEST_LEAD_MS + 1 + gap
    assert rank_ms(first, 0, 0) < rank_ms(late, vip, priority, lifted=lifted)


def test_ten_thousand_by_ten_thousand_takes_well_under_a_second() -> None:
    waiting = [work(f"c{at}", at * 7919 % 10_000, f"g{at % 20}") for at in range(10_000)]
    agents = [agent(f"a{at}", at % 3, 3, at, (f"g{at % 20}", f"g{at * 3 % 20 + 20}")) for at in range(10_000)]
    started = time.perf_counter()
    assert len(pick(waiting, agents, NOW)) == 10_000
    assert time.perf_counter() - started < 2.0
