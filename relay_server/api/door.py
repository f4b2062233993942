"""Who knocks: an API key in the Authorization header, and not too often.

The wall around the whole port has counted the address before."""

import math
from collections.abc import Callable
from typing import Final

from aiohttp import web

from relay_server.engine.journal import Journal
from relay_server.engine.raw import rows_of
from relay_server.gateway.ratelimit import Buckets, Limit
from relay_server.identity import api_keys
from relay_server.identity.actors import KeyActor
from relay_server.settings import Settings
from shared.protocol.frames import Refused

_SECRET_MAX: Final = 200


class Door:
    """Lets in or refuses; nothing else of a request is looked at before."""

    def __init__(
        self, settings: Settings, journal: Journal, clock: Callable[[], int], ticks: Callable[[], float]
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._ticks = ticks
        self._keys = Buckets(Limit(settings.api_rate, settings.api_burst))

    async def let_in(self, request: web.Request) -> KeyActor | Refused:
        """Refused: `rate_limited`, `sign_in_first`, `token_expired`, `token_revoked`."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not 16 <= len(secret) <= _SECRET_MAX or not secret.isascii():
            return Refused(code="sign_in_first")
        at_ms = self._clock()
        found = await self._journal.read(lambda sql: api_keys.find(rows_of(sql), secret, at_ms))
        if isinstance(found, Refused):
            return found
        wait_s = self._keys.wait_s(found.actor.id, self._ticks())
        if wait_s > 0:
            return Refused(code="rate_limited", params={"retry_s": str(math.ceil(wait_s))})
        if found.note_use:
            await self._journal.write(lambda tx: api_keys.note_use(tx, found.digest))
        return found.actor
