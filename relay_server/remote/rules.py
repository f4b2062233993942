"""What the record of a remote session takes. The customer's machine decides what is granted; these rules only keep the
record honest: nothing in it that was not asked, to nobody but the one who asked, for no longer than allowed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from shared.protocol.frames import Refused
from shared.protocol.messages.remote import EndReason, GrantEnd
from shared.protocol.types import Capability, Grant

State = Literal["asked", "live", "ended"]
Event = Literal["grant_view", "end"]

TABLE: Final[Mapping[tuple[State, Event], State]] = MappingProxyType(
    {
        ("asked", "grant_view"): "live",
        ("live", "grant_view"): "live",
        ("asked", "end"): "ended",
        ("live", "end"): "ended",
    }
)
"""A session begins with the first question and is live from the first grant to see the screen."""

SLACK_MS: Final = 5_000
"""By how much the customer's clock may run ahead."""

_REASONS: Final[Mapping[GrantEnd, EndReason]] = MappingProxyType(
    {
        "revoked": "customer_stopped",
        "stopped": "customer_stopped",
        "paused_out": "customer_stopped",
        "expired": "expired",
        "connection_lost": "connection_lost",
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """What an agent asked."""

    agent_id: str
    capabilities: tuple[Capability, ...]
    state: Literal["open", "answered", "withdrawn"]
    expires_ms: int


def judge_answer(asked: Question, grants: Sequence[Grant], now_ms: int, limit_ms: int) -> Refused | None:
    """Whether an answer may go on record. Refused: `wrong_state` (the question is off the table), `consent_expired`,
    `not_allowed` (more than was asked, somebody else, twice, or for longer than the organisation allows)."""
    if asked.state != "open":
        return Refused(code="wrong_state", params={"state": asked.state, "event": "answer"})
    if now_ms >= asked.expires_ms + SLACK_MS:
        return Refused(code="consent_expired")
    named = [grant.capability for grant in grants]
    fits = (
        len(set(named)) == len(named)
        and set(named) <= set(asked.capabilities)
        and all(grant.agent_id == asked.agent_id for grant in grants)
        and all(now_ms - SLACK_MS < grant.until_ms <= now_ms + limit_ms + SLACK_MS for grant in grants)
    )
    return None if fits else Refused(code="not_allowed")


def may_signal(views: Iterable[Grant], customer_id: str, sender_id: str, to: str, now_ms: int) -> bool:
    """Signals go between the customer and an agent who may see the screen now, never between others."""
    if customer_id not in (sender_id, to):
        return False
    agent_id = to if sender_id == customer_id else sender_id
    return any(grant.agent_id == agent_id and grant.capability == "view" and now_ms < grant.until_ms for grant in views)


def end_reason(why: GrantEnd) -> EndReason:
    """Why a session ended whose last grant ended so."""
    return _REASONS[why]


def reason_said(reason: EndReason, *, by_agent: bool) -> EndReason:
    """An agent's end is theirs, whatever they call it, but for a lost end; a customer's is never the agent's."""
    if by_agent:
        return reason if reason in ("connection_lost", "session_process_lost", "unverified") else "agent_ended"
    return "customer_stopped" if reason == "agent_ended" else reason
