"""The rows of second factors: one secret an agent in force, perhaps one that waits to be confirmed, recovery codes."""

from dataclasses import dataclass

from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity import totp
from relay_server.identity.sealed import SealingKeys


@dataclass(frozen=True, slots=True)
class Factor:
    """Sealed secrets; empty where there is none. `last_step` is the newest step of which a code was used."""

    agent_id: str
    secret: str
    pending: str
    last_step: int


def about(agent_id: str) -> str:
    """What a sealed secret is bound to."""
    return f"totp {agent_id}"


def of(rows: Rows, agent_id: str) -> Factor:
    """How an agent's second factor stands."""
    found = rows("SELECT secret, pending, last_step FROM second_factors WHERE agent_id = ?", (agent_id,))
    return Factor(agent_id, *found[0]) if found else Factor(agent_id, "", "", 0)


def everybody(rows: Rows) -> list[Factor]:
    """Every row, for when the sealing key changes."""
    found = rows("SELECT agent_id, secret, pending, last_step FROM second_factors ORDER BY agent_id", ())
    return [Factor(*row) for row in found]


def set_pending(tx: Transaction, agent_id: str, pending: str) -> None:
    """A secret that a code must confirm."""
    tx.run(
        "INSERT INTO second_factors (agent_id, secret, pending, last_step, changed_ms) VALUES (?, '', ?, 0, ?)"
        " ON CONFLICT (agent_id) DO UPDATE SET pending = excluded.pending, changed_ms = excluded.changed_ms",
        (agent_id, pending, tx.now_ms),
    )


def confirm(tx: Transaction, factor: Factor, step: int) -> None:
    """The pending secret is in force from now on."""
    tx.run(
        "UPDATE second_factors SET secret = pending, pending = '', last_step = ?, changed_ms = ? WHERE agent_id = ?",
        (step, tx.now_ms, factor.agent_id),
    )


def used(tx: Transaction, agent_id: str, step: int) -> None:
    """No code up to this step is good any more."""
    tx.run("UPDATE second_factors SET last_step = ? WHERE agent_id = ?", (step, agent_id))


def remove(tx: Transaction, agent_id: str) -> bool:
    """Takes secret and recovery codes away; whether there was a factor in force."""
    had = bool(of(tx.rows, agent_id).secret)
    tx.run("DELETE FROM second_factors WHERE agent_id = ?", (agent_id,))
    tx.run("DELETE FROM recovery_codes WHERE agent_id = ?", (agent_id,))
    return had


def replace_codes(tx: Transaction, agent_id: str) -> tuple[str, ...]:
    """New recovery codes in place of what is left."""
    tx.run("DELETE FROM recovery_codes WHERE agent_id = ?", (agent_id,))
    codes = totp.new_recovery_codes()
    for code in codes:
        tx.run("INSERT INTO recovery_codes (digest, agent_id) VALUES (?, ?)", (totp.digest(agent_id, code), agent_id))
    return codes


def spend_code(tx: Transaction, agent_id: str, code: str) -> bool:
    """Whether it was an unused recovery code; it is none any more."""
    where = (totp.digest(agent_id, code), agent_id)
    return bool(tx.run("DELETE FROM recovery_codes WHERE digest = ? AND agent_id = ?", where))


def codes_left(rows: Rows, agent_id: str) -> int:
    """How many recovery codes are unused."""
    return int(rows("SELECT count(*) FROM recovery_codes WHERE agent_id = ?", (agent_id,))[0][0])


def seal_again(tx: Transaction, keys: SealingKeys) -> int | None:
    """Every secret sealed with the newest key; how many, None when one could not be opened."""
    count = 0
    for factor in everybody(tx.rows):
        fresh: list[str] = []
        for sealed in (factor.secret, factor.pending):
            plain = keys.open(sealed, about(factor.agent_id)) if sealed else b""
            if plain is None:
                return None
            fresh.append(keys.seal(plain, about(factor.agent_id)) if plain else "")
            count += bool(plain)
        tx.run("UPDATE second_factors SET secret = ?, pending = ? WHERE agent_id = ?", (*fresh, factor.agent_id))
    return count
