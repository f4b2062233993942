"""When a customer may rate, and what counts as an answer."""

from typing import Final

from shared.protocol.frames import Refused
from shared.protocol.messages.insight import GiveRating
from shared.protocol.types import ConversationState

_RATED_IN: Final[frozenset[ConversationState]] = frozenset({"wrap_up", "closed"})


def may_rate(state: ConversationState, *, was_helped: bool, rated: bool, answers: GiveRating) -> Refused | None:
    """Refused: `already_rated`, `wrong_state` (not over, or nobody ever helped), `form_incomplete` (nothing said)."""
    if rated:
        return Refused(code="already_rated")
    if state not in _RATED_IN or not was_helped:
        return Refused(code="wrong_state", params={"state": state, "event": "rate"})
    if not (answers.solved or answers.easy or answers.in_control or answers.comment.strip()):
        return Refused(code="form_incomplete", params={"fields": "solved"})
    return None
