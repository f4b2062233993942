"""More pressure than every run of the tests has time for: `./dev crash --pressure`."""

import asyncio
from contextlib import suppress

from tests.crash.pressed import MIB, Pressed
from tests.crash.process import HERE

STORM = 150
SLOW = 60
GIVEN_UP_S = 20


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


async def test_who_sends_a_header_a_letter_at_a_time_is_given_up(pressed: Pressed) -> None:
    slow = asyncio.gather(*(drip(pressed) for _ in range(SLOW)))
    half_open = [await asyncio.open_connection(HERE, pressed.process.port) for _ in range(SLOW)]
    await pressed.neighbour_talks()
    async with asyncio.timeout(GIVEN_UP_S):
        assert all(await slow)
        for reader, writer in half_open:
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
    assert pressed.grown_kib() < 30 * MIB


async def drip(pressed: Pressed) -> bool:
    """Over TLS, a request that never ends; whether the relay ended it."""
    tls = pressed.house.relay.tls()
    reader, writer = await asyncio.open_connection(HERE, pressed.process.port, ssl=tls, server_hostname=HERE)
    gone = asyncio.create_task(reader.read())
    with suppress(ConnectionError):
        writer.write(b"GET /ws HTTP/1.1\r\nX-Slow: ")
        while not (await asyncio.wait({gone}, timeout=0.3))[0]:
            writer.write(b"x")
            await writer.drain()
    writer.close()
    return (await asyncio.gather(gone, return_exceptions=True))[0] in (b"",) or gone.exception() is not None
