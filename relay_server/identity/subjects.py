"""Which person at the organisation's own sign-in is which agent."""

from typing import Literal

from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from shared.common.ids import new_id

Linked = Literal["linked", "taken"]


def agent_of(tx: Transaction, issuer: str, subject: str, verified_email: str) -> str | None:
    """The agent linked to that subject; or to that e-mail address, which from its first use on means this subject."""
    found = tx.row("SELECT agent_id FROM subjects WHERE issuer = ? AND subject = ?", (issuer, subject))
    if found is not None:
        return str(found[0])
    if not verified_email:
        return None
    by_email = "SELECT id, agent_id FROM subjects WHERE issuer = ? AND subject = '' AND email = ?"
    waiting = tx.row(by_email, (issuer, verified_email))
    if waiting is None:
        return None
    tx.run("UPDATE subjects SET subject = ? WHERE id = ?", (subject, waiting[0]))
    audit.record(tx, waiting[1], "subject_linked", waiting[1], f"{issuer} {subject}")
    return str(waiting[1])


def link(tx: Transaction, issuer: str, agent_id: str, *, subject: str = "", email: str = "") -> Linked:
    """Ties a subject, or whoever first comes with that verified e-mail address, to an agent."""
    email = email.strip().casefold()
    same = (
        "SELECT 1 FROM subjects WHERE issuer = ? AND ((subject <> '' AND subject = ?) OR (email <> '' AND email = ?))"
    )
    if tx.row(same, (issuer, subject, email)) is not None:
        return "taken"
    tx.run(
        "INSERT INTO subjects (id, issuer, subject, email, agent_id, linked_ms) VALUES (?, ?, ?, ?, ?, ?)",
        (new_id(), issuer, subject, email, agent_id, tx.now_ms),
    )
    return "linked"


def unlink(tx: Transaction, agent_id: str) -> int:
    """Nobody comes in as this agent that way any more; how many links went."""
    return tx.run("DELETE FROM subjects WHERE agent_id = ?", (agent_id,))


def of(rows: Rows, agent_id: str) -> tuple[str, ...]:
    """Subjects and e-mail addresses of an agent."""
    found = rows("SELECT subject, email FROM subjects WHERE agent_id = ? ORDER BY linked_ms, id", (agent_id,))
    return tuple(email or subject for subject, email in found)
