"""One message on its way: signed, to an address that was checked, with an end to every wait and length."""

import asyncio
import logging
import time
from typing import Final

import aiohttp
import msgspec

from relay_server.webhooks import rules
from relay_server.webhooks.hooks import Terms
from relay_server.webhooks.queue import Claimed, Outcome
from relay_server.webhooks.reach import Forbidden, GuardedResolver
from shared.common.clock import now_ms

SEND_S: Final = 10.0
_CONNECTIONS: Final = 32
_ANSWER_MAX: Final = 4096
"""Bytes of an answer that are read, and thrown away."""
_log = logging.getLogger(__name__)


class Sender:
    """`async with Sender(terms) as sender`. No redirects, no proxies, no cookies, no second look-up of a name."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Sender":
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._terms.reach), use_dns_cache=False, limit=_CONNECTIONS, force_close=True
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=SEND_S),
            headers={"User-Agent": "Threeline-Webhooks"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, claimed: Claimed) -> Outcome:
        """Whatever the other end does, an outcome."""
        began = time.monotonic()
        status, error = await self._try(claimed)
        return Outcome(status, int((time.monotonic() - began) * 1000), error)

    async def _try(self, claimed: Claimed) -> tuple[int, str]:
        hook, record = claimed.hook, claimed.record
        if problem := self._terms.reach.problem(hook.url):
            return 0, f"refused_{problem}"
        secrets = self._secrets(claimed)
        if not secrets or self._session is None:
            return 0, "no_secret"
        told = rules.Told(
            id=rules.event_id(record.order),
            type=record.kind,
            at_ms=record.at_ms,
            object=rules.object_of(record.stream),
            data=msgspec.Raw(record.body.encode()),
        )
        body = msgspec.json.encode(told)
        headers = rules.headers(secrets, told.id, now_ms() // 1000, body)
        try:
            async with self._session.post(hook.url, data=body, headers=headers, allow_redirects=False) as answer:
                await _throw_away(answer)
                return answer.status, "" if 200 <= answer.status < 300 else "status"
        except TimeoutError:
            return 0, "timeout"
        except aiohttp.ClientConnectorCertificateError:
            return 0, "certificate"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return 0, _named(error)

    def _secrets(self, claimed: Claimed) -> list[bytes]:
        hook = claimed.hook
        sealed = [hook.secret, *([hook.old_secret] if hook.old_until_ms > now_ms() else [])]
        return [each for text in sealed if (each := self._terms.seal.open(text, hook.webhook_id))]


async def _throw_away(answer: aiohttp.ClientResponse) -> None:
    read = 0
    while read < _ANSWER_MAX and (part := await answer.content.read(_ANSWER_MAX)):
        read += len(part)


def _named(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, Forbidden) or isinstance(cause.__cause__, Forbidden):
        return "refused_address"
    _log.debug("webhook: %s", type(error).__name__)
    return "connection"


async def pause(woken: asyncio.Event, seconds: float) -> None:
    """Until something happens, at most so long."""
    try:
        async with asyncio.timeout(max(seconds, 0.0)):
            await woken.wait()
    except TimeoutError:
        pass
