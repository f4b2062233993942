"""Pictures over poor networks and to strangers: what arrives in the end, never how fast."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from benchmarks.media.shaper import Path, Shaper, open_shaper
from shared.media.foreign import ForeignLane
from shared.media.outgoing import Outgoing
from shared.media.peer import WIRE_LINE, BadDescription
from tests.media.conftest import Stage, Watcher, until
from tests.xscreen import Painter

START = 0x204060


async def join_through(stage: Stage, shaper: Shaper, peer_id: str = "agent") -> Watcher:
    watcher = stage.watchers[peer_id] = Watcher()
    offer = await stage.sharer.add_viewer(peer_id, [])
    await stage.sharer.set_answer(peer_id, shaper.answer(await watcher.viewer.answer(shaper.offer(offer), [])))
    return watcher


async def paint_and_see(painter: Painter, agent: Watcher, steps: int) -> None:
    for step in range(steps):
        for strip in range(12):
            painter.fill(step * 0x0A0B0C + strip * 0x111213 & 0xFFFFFF, strip * 50, 0, 50, 150)
        painter.fill(0x202020 + step * 8, 0, 150)
        assert await until(lambda step=step: agent.shows(0x202020 + step * 8))


@pytest.mark.parametrize(
    "path",
    [
        Path(loss=0.05, delay_s=0.01),
        Path(delay_s=0.005, jitter_s=0.02),
        Path(delay_s=0.01, rate_bps=1_000_000, queue_s=0.2),
    ],
    ids=["loss", "reordering", "thin"],
)
async def test_every_picture_comes_over_a_poor_network(stage: Stage, painter: Painter, path: Path) -> None:
    async with open_shaper(Path(delay_s=path.delay_s), seed=5) as shaper:
        agent = await join_through(stage, shaper)
        assert await until(lambda: agent.shows(START), 15)
        shaper.down.path = shaper.up.path = path
        await paint_and_see(painter, agent, 12)
        assert agent.viewer._incoming is not None
        assert agent.viewer._incoming.lost == agent.viewer._incoming.plis == 0


async def test_a_path_that_comes_back_is_used_as_before(stage: Stage, painter: Painter) -> None:
    good = Path(delay_s=0.005, rate_bps=5_000_000)
    async with open_shaper(good) as shaper:
        agent = await join_through(stage, shaper)
        assert await until(lambda: agent.shows(START), 15)
        lane = stage.sharer._viewers["agent"].lane
        assert lane is not None
        shaper.down.path = Path(delay_s=0.005, rate_bps=300_000)
        assert await drawn_until(painter, lambda: lane.target_bps < 600_000)
        shaper.down.path = good
        assert await drawn_until(painter, lambda: lane.target_bps > 2_000_000)


async def test_a_path_that_becomes_thin_in_mid_picture_gets_a_new_one(stage: Stage, painter: Painter) -> None:
    """A picture made for a wide path is given up and made anew: asking for all of it again takes many seconds."""
    async with open_shaper(Path()) as shaper:
        agent = await join_through(stage, shaper)
        assert await until(lambda: agent.shows(START), 15)
        lane = stage.sharer._viewers["agent"].lane
        assert isinstance(lane, Outgoing)
        assert await drawn_until(painter, lambda: lane.target_bps > 10_000_000)
        incoming = agent.viewer._incoming
        assert incoming is not None
        shaper.down.path = shaper.up.path = Path(rate_bps=300_000)
        asked = incoming.nacks
        for step in range(1, 4):
            noise(painter, step)
            painter.fill(0x302010 * step, 200, 150, 200, 100)
            assert await until(lambda step=step: agent.shows(0x302010 * step), 10)
        assert lane.path.target_bps < 600_000
        assert incoming.lost
        assert shaper.down.dropped
        assert incoming.nacks - asked < 4 * shaper.down.dropped
        assert incoming.plis == 0


def noise(painter: Painter, seed: int) -> None:
    """Many small blocks: heavy to pack."""
    for block in range(2400):
        colour = (block * 2_654_435_761 + seed * 40_503) & 0xFFFFFF
        painter.fill(colour, block % 60 * 10, block // 60 * 10, 9, 9)


async def drawn_until(painter: Painter, condition: Callable[[], bool], steps: int = 40) -> bool:
    """Draws one lively picture after the other until the condition holds."""
    for step in range(steps):
        for block in range(200):
            painter.fill((block + step) * 0x9E3779 & 0xFFFFFF, block % 20 * 32, block // 20 * 40, 31, 39)
        if await until(condition, 0.1):
            return True
    return False


async def test_a_thin_path_harms_no_other_viewer(stage: Stage, painter: Painter) -> None:
    async with AsyncExitStack() as stack:
        thin = await stack.enter_async_context(open_shaper(Path(delay_s=0.01, rate_bps=150_000)))
        quick = await stage.join("quick")
        slow = await join_through(stage, thin, "slow")
        assert await until(lambda: quick.shows(START) and slow.shows(START), 15)
        await paint_and_see(painter, quick, 30)
        assert quick.viewer._incoming is not None
        assert quick.viewer._incoming.plis == 0
        assert await until(lambda: slow.shows(0x202020 + 29 * 8), 15)


async def test_a_still_screen_is_silent_on_the_wire(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.shows(START))
    incoming, lane = agent.viewer._incoming, stage.sharer._viewers["agent"].lane
    assert incoming is not None
    assert isinstance(lane, Outgoing)
    assert await until(lambda: lane.path.all_arrived)

    async def rested() -> bool:
        before = incoming.packets_received
        await asyncio.sleep(1.0)
        return incoming.packets_received == before

    assert any([await rested() for _ in range(3)])
    assert incoming._reporting is None
    assert lane._probe is None


async def test_a_stranger_gets_plain_h264_and_none_of_our_packets(stage: Stage, painter: Painter) -> None:
    stranger = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    kinds: set[int] = set()
    offer = await stage.sharer.add_viewer("stranger", [])
    await stranger.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    transport = stranger.getTransceivers()[0].receiver.transport
    handle = transport._handle_rtp_data

    async def noted(data: bytes, arrival_time_ms: int) -> None:
        kinds.add(data[1] & 0x7F)
        await handle(data, arrival_time_ms=arrival_time_ms)

    transport._handle_rtp_data = noted
    await stranger.setLocalDescription(await stranger.createAnswer())
    await stage.sharer.set_answer("stranger", stranger.localDescription.sdp)
    assert isinstance(stage.sharer._viewers["stranger"].lane, ForeignLane)
    assert await until(lambda: bool(kinds))
    assert min(kinds) >= 96
    await stranger.close()


async def test_an_offer_that_does_not_speak_our_wire_is_refused(stage: Stage) -> None:
    offer = await stage.sharer.add_viewer("agent", [])
    watcher = stage.watchers["agent"] = Watcher()
    with pytest.raises(BadDescription):
        await watcher.viewer.answer(offer.replace(WIRE_LINE, "a=x-else"), [])
