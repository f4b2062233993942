"""What may happen to a ticket when, and what numbers look like."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from shared.protocol.frames import Refused
from shared.protocol.types import TicketState

Event = Literal[
    "assign",
    "start",
    "wait_for_customer",
    "wait_for_third_party",
    "customer_answers",
    "resolve",
    "close",
    "abandon",
    "reopen",
]

_AT_WORK: Final[tuple[TicketState, ...]] = ("assigned", "in_progress", "waiting_customer", "waiting_third_party")
_UNRESOLVED: Final[tuple[TicketState, ...]] = ("new", *_AT_WORK, "reopened")

TABLE: Final[Mapping[tuple[TicketState, Event], TicketState]] = MappingProxyType(
    {
        ("new", "assign"): "assigned",
        ("reopened", "assign"): "assigned",
        **{(state, "assign"): state for state in _AT_WORK},
        **{(state, "start"): "in_progress" for state in _UNRESOLVED},
        **{(state, "wait_for_customer"): "waiting_customer" for state in _UNRESOLVED},
        **{(state, "wait_for_third_party"): "waiting_third_party" for state in _UNRESOLVED},
        ("waiting_customer", "customer_answers"): "in_progress",
        **{(state, "resolve"): "resolved" for state in _UNRESOLVED},
        ("resolved", "close"): "closed",
        ("new", "abandon"): "closed",
        ("assigned", "abandon"): "closed",
        ("reopened", "abandon"): "closed",
        ("resolved", "reopen"): "reopened",
        ("closed", "reopen"): "reopened",
    }
)
"""`abandon`: the customer left the line before anybody helped."""

_BY_HAND: Final[Mapping[TicketState, Event]] = MappingProxyType(
    {
        "in_progress": "start",
        "waiting_customer": "wait_for_customer",
        "waiting_third_party": "wait_for_third_party",
        "resolved": "resolve",
        "closed": "close",
        "reopened": "reopen",
    }
)
SOLVING_RESULTS: Final = frozenset({"solved", "workaround"})
"""Results of a conversation that resolve its ticket."""


def by_hand(state: TicketState, wanted: TicketState, category: str) -> TicketState | Refused | None:
    """The state an agent asks for; None when it stands there already. Refused: `wrong_state`, `ticket_needs`."""
    if wanted == state:
        return None
    event = _BY_HAND.get(wanted)
    following = TABLE.get((state, event)) if event else None
    if following is None:
        return Refused(code="wrong_state", params={"state": state, "event": wanted})
    if following in ("resolved", "closed") and not category:
        return Refused(code="ticket_needs", params={"fields": "category"})
    return following


def counted(prefix: str, number: str) -> tuple[int, int] | None:
    """(year, count) of a number that `number` made with this prefix; None for any other."""
    year, _, count = number.removeprefix(prefix).partition("-")
    plain = number.startswith(prefix) and year.isascii() and year.isdecimal() and count.isascii() and count.isdecimal()
    return (int(year), int(count)) if plain and len(year) == 4 and len(count) <= 9 else None


def number(prefix: str, year: int, count: int) -> str:
    """What a ticket is called: `YL-2026-000042`."""
    return f"{prefix}{year}-{count:06d}"
