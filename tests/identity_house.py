"""One relay's identity over a real store, with a clock that tests turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pyotp.totp import TOTP
from sqlalchemy import text

from relay_server.engine.bus import Committed
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal_sqlite import SqliteJournal, open_journal
from relay_server.identity.accounts import Accounts
from relay_server.identity.actors import AgentActor
from relay_server.identity.agents import Membership, NewAgent, insert_agent
from relay_server.identity.passwords import Passwords
from relay_server.identity.sealed import SealingKeys
from relay_server.identity.second_factor import SecondFactor
from relay_server.identity.service import Above, Identity, SignedIn
from shared.protocol.frames import Refused
from shared.protocol.messages import account as a
from shared.protocol.messages.identity import SignInWithPassword, SignInWithToken, TotpOffer
from tests.relay_store import Clock, empty_store

PASSWORD = "a horse in the rain"


@dataclass
class Rules:
    """What the organisation asks for."""

    totp_required: bool = False


@dataclass
class House:
    """Amy's relay."""

    identity: Identity
    accounts: Accounts
    journal: SqliteJournal
    clock: Clock
    rules: Rules
    keys: SealingKeys
    key_file: Path
    passwords: Passwords
    told: list[Committed]

    async def sign_in(
        self, code: str = "", address: str = "10.0.0.1", password: str = PASSWORD, device: str = "desk"
    ) -> SignedIn | Refused:
        command = SignInWithPassword(username="amy", password=password, code=code, device=device)
        return await self.identity.sign_in_with_password(command, address)

    async def in_there(self, code: str = "", address: str = "10.0.0.1") -> SignedIn:
        answer = await self.sign_in(code, address)
        assert isinstance(answer, SignedIn), answer
        return answer

    async def come_back(self, signed_in: SignedIn, address: str = "") -> SignedIn | Refused:
        assert signed_in.tokens is not None
        command = SignInWithToken(access_token=signed_in.tokens.access_token)
        return await self.identity.sign_in_with_token(command, address)

    async def enrolled(self, actor: AgentActor) -> tuple["Authenticator", tuple[str, ...]]:
        """A second factor in force, and its recovery codes."""
        offer = await self.accounts.begin_totp(actor, a.BeginTotp(password=PASSWORD))
        assert isinstance(offer, TotpOffer), offer
        phone = Authenticator(offer.secret, self.clock)
        codes = await self.accounts.confirm_totp(actor, a.ConfirmTotp(code=phone.code()))
        assert isinstance(codes, a.RecoveryCodes), codes
        self.clock.pass_ms(30_000)
        return phone, codes.codes

    async def account(self, actor: AgentActor) -> a.Account:
        answer = await self.accounts.get_account(actor, a.GetAccount())
        assert isinstance(answer, a.Account), answer
        return answer

    async def audited(self) -> list[str]:
        found = await self.journal.read(
            lambda sql: sql.execute(text("SELECT action FROM audit ORDER BY id")).scalars().all()
        )
        return [str(each) for each in found]


@dataclass
class Authenticator:
    """Amy's phone."""

    secret: str
    clock: Clock

    def code(self, steps_off: int = 0) -> str:
        """What it shows now, or so many steps off."""
        return TOTP(self.secret).at(self.clock.now_ms // 1000 + 30 * steps_off)


@asynccontextmanager
async def amys_relay(directory: Path) -> AsyncIterator[House]:
    """Amy may sign in."""
    clock, bus, told, rules = Clock(), LocalBus(), list[Committed](), Rules()
    bus.subscribe(told.append)
    passwords = Passwords(time_cost=1, memory_kib=64)
    keys = SealingKeys(directory / "sealing.key")
    keys.make()
    second = SecondFactor(keys)
    above = Above(lambda sql, agent_id: Membership(), lambda rows: "Acme", lambda rows: rules.totp_required)
    async with open_journal(empty_store(directory), bus, clock) as journal:
        new = NewAgent("Amy", "Amy Lin", passwords.hash(PASSWORD))
        await journal.write(lambda tx: insert_agent(tx, new))
        identity = Identity(journal, passwords, second, above, clock)
        accounts = Accounts(journal, passwords, second, above, clock)
        yield House(identity, accounts, journal, clock, rules, keys, directory / "sealing.key", passwords, told)
    passwords.close()
