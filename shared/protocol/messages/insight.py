"""Satisfaction: at most three questions after closing."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.messages.base import Command, EventBody
from shared.protocol.types import Id, PersonRef

Score = Annotated[int, Meta(ge=0, le=5)]
"""1 to 5; 0 is not answered."""


class GiveRating(Command, frozen=True, kw_only=True):
    """The customer's answers, once a conversation."""

    conversation_id: Id
    solved: Literal["yes", "partly", "no", ""] = ""
    easy: Score = 0
    in_control: Score = 0
    comment: Annotated[str, Meta(max_length=2000)] = ""


class RatingGiven(EventBody, frozen=True, kw_only=True):
    """The customer's answers."""

    by: PersonRef
    solved: Literal["yes", "partly", "no", ""] = ""
    easy: Score = 0
    in_control: Score = 0
    comment: Annotated[str, Meta(max_length=2000)] = ""
