"""How good the picture is to be: each engineer wishes, the most modest wish holds for all of them."""

from typing import Final

from shared.control.input import Quality

THRIFTY_BPS: Final = 600_000
"""What all of the pictures may take a second where somebody wants bandwidth saved."""
_ORDER: Final[tuple[Quality, ...]] = ("exact", "automatic", "thrifty")
"""From the most that is asked of the path to the least."""


class QualityWishes:
    """One wish of each engineer who is connected; who says nothing is content with ``automatic``."""

    def __init__(self) -> None:
        self._wishes: dict[str, Quality] = {}

    def connected(self, agents: frozenset[str]) -> None:
        """Who looks on now: the wishes of all others are over."""
        self._wishes = {agent: self._wishes.get(agent, "automatic") for agent in agents}

    def wish(self, agent_id: str, quality: Quality) -> None:
        """Takes the place of an earlier one; of somebody who is not connected it counts for nothing."""
        if agent_id in self._wishes:
            self._wishes[agent_id] = quality

    @property
    def chosen(self) -> Quality:
        if not self._wishes:
            return "automatic"
        return _ORDER[max(_ORDER.index(wish) for wish in self._wishes.values())]
