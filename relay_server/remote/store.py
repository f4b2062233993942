"""The rows of remote sessions, questions, grants and receipts."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from relay_server.conversations.store import person_json, person_of
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.remote.rules import Question, State
from shared.protocol.messages.remote import Receipt
from shared.protocol.types import Capability, Grant, PersonRef

_capabilities = msgspec.json.Decoder(tuple[Capability, ...])
_receipt = msgspec.json.Decoder(Receipt)
_SESSION = "SELECT s.id, s.conversation_key, s.state, s.agent, s.ended_ms FROM remote_sessions s "


@dataclass(frozen=True, slots=True)
class Session:
    """A remote session. `agent` is who asked first."""

    session_id: str
    conversation_key: int
    state: State
    agent: PersonRef
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with its place."""

    request_id: str
    session_id: str
    conversation_key: int
    agent: PersonRef
    question: Question


def session(rows: Rows, session_id: str) -> Session | None:
    """The session of that id."""
    return _first(sessions(rows, "WHERE s.id = ?", (session_id,)))


def open_session(rows: Rows, conversation_key: int) -> Session | None:
    """The conversation's session that has not ended."""
    return _first(sessions(rows, "WHERE s.conversation_key = ? AND s.state <> 'ended'", (conversation_key,)))


def sessions(rows: Rows, where: str, parameters: tuple[object, ...]) -> list[Session]:
    """Sessions by a condition of ours with its `?` parameters."""
    return [
        Session(session_id, key, state, person_of(agent), ended_ms)
        for session_id, key, state, agent, ended_ms in rows(_SESSION + where, parameters)
    ]


def insert_session(tx: Transaction, session_id: str, conversation_key: int, agent: PersonRef) -> None:
    """A session begins with its first question."""
    tx.run(
        "INSERT INTO remote_sessions (id, conversation_key, state, agent, asked_ms, ended_ms)"
        " VALUES (?,?,'asked',?,?,0)",
        (session_id, conversation_key, person_json(agent), tx.now_ms),
    )


def set_state(tx: Transaction, session_id: str, state: State) -> None:
    """The session stands here now; what ends takes its grants and questions with it."""
    tx.run("UPDATE remote_sessions SET state = ? WHERE id = ?", (state, session_id))
    if state == "ended":
        tx.run("UPDATE remote_sessions SET ended_ms = ? WHERE id = ?", (tx.now_ms, session_id))
        tx.run("UPDATE remote_grants SET ended_ms = ? WHERE session_id = ? AND ended_ms = 0", (tx.now_ms, session_id))
        tx.run("UPDATE remote_asks SET state = 'withdrawn' WHERE session_id = ? AND state = 'open'", (session_id,))


def ask(rows: Rows, request_id: str) -> Ask | None:
    """The question of that id."""
    found = rows(
        "SELECT id, session_id, conversation_key, agent, capabilities, state, expires_ms FROM remote_asks WHERE id = ?",
        (request_id,),
    )
    if not found:
        return None
    request_id, session_id, key, agent_text, capabilities, state, expires_ms = found[0]
    agent = person_of(agent_text)
    return Ask(
        request_id, session_id, key, agent, Question(agent.id, _capabilities.decode(capabilities), state, expires_ms)
    )


def insert_ask(tx: Transaction, asked: Ask) -> None:
    """A question is on the table."""
    tx.run(
        "INSERT INTO remote_asks (id, session_id, conversation_key, agent, capabilities, state, expires_ms)"
        " VALUES (?,?,?,?,?,'open',?)",
        (
            asked.request_id,
            asked.session_id,
            asked.conversation_key,
            person_json(asked.agent),
            msgspec.json.encode(asked.question.capabilities).decode(),
            asked.question.expires_ms,
        ),
    )


def settle_ask(tx: Transaction, request_id: str, state: str) -> None:
    """A question was answered or taken back."""
    tx.run("UPDATE remote_asks SET state = ? WHERE id = ?", (state, request_id))


def open_asks(rows: Rows, session_id: str, now_ms: int) -> int:
    """How many questions of a session can still be answered."""
    found = rows(
        "SELECT count(*) FROM remote_asks WHERE session_id = ? AND state = 'open' AND expires_ms > ?",
        (session_id, now_ms),
    )
    return found[0][0]


def grant_all(tx: Transaction, session_id: str, grants: Iterable[Grant]) -> None:
    """What the customer granted; a longer time replaces a shorter one."""
    for grant in grants:
        tx.run(
            "INSERT INTO remote_grants (session_id, agent_id, capability, until_ms, ended_ms) VALUES (?,?,?,?,0)"
            " ON CONFLICT (session_id, agent_id, capability) DO UPDATE SET until_ms = excluded.until_ms, ended_ms = 0",
            (session_id, grant.agent_id, grant.capability, grant.until_ms),
        )


def end_grant(tx: Transaction, session_id: str, agent_id: str, capability: str) -> bool:
    """A grant is over; False when it was already."""
    changed = tx.run(
        "UPDATE remote_grants SET ended_ms = ?"
        " WHERE session_id = ? AND agent_id = ? AND capability = ? AND ended_ms = 0",
        (tx.now_ms, session_id, agent_id, capability),
    )
    return changed > 0


def grants(rows: Rows, session_id: str) -> list[Grant]:
    """What was granted and not ended; some may have run out."""
    found = rows(
        "SELECT agent_id, capability, until_ms FROM remote_grants WHERE session_id = ? AND ended_ms = 0", (session_id,)
    )
    return [Grant(agent_id=agent_id, capability=what, until_ms=until_ms) for agent_id, what, until_ms in found]


def run_out(rows: Rows, now_ms: int) -> list[str]:
    """Live sessions in which no grant holds any more."""
    found = rows(
        "SELECT s.id FROM remote_sessions s WHERE s.state = 'live' AND NOT EXISTS (SELECT 1 FROM remote_grants g"
        " WHERE g.session_id = s.id AND g.ended_ms = 0 AND g.until_ms > ?)",
        (now_ms,),
    )
    return [row[0] for row in found]


def insert_receipt(tx: Transaction, conversation_key: int, receipt: Receipt, digest: str) -> None:
    """A verified receipt, kept for good."""
    tx.run(
        "INSERT INTO receipts (session_id, conversation_key, at_ms, digest, receipt) VALUES (?,?,?,?,?)",
        (receipt.session_id, conversation_key, tx.now_ms, digest, msgspec.json.encode(receipt).decode()),
    )


def receipt_digest(rows: Rows, session_id: str) -> str | None:
    """The digest of a session's receipt, when there is one."""
    found = rows("SELECT digest FROM receipts WHERE session_id = ?", (session_id,))
    return found[0][0] if found else None


def receipt(rows: Rows, session_id: str) -> Receipt | None:
    """A session's receipt, when there is one."""
    found = rows("SELECT receipt FROM receipts WHERE session_id = ?", (session_id,))
    return _receipt.decode(found[0][0]) if found else None


def receipts(rows: Rows, conversation_key: int) -> tuple[Receipt, ...]:
    """A conversation's receipts, oldest first."""
    found = rows(
        "SELECT receipt FROM receipts WHERE conversation_key = ? ORDER BY at_ms, session_id LIMIT 50",
        (conversation_key,),
    )
    return tuple(_receipt.decode(row[0]) for row in found)


def _first(found: list[Session]) -> Session | None:
    return found[0] if found else None
