"""Who an `Authorization: Bearer` header speaks for: an agent's access token or a customer's pass."""

from collections.abc import Callable

from relay_server.customers import store as customers
from relay_server.engine.journal import Journal
from relay_server.engine.raw import rows_of
from relay_server.identity.actors import Actor, CustomerActor
from relay_server.identity.passes import Passes
from relay_server.identity.service import Identity
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import SignInWithToken


class Bearer:
    """Reads tokens; makes none."""

    def __init__(self, identity: Identity, passes: Passes, journal: Journal, clock: Callable[[], int]) -> None:
        self._identity = identity
        self._passes = passes
        self._journal = journal
        self._clock = clock

    async def actor(self, header: str) -> Actor | Refused:
        """Refused: `sign_in_first`, `token_expired`, `token_revoked`."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not 16 <= len(token) <= 200 or not token.isascii():
            return Refused(code="sign_in_first")
        if "~" in token:
            return await self._customer(token)
        signed_in = await self._identity.sign_in_with_token(SignInWithToken(access_token=token))
        return signed_in if isinstance(signed_in, Refused) else signed_in.actor

    async def _customer(self, token: str) -> CustomerActor | Refused:
        customer_id = self._passes.customer_of(token, self._clock())
        if customer_id is None:
            return Refused(code="token_expired")
        record = await self._journal.read(lambda sql: customers.by_id(rows_of(sql), customer_id))
        if record is None:
            return Refused(code="token_revoked")
        return CustomerActor(record.person, "")
