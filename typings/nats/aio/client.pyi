import ssl
from collections.abc import Awaitable, Callable

from nats.aio.msg import Msg

class Client:
    @property
    def is_connected(self) -> bool: ...
    @property
    def max_payload(self) -> int: ...
    @property
    def pending_data_size(self) -> int: ...
    async def connect(
        self,
        servers: str | list[str],
        *,
        name: str,
        error_cb: Callable[[Exception], Awaitable[None]],
        disconnected_cb: Callable[[], Awaitable[None]],
        closed_cb: Callable[[], Awaitable[None]],
        allow_reconnect: bool,
        connect_timeout: int,
        ping_interval: int,
        max_outstanding_pings: int,
        no_echo: bool,
        pending_size: int,
        flush_timeout: float,
        tls: ssl.SSLContext | None,
        user: str | None,
        password: str | None,
        token: str | None,
        user_credentials: str | None,
    ) -> None: ...
    async def subscribe(
        self,
        subject: str,
        *,
        cb: Callable[[Msg], Awaitable[None]],
        pending_msgs_limit: int,
        pending_bytes_limit: int,
    ) -> object: ...
    async def publish(self, subject: str, payload: bytes) -> None: ...
    async def flush(self, seconds: int, /) -> None: ...
    async def close(self) -> None: ...
