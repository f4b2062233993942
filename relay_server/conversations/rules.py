"""What may happen to a conversation when: one table, small decisions beside it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from shared.protocol.frames import Refused
from shared.protocol.types import ConversationState

Event = Literal[
    "queue",
    "offer",
    "return_offer",
    "assign",
    "abandon",
    "message_instead",
    "lose_owner",
    "end",
    "close",
    "reopen",
]

TABLE: Final[Mapping[tuple[ConversationState, Event], ConversationState]] = MappingProxyType(
    {
        ("new", "queue"): "queued",
        ("new", "message_instead"): "closed",
        ("queued", "offer"): "offered",
        ("queued", "assign"): "active",
        ("queued", "abandon"): "abandoned",
        ("queued", "message_instead"): "closed",
        ("offered", "assign"): "active",
        ("offered", "return_offer"): "queued",
        ("offered", "abandon"): "abandoned",
        ("offered", "message_instead"): "closed",
        ("active", "lose_owner"): "queued",
        ("active", "end"): "wrap_up",
        ("wrap_up", "close"): "closed",
        ("closed", "reopen"): "queued",
    }
)
"""`assign` from `queued` is an agent who picks by hand. `message_instead` gives the place up for a message form."""

WAITING: Final[frozenset[ConversationState]] = frozenset({"queued", "offered"})
OPEN: Final[frozenset[ConversationState]] = frozenset({"new", "queued", "offered", "active", "held"})
"""Somebody waits or is being helped."""
HANDLED: Final[frozenset[ConversationState]] = frozenset({"active", "held", "wrap_up"})
"""It takes its owner's capacity."""
CHAT: Final[frozenset[ConversationState]] = frozenset({"queued", "offered", "active", "held", "wrap_up"})
"""Lines are still taken: while waiting, and until the engineer has written up."""

PREVIEW: Final = 120


def after(state: ConversationState, event: Event) -> ConversationState | Refused:
    """The next state. Refused: `wrong_state` with both names."""
    following = TABLE.get((state, event))
    return following if following else Refused(code="wrong_state", params={"state": state, "event": event})


def may_chat(state: ConversationState) -> Refused | None:
    """Refused: `conversation_ended`."""
    return None if state in CHAT else Refused(code="conversation_ended")


def as_customers_see(state: ConversationState) -> ConversationState:
    """Routing is not told: an offer on the table is still waiting."""
    return "queued" if state == "offered" else state


def preview(text: str) -> str:
    """The first words of a line, for lists."""
    return " ".join(text[: PREVIEW * 2].split())[:PREVIEW]


def mark_reaches(asked: int, last_chat_seq: int, marked: int) -> int | None:
    """How far a mark goes: to the last line of chat at most, so that marks of marks end. None: nothing new."""
    up_to = min(asked, last_chat_seq)
    return up_to if up_to > marked else None


def may_reopen(state: ConversationState, reopen_until_ms: int, now_ms: int) -> Refused | None:
    """Refused: `wrong_state` while it is not closed, `reopen_too_late` after the organisation's days."""
    if (state, "reopen") not in TABLE:
        return Refused(code="wrong_state", params={"state": state, "event": "reopen"})
    return None if now_ms < reopen_until_ms else Refused(code="reopen_too_late")
