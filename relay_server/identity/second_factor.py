"""What a one-time or recovery code is worth, within a transaction; every try counts."""

from dataclasses import dataclass

from relay_server.engine import audit
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows
from relay_server.identity import delays, factors, tokens, totp
from relay_server.identity.factors import Factor
from relay_server.identity.sealed import SealingKeys
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import TotpOffer


@dataclass(frozen=True, slots=True)
class Said:
    """A refusal that is kept on record: unlike `Refused` alone it does not roll the work back."""

    refused: Refused


WRONG = Said(Refused(code="code_wrong"))


class SecondFactor:
    """Asks, judges, enrols; one set of sealing keys."""

    def __init__(self, keys: SealingKeys) -> None:
        self._keys = keys

    def judge(self, tx: Transaction, factor: Factor, code: str, address: str) -> Refused | Said | None:
        """None when the code is good: an authenticator's of a step not used yet, or an unused recovery code.

        Guesses count by account, so that many addresses make no more of them; who guesses needs the password already.
        Places where the account is signed in count by themselves: no guesser keeps those out.
        """
        account, place = _account(factor), _place(tx.rows, factor.agent_id, address)
        if wait := delays.refused(tx.rows, account, place, tx.now_ms):
            return wait
        plain = totp.plain_code(code)
        if not (self._one_time(tx, factor, plain) if totp.is_one_time(plain) else _recovery(tx, factor, plain)):
            delays.failed(tx, account, place)
            audit.record(tx, address, "code_failed", factor.agent_id)
            return WRONG
        delays.succeeded(tx, account, place)
        return None

    def offer(self, tx: Transaction, agent_id: str, username: str, organisation: str) -> TotpOffer:
        """A fresh secret that waits to be confirmed."""
        secret = totp.new_secret()
        factors.set_pending(tx, agent_id, self._keys.seal(secret.encode(), factors.about(agent_id)))
        audit.record(tx, agent_id, "totp_offered")
        return TotpOffer(secret=secret, uri=totp.uri(secret, username, organisation))

    def confirm(self, tx: Transaction, factor: Factor, code: str, address: str) -> tuple[str, ...] | Refused | Said:
        """Puts the pending secret into force; recovery codes."""
        account, place = _account(factor), _place(tx.rows, factor.agent_id, address)
        if wait := delays.refused(tx.rows, account, place, tx.now_ms):
            return wait
        plain = totp.plain_code(code)
        step = totp.step_of(self._opened(factor, factor.pending), plain, tx.now_ms, 0)
        if step is None:
            delays.failed(tx, account, place)
            return WRONG
        delays.succeeded(tx, account, place)
        factors.confirm(tx, factor, step)
        audit.record(tx, factor.agent_id, "totp_on")
        return factors.replace_codes(tx, factor.agent_id)

    def _one_time(self, tx: Transaction, factor: Factor, code: str) -> bool:
        step = totp.step_of(self._opened(factor, factor.secret), code, tx.now_ms, factor.last_step)
        if step is not None:
            factors.used(tx, factor.agent_id, step)
        return step is not None

    def _opened(self, factor: Factor, sealed: str) -> str:
        secret = self._keys.open(sealed, factors.about(factor.agent_id))
        if secret is None:
            raise RuntimeError("a second factor's secret cannot be opened: its key is not in the file")
        return secret.decode()


def _recovery(tx: Transaction, factor: Factor, code: str) -> bool:
    spent = factors.spend_code(tx, factor.agent_id, code)
    if spent:
        audit.record(tx, factor.agent_id, "recovery_code_used", "", str(factors.codes_left(tx.rows, factor.agent_id)))
    return spent


def _account(factor: Factor) -> str:
    return f"code {factor.agent_id}"


def _place(rows: Rows, agent_id: str, address: str) -> str:
    return address if tokens.known_address(rows, agent_id, address) else ""
