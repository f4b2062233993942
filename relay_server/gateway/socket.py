"""A WebSocket that says by name what it will not read, before it closes."""

import asyncio
import struct
from contextlib import suppress
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from shared.protocol import codec
from shared.protocol.codes import RefusalCode
from shared.protocol.frames import Refused

_VIOLATIONS: Final[dict[int, RefusalCode]] = {
    WSCloseCode.MESSAGE_TOO_BIG: "too_large",
    WSCloseCode.INVALID_TEXT: "malformed",
    WSCloseCode.PROTOCOL_ERROR: "malformed",
}
"""With these codes aiohttp itself closes, for frames it does not take; we never do."""
LINGER_S: Final = 2.0
_LOOK_S: Final = 0.02


class Socket(web.WebSocketResponse):
    """No compression: a small frame must not become a large one."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_msg_size=max_bytes, compress=False, autoping=True, timeout=2.0)
        self._transport: asyncio.BaseTransport | None = None
        self._ending = False

    async def take(self, request: web.Request) -> None:
        """Upgrades the request."""
        self._transport = request.transport
        await self.prepare(request)
        self.headers.clear()  # they are sent, and a link lives long

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True) -> bool:
        """As its parent, but the connection stays until the peer has answered, `LINGER_S` at most: ended at once, it
        would be a fault to the peer, and our last words lost. After a violation a typed refusal goes before."""
        peer_began = self.close_code is not None and code not in _VIOLATIONS
        if not (self._ending or self.closed or peer_began):
            self._ending = True
            await self._say_last(code)
        return await super().close(code=code, message=message, drain=drain)

    async def _say_last(self, code: int) -> None:
        with suppress(ConnectionError):
            if code in _VIOLATIONS:
                refusal = codec.encode_to_customer(Refused(code=_VIOLATIONS[code]))
                await self.send_frame(refusal, WSMsgType.TEXT)
            await self.send_frame(struct.pack("!H", code), WSMsgType.CLOSE)
        end_s = asyncio.get_running_loop().time() + LINGER_S
        while self._transport is not None and not self._transport.is_closing():
            if asyncio.get_running_loop().time() >= end_s:
                return
            await asyncio.sleep(_LOOK_S)
