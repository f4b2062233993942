"""What the relay takes as part of a recording, and when one goes. Pure: `now_ms` is an argument."""

from dataclasses import dataclass
from typing import Final

from shared.common.sealed.heads import LAST, OPENING, About, Head
from shared.protocol.frames import Refused
from shared.protocol.messages.recordings import RecordingState

MAX_BYTES: Final = 16 * 2**30
"""Of one recording."""
SLACK_MS: Final = 5_000
"""By how much an agent's clock may be off from the relay's after it was set by it."""
QUIET_MS: Final = 24 * 3_600_000
"""A recording that nobody added to for so long was cut off."""
OPENING_MS: Final = 12 * 3_600_000
"""For how long an opening fetches bytes."""
DAY_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Granted:
    """What is on record of the customer's grant to record. `ended_ms` is 0 while it goes on."""

    request_id: str
    until_ms: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a recording has come."""

    chunks: int
    size_bytes: int
    state: RecordingState


def judge_opening(about: About, recording_id: str, agent_id: str, granted: Granted | None) -> Refused | None:
    """Whether chunk 0 may begin a recording. Refused: `recording_damaged`, `not_allowed`."""
    if about.recording_id != recording_id or about.agent_id != agent_id:
        return Refused(code="recording_damaged")
    if granted is None:
        return Refused(code="not_allowed")
    over_ms = min(granted.until_ms, granted.ended_ms or granted.until_ms)
    return None if about.started_ms < over_ms + SLACK_MS else Refused(code="not_allowed")


def judge_chunk(standing: Standing, head: Head) -> Refused | None:
    """Whether this is the next chunk; one that is there already is nobody's concern and asked about before.

    Refused: `recording_gap` (names the one that is), `recording_damaged`, `wrong_state`, `recording_too_large`.
    """
    if standing.state != "open":
        return Refused(code="wrong_state", params={"state": standing.state, "event": "chunk"})
    if head.sequence != standing.chunks:
        return Refused(code="recording_gap", params={"expected": str(standing.chunks)})
    if bool(head.flags & OPENING) != (standing.chunks == 0):
        return Refused(code="recording_damaged")
    if standing.size_bytes + head.size > MAX_BYTES:
        return Refused(code="recording_too_large", params={"max_gib": str(MAX_BYTES // 2**30)})
    return None


def after(standing: Standing, head: Head) -> Standing:
    """How it stands with this chunk added."""
    state: RecordingState = "whole" if head.flags & LAST else "open"
    return Standing(standing.chunks + 1, standing.size_bytes + head.size, state)


def delete_ms(updated_ms: int, agreed_days: int, policy_days: int, *, held: bool) -> int:
    """When it goes; 0: not while it is held. What the customer agreed to is never lengthened afterwards."""
    return 0 if held else updated_ms + min(agreed_days, policy_days) * DAY_MS
