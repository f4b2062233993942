"""How far one end trusts the other in a remote session; both ends run the same table.

Nothing is shown and nothing lands before `trusted`. From everywhere a fault leads to `failed`, which nothing leaves.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

State = Literal["introducing", "comparing", "here", "there", "trusted", "failed"]
Event = Literal["vouched", "unknown", "here", "there", "again", "fault"]

TABLE: Final[Mapping[tuple[State, Event], State]] = MappingProxyType(
    {
        ("introducing", "vouched"): "trusted",
        ("introducing", "unknown"): "comparing",
        ("introducing", "again"): "introducing",
        ("comparing", "here"): "here",
        ("comparing", "there"): "there",
        ("here", "there"): "trusted",
        ("there", "here"): "trusted",
        ("comparing", "again"): "introducing",
        ("here", "again"): "introducing",
        ("there", "again"): "introducing",
        ("trusted", "again"): "introducing",
        ("introducing", "fault"): "failed",
        ("comparing", "fault"): "failed",
        ("here", "fault"): "failed",
        ("there", "fault"): "failed",
        ("trusted", "fault"): "failed",
    }
)
"""`vouched`: the organisation's certificate or an earlier code. `here` and `there`: a person at this end, at the other
end, says that the code is the same. `again`: a new connection is offered, which begins anew."""

MAX_COMPARISONS: Final = 5
"""Codes that may be put before a person in one session: each is one try in a million for whoever sits between."""


def advance(state: State, event: Event) -> State:
    """The next state; what has no arrow changes nothing."""
    return TABLE.get((state, event), state)
