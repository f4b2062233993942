"""The poor network: what arrives, and in which order; when, only where no clock of ours decides."""

import asyncio
import os
from collections.abc import Callable

import pytest

from benchmarks.media.shaper import Link, Path, Shaper, bridge, open_shaper


async def until(condition: Callable[[], bool]) -> None:
    end = asyncio.get_running_loop().time() + 5
    while not condition():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.001)


async def test_a_plain_path_delivers_at_once() -> None:
    seen: list[bytes] = []
    link = Link(Path(), seen.append)
    link.send(b"a")
    assert seen == [b"a"]


async def test_the_same_seed_loses_the_same_packets() -> None:
    kept: list[list[bytes]] = []
    for seed in (3, 3, 4):
        seen: list[bytes] = []
        link = Link(Path(loss=0.3), seen.append, seed=seed)
        for number in range(100):
            link.send(bytes([number]))
        assert link.lost == 100 - len(seen)
        kept.append(seen)
    assert kept[0] == kept[1] != kept[2]
    assert 50 < len(kept[0]) < 90


async def test_a_cap_drops_what_its_queue_does_not_hold_and_keeps_the_order() -> None:
    seen: list[bytes] = []
    link = Link(Path(rate_bps=8_000_000, queue_s=0.01), seen.append, overhead=0)  # 1000 bytes take a millisecond
    for number in range(30):
        link.send(bytes([number]) * 1000)
    assert link.dropped == 30 - 11
    await until(lambda: len(seen) == 11)
    assert [each[0] for each in seen] == list(range(11))


async def test_a_packet_is_not_early() -> None:
    seen: list[float] = []
    loop = asyncio.get_running_loop()
    link = Link(Path(delay_s=0.02, rate_bps=800_000), lambda _: seen.append(loop.time()), overhead=0)
    begun = loop.time()
    link.send(bytes(1000))
    await until(lambda: bool(seen))
    assert seen[0] - begun >= 0.03


async def test_the_two_ends_meet_in_the_shaper_only() -> None:
    async with open_shaper(Path()) as shaper:
        sdp = "v=0\r\na=candidate:1 1 udp 1 10.0.0.1 5000 typ host\r\na=end-of-candidates\r\n"
        for told in (shaper.offer(sdp), shaper.answer(sdp)):
            assert "10.0.0.1" not in told
            assert told.count("127.0.0.1") == 1
        assert shaper.offer(sdp) != shaper.answer(sdp)
        await talk(shaper)


async def talk(shaper: Shaper) -> None:
    loop = asyncio.get_running_loop()
    seen: list[bytes] = []

    class End(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            seen.append(data)

    ports = [shaper._offering.number, shaper._answering.number]
    ends = [await loop.create_datagram_endpoint(End, remote_addr=("127.0.0.1", port)) for port in ports]
    for transport, _ in ends:
        transport.sendto(b"knock")
    await until(lambda: shaper._offering.peer is not None and shaper._answering.peer is not None)
    ends[0][0].sendto(b"down")
    ends[1][0].sendto(b"up")
    await until(lambda: {b"down", b"up"} <= set(seen))
    for transport, _ in ends:
        transport.close()


@pytest.mark.parametrize("loss", [0.0, 1.0])
async def test_a_bridge_joins_two_devices(loss: float) -> None:
    (near_out, near_in), (far_out, far_in) = os.pipe(), os.pipe()
    with bridge(near_out, far_in, Path(loss=loss)) as (down, _):
        os.write(near_in, b"packet")
        await until(lambda: down.sent == 1)
    os.set_blocking(far_out, False)
    if loss:
        with pytest.raises(BlockingIOError):
            os.read(far_out, 100)
    else:
        assert os.read(far_out, 100) == b"packet"
    for each in (near_out, near_in, far_out, far_in):
        os.close(each)
