"""A relay that stops sends its links away, not all at once: they go on elsewhere, and there they all sign in."""

import asyncio
from typing import Final

from relay_server.gateway.connection import GOING_AWAY, Connection
from relay_server.gateway.connections import Connections
from shared.protocol import codec
from shared.protocol.frames import Refused

FAREWELL: Final = codec.encode_to_customer(Refused(code="shutting_down"))
_AT_ONCE_S: Final = 0.02
"""Links whose turns lie nearer together go together."""


async def send_away(connections: Connections, over_s: float) -> None:
    """Tells each link that the relay goes away and closes it once it has its answers, one after the other over
    `over_s`; whose turn has not come is served meanwhile. Returns when all were told, or none is left."""
    time_s = asyncio.get_running_loop().time
    going, begun_s = list(connections.all), time_s()
    for number, link in enumerate(going):
        if connections.emptied.is_set():
            return
        wait_s = begun_s + over_s * number / len(going) - time_s()
        if wait_s > _AT_ONCE_S:
            await asyncio.sleep(wait_s)
        tell(link)


def tell(link: Connection) -> None:
    """This relay ends: the link gets its answers and closes, so that it goes to another or comes back."""
    link.send(FAREWELL)
    link.end_politely(GOING_AWAY)
