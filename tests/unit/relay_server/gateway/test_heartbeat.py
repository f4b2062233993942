"""Who is silent for too long is ended, but not for what the relay itself did not hear."""

from collections.abc import Iterable
from typing import cast

from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal import Journal
from relay_server.gateway.connections import Connections
from relay_server.gateway.heartbeat import Heartbeat
from tests.unit.relay_server.gateway.ends import End, customer


class NoHeads:
    """A journal without a line."""

    async def heads(self, streams: Iterable[str]) -> dict[str, int]:
        return {}


async def test_nobody_was_silent_while_the_relay_stood_still() -> None:
    connections, end = Connections(LocalBus()), End(customer())
    connections.add(end.link)
    heartbeat = Heartbeat(connections, cast(Journal, NoHeads()), 4.0)
    await heartbeat.look(1.0)
    await heartbeat.look(101.0)
    assert not end.wire.aborted
    for second in range(102, 116):
        await heartbeat.look(float(second))
    assert end.wire.aborted
