"""The rows of recordings."""

from dataclasses import dataclass
from typing import Final

import msgspec

from relay_server.conversations.store import person_json, person_of
from relay_server.engine.journal import Row, Transaction
from relay_server.engine.raw import Rows, first
from relay_server.recordings.rules import Granted, Standing
from shared.common.sealed.heads import About
from shared.protocol.messages.recordings import OpenFor, RecordingState
from shared.protocol.types import Capability, PersonRef

_capabilities = msgspec.json.Decoder(tuple[Capability, ...])
_COLUMNS = (
    "SELECT id, conversation_key, session_id, agent, key_id, started_ms, updated_ms, length_ms, size_bytes, chunks,"
    " state, keep_days, held FROM recordings "
)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that is there (a deleted one is not)."""

    recording_id: str
    conversation_key: int
    session_id: str
    agent: PersonRef
    key_id: str
    started_ms: int
    updated_ms: int
    length_ms: int
    size_bytes: int
    chunks: int
    state: RecordingState
    keep_days: int
    held: bool

    @property
    def standing(self) -> Standing:
        """How far it has come."""
        return Standing(self.chunks, self.size_bytes, self.state)


_FREE: Final = (
    "WHERE deleted_ms = 0 AND held = 0 AND state <> 'open' AND conversation_key NOT IN"
    " (SELECT c.key FROM conversations c JOIN holds h ON h.customer_id = c.customer_id)"
)


def by_id(rows: Rows, recording_id: str) -> Recording | None:
    """The recording of that id."""
    return _made(first(rows(_COLUMNS + "WHERE id = ? AND deleted_ms = 0", (recording_id,))))


def of_conversation(rows: Rows, key: int) -> list[Recording]:
    """A conversation's recordings, oldest first."""
    found = rows(_COLUMNS + "WHERE conversation_key = ? AND deleted_ms = 0 ORDER BY started_ms, id LIMIT 200", (key,))
    return [made for row in found if (made := _made(row))]


def was_deleted(rows: Rows, recording_id: str) -> bool:
    """Whether there was one of that id, which is gone."""
    return bool(rows("SELECT 1 FROM recordings WHERE id = ? AND deleted_ms > 0", (recording_id,)))


def quiet_since(rows: Rows, before_ms: int) -> list[Recording]:
    """Open recordings that nobody has added to since."""
    found = rows(_COLUMNS + "WHERE state = 'open' AND deleted_ms = 0 AND updated_ms < ? LIMIT 100", (before_ms,))
    return [made for row in found if (made := _made(row))]


def not_held(rows: Rows) -> list[Recording]:
    """Every finished recording that may go when its time comes, the oldest first."""
    found = rows(_COLUMNS + _FREE + " ORDER BY updated_ms LIMIT 1000", ())
    return [made for row in found if (made := _made(row))]


def deleted_ids(rows: Rows) -> set[str]:
    """Recordings whose file must not be there any more."""
    return {row[0] for row in rows("SELECT id FROM recordings WHERE deleted_ms > 0", ())}


def granted(rows: Rows, session_id: str, agent_id: str) -> Granted | None:
    """What is on record of the customer's grant to record to this agent in this session."""
    grant = first(
        rows(
            "SELECT until_ms, ended_ms FROM remote_grants"
            " WHERE session_id = ? AND agent_id = ? AND capability = 'record'",
            (session_id, agent_id),
        )
    )
    asked = _asked(rows, session_id, agent_id)
    return Granted(asked, grant[0], grant[1]) if grant and asked else None


def _asked(rows: Rows, session_id: str, agent_id: str) -> str | None:
    """The newest answered question of the session in which this agent asked to record."""
    found = rows(
        "SELECT id, agent, capabilities FROM remote_asks WHERE session_id = ? AND state = 'answered'"
        " ORDER BY expires_ms DESC",
        (session_id,),
    )
    theirs = (row[0] for row in found if person_of(row[1]).id == agent_id and "record" in _capabilities.decode(row[2]))
    return next(theirs, None)


def insert(
    tx: Transaction, about: About, conversation_key: int, agent: PersonRef, request_id: str, keep_days: int
) -> None:
    """A recording begins; its first chunk is on the disk."""
    tx.run(
        "INSERT INTO recordings (id, conversation_key, session_id, request_id, agent, key_id, started_ms, updated_ms,"
        " length_ms, size_bytes, chunks, state, keep_days, held, deleted_ms)"
        " VALUES (?,?,?,?,?,?,?,?,0,0,0,'open',?,0,0)",
        (
            about.recording_id,
            conversation_key,
            about.session_id,
            request_id,
            person_json(agent),
            about.key_id,
            about.started_ms,
            tx.now_ms,
            keep_days,
        ),
    )


def set_standing(tx: Transaction, recording_id: str, new: Standing, until_ms: int) -> None:
    """A chunk is on the disk."""
    tx.run(
        "UPDATE recordings SET chunks = ?, size_bytes = ?, state = ?, updated_ms = ?,"
        " length_ms = CASE WHEN length_ms < ? THEN ? ELSE length_ms END WHERE id = ?",
        (new.chunks, new.size_bytes, new.state, tx.now_ms, until_ms, until_ms, recording_id),
    )


def set_cut(tx: Transaction, recording_id: str) -> None:
    """Nothing more comes, and the last chunk never did."""
    tx.run("UPDATE recordings SET state = 'cut' WHERE id = ?", (recording_id,))


def set_held(tx: Transaction, recording_id: str, held: bool) -> None:
    """Held or let go."""
    tx.run("UPDATE recordings SET held = ? WHERE id = ?", (int(held), recording_id))


def set_deleted(tx: Transaction, recording_id: str) -> None:
    """It is gone; the row stays."""
    tx.run("UPDATE recordings SET deleted_ms = ?, size_bytes = 0 WHERE id = ?", (tx.now_ms, recording_id))


def insert_opening(tx: Transaction, opening_id: str, recording_id: str, agent_id: str, purpose: OpenFor) -> None:
    """Somebody is to read it."""
    tx.run(
        "INSERT INTO recording_openings (id, recording_id, agent_id, purpose, at_ms) VALUES (?,?,?,?,?)",
        (opening_id, recording_id, agent_id, purpose, tx.now_ms),
    )


def opened_by(rows: Rows, opening_id: str, recording_id: str, agent_id: str, since_ms: int) -> bool:
    """Whether this opening is this agent's, of this recording, and not too old."""
    found = rows(
        "SELECT 1 FROM recording_openings WHERE id = ? AND recording_id = ? AND agent_id = ? AND at_ms > ?",
        (opening_id, recording_id, agent_id, since_ms),
    )
    return bool(found)


def _made(row: Row | None) -> Recording | None:
    if row is None:
        return None
    *head, agent, key_id, started, updated, length, size, chunks, state, keep_days, held = row
    recording_id, key, session_id = head
    return Recording(
        recording_id,
        key,
        session_id,
        person_of(agent),
        key_id,
        started,
        updated,
        length,
        size,
        chunks,
        state,
        keep_days,
        bool(held),
    )
