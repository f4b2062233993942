"""Before sign-in: a tiny machine that knows nine commands, a few frames and ten seconds."""

import time
from collections.abc import Callable
from typing import Final, Literal, assert_never

from relay_server import VERSION
from relay_server.gateway.services import Services
from relay_server.identity.actors import Actor, CustomerActor
from relay_server.identity.devices import OpenChallenge, challenge, proven
from relay_server.identity.service import SignedIn
from shared.protocol import version
from shared.protocol.frames import Refused
from shared.protocol.messages import identity as i

Stage = Literal["new", "customer", "agent", "signed_in", "refused"]
Answer = i.Welcome | i.Challenge | i.CustomerSignedIn | i.AgentSignedIn | i.TotpOffer | i.SingleSignOnBegun | Refused

FRAMES: Final = 12
"""Frames a link may spend on its sign-in."""
SIGN_IN_S: Final = 10.0

ALLOWED: Final[dict[Stage, tuple[type[i.Opening], ...]]] = {
    "new": (i.Hello,),
    "customer": (i.AskChallenge, i.ProveDevice),
    "agent": (
        i.SignInWithPassword,
        i.EnrolTotp,
        i.BeginSingleSignOn,
        i.FinishSingleSignOn,
        i.SignInWithToken,
        i.RenewTokens,
    ),
}
"""What may be said at which stage; a stage that is not here hears nothing any more."""


class Opening:
    """One link's way to its `actor`."""

    def __init__(self, services: Services, address: str, clock: Callable[[], int]) -> None:
        self._services = services
        self._address = address
        self._clock = clock
        self._challenge: OpenChallenge | None = None
        self.stage: Stage = "new"
        self.actor: Actor | None = None

    async def answer(self, command: i.Opening) -> Answer:
        """The answer to one command. Raises nothing for anything a peer may send."""
        if not isinstance(command, ALLOWED.get(self.stage, ())):
            return Refused(code="out_of_order" if self.stage != "new" else "sign_in_first")
        match command:
            case i.Hello():
                return await self._hello(command)
            case i.AskChallenge():
                self._challenge = challenge(command.device_key, time.monotonic())
                return i.Challenge(nonce=self._challenge.nonce)
            case i.ProveDevice():
                return await self._prove(command)
            case i.SignInWithPassword():
                return self._agent(await self._services.identity.sign_in_with_password(command, self._address))
            case i.SignInWithToken():
                return self._agent(await self._services.identity.sign_in_with_token(command, self._address))
            case i.RenewTokens():
                return self._agent(await self._services.identity.renew_tokens(command, self._address))
            case i.EnrolTotp():
                return await self._services.identity.enrol_totp(command, self._address)
            case i.BeginSingleSignOn():
                return await self._services.single_sign_on.begin(command)
            case i.FinishSingleSignOn():
                return self._agent(await self._services.single_sign_on.finish(command, self._address))
            case _:
                assert_never(command)

    async def _hello(self, command: i.Hello) -> i.Welcome | Refused:
        agreed = version.agree(command.protocol, command.oldest)
        if isinstance(agreed, str):
            self.stage = "refused"
            return Refused(code=agreed, params={"relay": VERSION, "client": command.version})
        self.stage = command.program
        return i.Welcome(
            protocol=agreed,
            relay_version=VERSION,
            organisation=await self._services.organisation.view(),
            server_ms=self._clock(),
            single_sign_on=self._services.single_sign_on.name if command.program == "agent" else "",
        )

    async def _prove(self, command: i.ProveDevice) -> i.CustomerSignedIn | Refused:
        asked, self._challenge = self._challenge, None
        if not proven(asked, command, time.monotonic()):
            return Refused(code="device_key_invalid")
        record = await self._services.customers.customer_for_device(
            command.device_key, command.name, command.email, command.phone
        )
        if isinstance(record, Refused):
            return record
        token, expires_ms = self._services.passes.make(record.person.id, self._clock())
        self.actor = CustomerActor(record.person, command.device_key)
        self.stage = "signed_in"
        return i.CustomerSignedIn(
            customer=record.person,
            access_token=token,
            expires_ms=expires_ms,
            email=record.email,
            phone=record.phone,
            vip_level=record.vip_level,
        )

    def _agent(self, outcome: SignedIn | Refused) -> i.AgentSignedIn | Refused:
        if isinstance(outcome, Refused):
            return outcome
        self.actor = outcome.actor
        self.stage = "signed_in"
        return i.AgentSignedIn(
            agent=outcome.actor.profile, tokens=outcome.tokens, recovery_codes=outcome.recovery_codes
        )
