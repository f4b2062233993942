"""The connection to NATS: made again whenever it ends, never waited for by anybody."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from relay_server.engine.bus_at import NatsAt
from relay_server.engine.bus_wire import ALL, MAX_BYTES

PENDING_BYTES: Final = 2 * 1024 * 1024
HEARD_AT_MOST: Final = 20_000
HEARD_BYTES: Final = 32 * 1024 * 1024
"""Datagrams that came and wait for the loop; NATS's client drops more."""
_BREATH_S: Final = 0.02
_CONNECT_S: Final = 2
_PING_S: Final = 2
_RETRY_S: Final = 0.5
_PREFIX: Final = "threeline"
_log = logging.getLogger(__name__)


class Link:
    """`send` waits while the server takes nothing; `connected` and `hear` are called on the loop."""

    def __init__(
        self,
        at: NatsAt,
        name: str,
        connected: Callable[[], Awaitable[None]],
        hear: Callable[[bytes, bytes], None],
    ) -> None:
        self._at = at
        self._tls = at.tls()
        self._name = name
        self._connected = connected
        self._hear = hear
        self._client: Client | None = None
        self.first = asyncio.Event()
        """Set at the first connection."""

    @property
    def up(self) -> bool:
        """Whether what is sent now has a way."""
        return self._client is not None and self._client.is_connected

    @property
    def max_bytes(self) -> int:
        """What the server takes in one message."""
        return self._client.max_payload if self._client else MAX_BYTES

    async def send(self, lane: bytes, datagram: bytes) -> bool:
        """Hands a datagram on; False when it is lost."""
        client = self._client
        if client is None or not client.is_connected:
            return False
        try:
            while client.pending_data_size > PENDING_BYTES:  # beyond it, the client would wait and swallow our end
                await asyncio.sleep(_BREATH_S)
                if not client.is_connected:
                    return False
            await client.publish(_subject(lane), datagram)
        except (nats.errors.Error, OSError) as error:
            _log.debug("a datagram was not sent: %s", type(error).__name__)
            return False
        return True

    async def run(self) -> None:
        """Connects again and again until cancelled."""
        while True:
            client = Client()
            ended = asyncio.Event()
            try:
                await self._connect(client, ended)
                await ended.wait()
            except (nats.errors.Error, OSError, TimeoutError) as error:
                _log.warning("the bus cannot be reached: %s", _words(error))
            finally:
                self._client = None
                await _close(client)
            await asyncio.sleep(_RETRY_S)

    async def _connect(self, client: Client, ended: asyncio.Event) -> None:
        async def lost() -> None:
            if self._client is client:
                self._client = None
                _log.warning("the bus is lost; nodes hear nothing of each other until it is back")
            ended.set()

        async def complain(error: Exception) -> None:
            _log.warning("the bus: %s", _words(error))

        await client.connect(
            list(self._at.urls),
            name=self._name,
            error_cb=complain,
            disconnected_cb=lost,
            closed_cb=lost,
            allow_reconnect=False,
            connect_timeout=_CONNECT_S,
            ping_interval=_PING_S,
            max_outstanding_pings=2,
            no_echo=True,
            pending_size=2 * (PENDING_BYTES + MAX_BYTES),
            flush_timeout=_CONNECT_S,
            tls=self._tls,
            user=self._at.user or None,
            password=self._at.password or None,
            token=self._at.token or None,
            user_credentials=str(self._at.credentials_file) if self._at.credentials_file else None,
        )
        for lane in (ALL, bytes.fromhex(self._name)):
            await client.subscribe(
                _subject(lane),
                cb=self._listener(lane),
                pending_msgs_limit=HEARD_AT_MOST,
                pending_bytes_limit=HEARD_BYTES,
            )
        await client.flush(_CONNECT_S)
        self._client = client
        self.first.set()
        _log.info("the bus is there")
        await self._connected()

    def _listener(self, lane: bytes) -> Callable[[Msg], Awaitable[None]]:
        async def heard(message: Msg) -> None:
            self._hear(lane, message.data)

        return heard


async def _close(client: Client) -> None:
    """A server that takes nothing is not waited for."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CONNECT_S):
            await client.close()


def _subject(lane: bytes) -> str:
    return f"{_PREFIX}.all" if lane == ALL else f"{_PREFIX}.node.{lane.hex()}"


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if isinstance(error, nats.errors.Error) else type(error).__name__
