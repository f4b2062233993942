"""System information, between the windows and their session processes."""

from typing import Annotated

from msgspec import Meta

from shared.control.facts import SECTIONS, Held, Section, SectionName
from shared.protocol.types import Id, Millis
from shared.session.message import Message

Sections = Annotated[tuple[Section, ...], Meta(max_length=len(SECTIONS))]


class FactsGathered(Message, frozen=True, kw_only=True):
    """What an agent has asked for, for the person to look through; nothing has left. `snapshot` counts up."""

    agent_id: str
    snapshot: int
    sections: Sections


class FactsOver(Message, frozen=True, kw_only=True):
    """What was to be looked through for this agent may not go out any more."""

    agent_id: str


class SendFacts(Message, frozen=True, kw_only=True):
    """The person has pressed Send: these sections of that snapshot go out, nothing else."""

    agent_id: Id
    snapshot: int
    sections: Annotated[tuple[SectionName, ...], Meta(max_length=len(SECTIONS))]


class KeepFacts(Message, frozen=True, kw_only=True):
    """The person does not send it."""

    agent_id: Id
    snapshot: int


FactsOrder = SendFacts | KeepFacts


class AskFacts(Message, frozen=True):
    """The agent would like a snapshot; `FactsCame` or `FactsWithheld` answers."""


class FactsCame(Message, frozen=True, kw_only=True):
    """What the customer has sent, and when it came."""

    sections: Sections
    at_ms: Millis


class FactsWithheld(Message, frozen=True, kw_only=True):
    """Nothing comes."""

    why: Held


FactsReport = FactsCame | FactsWithheld
