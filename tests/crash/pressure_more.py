"""More pressure than every run of the tests has time for: `./dev crash --pressure`."""

import asyncio
from contextlib import suppress

from tests.crash.pressed import MIB, Pressed

STORM = 150


async def test_frames_that_are_too_big_end_their_link_only(pressed: Pressed) -> None:
    crowd = [await pressed.house.customer() for _ in range(20)]
    for wire in crowd:
        with suppress(ConnectionError):
            await wire.send("x" * 4 * 1024 * 1024)
    assert {await wire.ended() for wire in crowd} <= {1009, 1006}
    await pressed.neighbour_talks()
    assert pressed.grown_kib() < 30 * MIB


async def test_all_come_back_at_once(pressed: Pressed) -> None:
    crowd = await asyncio.gather(*(pressed.house.customer() for _ in range(STORM)))
    await pressed.process.kill()
    await pressed.process.start()
    back = await asyncio.gather(*(pressed.house.customer() for _ in range(STORM)))
    assert len(back) == len(crowd) == STORM
    pressed.neighbour = await pressed.house.customer(name="Late")
    assert (await pressed.neighbour.ask({"do": "get_home"}))["is"] == "home"
