"""Failed sign-ins by account and address together: a guesser slows down only themselves, never the account's person.

Kept in the store, so that neither a restart nor another node gives a guesser new tries.
"""

from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity.rules import FORGET_MS, delay_ms
from shared.protocol.frames import Refused


def wait_ms(rows: Rows, account: str, address: str, now_ms: int) -> int:
    """How long this address must still wait before trying this account; 0: go on."""
    found = rows("SELECT failures, last_ms FROM sign_in_failures WHERE account = ? AND address = ?", (account, address))
    if not found:
        return 0
    failures, last_ms = found[0]
    if now_ms - last_ms > FORGET_MS:
        return 0
    return max(0, last_ms + delay_ms(failures) - now_ms)


def refused(rows: Rows, account: str, address: str, now_ms: int) -> Refused | None:
    """`sign_in_delayed` with `retry_s`, or None to go on."""
    wait = wait_ms(rows, account, address, now_ms)
    return Refused(code="sign_in_delayed", params={"retry_s": str(-(-wait // 1000))}) if wait else None


def failed(tx: Transaction, account: str, address: str) -> None:
    """One more failure; what is old enough to be forgotten goes."""
    tx.run("DELETE FROM sign_in_failures WHERE last_ms < ?", (tx.now_ms - FORGET_MS,))
    tx.run(
        "INSERT INTO sign_in_failures (account, address, failures, last_ms) VALUES (?, ?, 1, ?)"
        " ON CONFLICT (account, address) DO UPDATE"
        " SET failures = sign_in_failures.failures + 1, last_ms = excluded.last_ms",
        (account, address, tx.now_ms),
    )


def succeeded(tx: Transaction, account: str, address: str) -> None:
    """The right answer: what came before is forgotten."""
    tx.run("DELETE FROM sign_in_failures WHERE account = ? AND address = ?", (account, address))
