"""Links are sent away over a while, with their answers, and nobody waits when nobody is left."""

import asyncio

from relay_server.engine.bus_local import LocalBus
from relay_server.gateway.connection import GOING_AWAY
from relay_server.gateway.connections import Connections
from relay_server.gateway.draining import send_away
from tests.unit.relay_server.gateway.ends import End, customer, read_frames


def filled(count: int) -> tuple[Connections, list[End]]:
    connections = Connections(LocalBus())
    ends = [End(customer(f"c{number}")) for number in range(count)]
    for end in ends:
        connections.add(end.link)
    return connections, ends


async def test_all_are_told_and_closed() -> None:
    connections, ends = filled(3)
    await send_away(connections, 0)
    for end in ends:
        await end.socket.gone.wait()
        assert end.socket.closed_with == GOING_AWAY
        (frame,) = read_frames(end.wire.written)
        assert frame["code"] == "shutting_down"


async def test_a_line_in_hand_is_answered_before_the_link_closes() -> None:
    connections, (end,) = filled(1)
    end.link.lines += 1
    await send_away(connections, 0)
    assert end.link.close_code == 0
    end.link.send(b"the answer")
    end.link.line_answered()
    await end.socket.gone.wait()
    assert end.wire.written.endswith(b"the answer")


async def test_whose_turn_has_not_come_is_served() -> None:
    connections, (first, last) = filled(2)
    leaving = asyncio.create_task(send_away(connections, 3600))
    await first.socket.gone.wait()
    assert last.link.close_code == 0
    leaving.cancel()


async def test_nobody_waits_for_nobody() -> None:
    connections, ends = filled(2)
    for end in ends:
        connections.remove(end.link)
    await send_away(connections, 3600)
