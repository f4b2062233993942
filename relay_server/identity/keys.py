"""Agents' devices show their keys and get the certificates that somebody else made. The relay vouches for nobody."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from relay_server.engine import audit
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import rows_of
from relay_server.identity import agent_keys, organisation_key
from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.identity.organisation_key import VALID_DAYS, OrganisationKey, certificate_for
from shared.protocol.frames import Refused
from shared.protocol.messages import trust as w
from shared.rules import certificates


class SampleKey:
    """The key of the **sample** organisation, opened with the passphrase that `init --sample` left beside it: with
    invented people nobody has to certify anybody. A real organisation's passphrase is on no disk of the relay's."""

    def __init__(self, key_file: Path, passphrase_file: Path) -> None:
        self._key_file, self._passphrase_file = key_file, passphrase_file

    @cached_property
    def opened(self) -> OrganisationKey | None:
        """None where there is none: every relay but one with sample data."""
        if not self._passphrase_file.is_file() or not self._key_file.is_file():
            return None
        return organisation_key.unseal(self._key_file, self._passphrase_file.read_text("ascii").strip())


class Keys:
    """Registration, certificates, and what customers' machines may know of the organisation's key."""

    def __init__(self, journal: Journal, sample: SampleKey, clock: Callable[[], int]) -> None:
        self._journal = journal
        self._sample = sample
        self._clock = clock

    async def register_key(self, actor: AgentActor, command: w.RegisterKey) -> w.KeyStanding | Refused:
        """Refused: `device_key_invalid` (not signed by itself, or somebody else's)."""
        asked = w.KeyRequest(
            agent_id=actor.id,
            name=actor.person.name,
            key=command.key,
            device=command.device,
            asked_ms=command.asked_ms,
            signature=command.signature,
        )
        if not certificates.asks_for_itself(asked):
            return Refused(code="device_key_invalid")
        return await self._journal.write(lambda tx: self._register(tx, asked))

    async def get_trust(self, actor: CustomerActor, command: w.GetTrust) -> w.Trust:
        """Signed by the organisation; the customer's machine checks it against what it pins."""
        del actor, command

        def look(rows: agent_keys.Rows) -> w.Trust:
            return w.Trust(rotations=agent_keys.rotations(rows), revocations=agent_keys.revoked(rows))

        return await self._journal.read(lambda sql: look(rows_of(sql)))

    def _register(self, tx: Transaction, asked: w.KeyRequest) -> w.KeyStanding | Refused:
        known = agent_keys.by_key(tx.rows, asked.key)
        if known is not None and known.request.agent_id != asked.agent_id:
            return Refused(code="device_key_invalid")
        if known is None:
            agent_keys.insert(tx, asked)
            audit.record(tx, asked.agent_id, "key_registered", asked.key, asked.device)
        gone = agent_keys.revoked(tx.rows)
        if gone is not None and any(each.key == asked.key for each in gone.revoked):
            return w.KeyStanding(revoked=True)
        held = known.certificate if known else None
        if held is not None and self._counts(tx, held, asked):
            return w.KeyStanding(certificate=held)
        return w.KeyStanding(certificate=self._certify_sample(tx, asked))

    def _counts(self, tx: Transaction, held: w.AgentCertificate, asked: w.KeyRequest) -> bool:
        current = agent_keys.organisation_key(tx.rows)
        in_time = self._clock() < held.not_after_ms
        return current is not None and held.issuer == current[0] and held.name == asked.name and in_time

    def _certify_sample(self, tx: Transaction, asked: w.KeyRequest) -> w.AgentCertificate | None:
        key = self._sample.opened
        if key is None:
            return None
        made = certificate_for(key, asked, self._clock(), VALID_DAYS)
        agent_keys.set_certificate(tx, made)
        audit.record(tx, "sample", "key_certified", asked.key, made.serial)
        return made
