"""Agent states, offers and the queue."""

from typing import Literal

from shared.protocol.messages.base import Command, PushBody
from shared.protocol.messages.conversations import ConversationRow
from shared.protocol.messages.organisation import AgentStateView, OfferView
from shared.protocol.types import AgentState, Id, Line


class SetState(Command, frozen=True, kw_only=True):
    """Changes this agent's state; with work in hand, `busy`, `break` and `offline` begin when it ends unless `now`."""

    state: AgentState
    reason: Line = ""
    now: bool = False


class AcceptOffer(Command, frozen=True, kw_only=True):
    """Takes the offered conversation."""

    conversation_id: Id


class DeclineOffer(Command, frozen=True, kw_only=True):
    """Leaves it to somebody else; not offered to this agent again in this pass."""

    conversation_id: Id
    reason: Line = ""


class TakeFromQueue(Command, frozen=True, kw_only=True):
    """Picks a waiting conversation of one's own groups by hand."""

    conversation_id: Id


class OfferArrived(PushBody, frozen=True, kw_only=True):
    """Answer it before `offer.deadline_ms`."""

    offer: OfferView


class OfferWithdrawn(PushBody, frozen=True, kw_only=True):
    """The offer stands no more."""

    conversation_id: Id
    why: Literal["timed_out", "customer_left", "taken", "went_offline", "answered"]


class StateChanged(PushBody, frozen=True, kw_only=True):
    """This agent's state as it stands now."""

    state: AgentStateView


class QueueChanged(PushBody, frozen=True, kw_only=True):
    """What waits in this agent's groups now, in the order in which it will be offered."""

    rows: tuple[ConversationRow, ...]
