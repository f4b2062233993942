"""What administrators do to agents' accounts, within a transaction; each of it an audit row."""

from relay_server.engine import audit
from relay_server.engine.bus import ToPerson
from relay_server.engine.journal import Transaction
from relay_server.identity import agents, factors, rights, subjects, tokens
from relay_server.identity.agents import AgentRow
from shared.protocol.messages.account import AccountChanged


def disable(tx: Transaction, row: AgentRow, actor: str) -> int:
    """Out at once, everywhere: how many sign-ins ended."""
    agents.set_disabled(tx, row.agent_id, disabled=True)
    ended = tokens.revoke_all(tx, row.agent_id, "disabled")
    rights.changed(tx, row.agent_id)
    audit.record(tx, actor, "agent_disabled", row.agent_id, str(ended))
    return ended


def enable(tx: Transaction, row: AgentRow, actor: str) -> None:
    """May come in again; sign-ins that ended stay ended."""
    agents.set_disabled(tx, row.agent_id, disabled=False)
    audit.record(tx, actor, "agent_enabled", row.agent_id)


def new_password(tx: Transaction, row: AgentRow, password_hash: str, actor: str) -> int:
    """In place of one that was lost: how many sign-ins ended."""
    agents.set_password(tx, row.agent_id, password_hash)
    ended = tokens.revoke_all(tx, row.agent_id, "new_password")
    audit.record(tx, actor, "password_reset", row.agent_id, str(ended))
    return ended


def reset_totp(tx: Transaction, row: AgentRow, actor: str) -> bool:
    """For a lost authenticator: every sign-in ends too; whether there was a second factor."""
    had = factors.remove(tx, row.agent_id)
    tokens.revoke_all(tx, row.agent_id, "totp_reset")
    audit.record(tx, actor, "totp_reset", row.agent_id)
    tx.after_commit(ToPerson(row.agent_id, AccountChanged()))
    return had


def give_role(tx: Transaction, row: AgentRow, role: str, actor: str) -> None:
    """One right more."""
    if role not in row.roles:
        agents.set_roles(tx, row.agent_id, (*row.roles, role))
        rights.changed(tx, row.agent_id)
        audit.record(tx, actor, "role_given", row.agent_id, role)


def take_role(tx: Transaction, row: AgentRow, role: str, actor: str) -> None:
    """One right less, also on links that are open."""
    if role in row.roles:
        agents.set_roles(tx, row.agent_id, tuple(each for each in row.roles if each != role))
        rights.changed(tx, row.agent_id)
        audit.record(tx, actor, "role_taken", row.agent_id, role)


def link(tx: Transaction, row: AgentRow, issuer: str, subject: str, email: str, actor: str) -> bool:
    """Whether the subject or e-mail address was free."""
    if subjects.link(tx, issuer, row.agent_id, subject=subject, email=email) == "taken":
        return False
    audit.record(tx, actor, "agent_linked", row.agent_id, f"{issuer} {subject or email}")
    return True


def unlink(tx: Transaction, row: AgentRow, actor: str) -> int:
    """That way in is shut; sign-ins that came by it end."""
    gone = subjects.unlink(tx, row.agent_id)
    if gone:
        tokens.revoke_all(tx, row.agent_id, "unlinked")
        audit.record(tx, actor, "agent_unlinked", row.agent_id, str(gone))
    return gone
