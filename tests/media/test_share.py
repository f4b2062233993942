"""A screen shared over real loopback WebRTC, as customer and agent see it."""

import asyncio
import contextlib
import os
from typing import Any

import numpy as np
import pytest

from shared.media.capture import open_screen
from shared.media.capture.cover import COVER
from shared.media.capture.source import Rect
from shared.media.cursor import CursorMoved, CursorShape, cursor_pixels
from shared.media.encoder import AccessUnit
from shared.media.making import words
from shared.media.messages import Layout
from shared.media.peer import BadDescription, Peer
from shared.media.producer import CaptureChanged, Made
from shared.media.sharer import PeerChanged, Sharer, TooManyViewers
from shared.rules.sharing import Hidden, HiddenWindow, Pane, SharedMonitors, SharedWindow
from shared.session.frames import FrameWriter
from tests.media.conftest import Stage, Watcher, picture_of, until
from tests.xscreen import HEIGHT, WIDTH, Painter, screen
from tests.xwindows import Desk

RED, GREEN, BLUE, START = 0xC02020, 0x20C020, 0x2020C0, 0x204060
MARKER = 0xFF00FF
COVER_RGB = COVER[2] << 16 | COVER[1] << 8 | COVER[0]


async def test_the_agent_sees_the_screen_and_its_changes(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.shows(START))
    painter.fill(RED, 300, 180, 60, 60)
    assert await until(lambda: agent.shows(RED))
    assert agent.shows(START, 10, 10)
    assert PeerChanged("agent", "connected") in stage.states
    assert CaptureChanged("running", width=WIDTH, height=HEIGHT) in stage.states
    assert agent.states[:2] == ["connected", "playing"]


async def test_a_still_screen_becomes_exact_and_then_costs_nothing(stage: Stage, painter: Painter) -> None:
    for index in range(60):
        painter.fill(0xFF0000 if index % 2 else 0x0000FF, 5 * index, 3 * index, 3, 50)
    agent = await stage.join()
    assert await until(lambda: bool(agent.pictures))
    sent = media_packets(stage.sharer, "agent")
    assert await until(lambda: exact(agent, stage.display))
    now = asyncio.get_running_loop().time
    assert await until(lambda: bool(sent) and now() - sent[-1] > 1.5, 8)
    painter.fill(GREEN, 5, 5, 2, 2)
    assert await until(lambda: now() - sent[-1] < 0.5)


def media_packets(sharer: Sharer, peer_id: str) -> list[float]:
    """When each packet of video or tiles went out, from now on; control (RTCP) and data channels left out."""
    path, times = network_of(sharer, peer_id), list[float]()
    send = path._send

    async def counted(data: bytes) -> None:
        if data[0] >> 6 == 2 and not 192 <= data[1] <= 223:
            times.append(asyncio.get_running_loop().time())
        await send(data)

    path._send = counted
    return times


async def test_typing_is_tiles_and_exact_at_once(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: exact(agent, stage.display))
    units: list[AccessUnit] = []
    viewing = stage.sharer._viewers["agent"]
    put = viewing.put

    def counted(unit: AccessUnit) -> None:
        units.append(unit)
        put(unit)

    viewing.put = counted
    for index in range(20):
        painter.fill(RED + index, 40 + 8 * index, 60, 6, 11)
        assert await until(lambda: exact(agent, stage.display))
    assert len(units) >= 20
    assert all(unit.tiles and len(unit.data) < 400 for unit in units)


def exact(agent: Watcher, display: str) -> bool:
    """Whether the agent's picture is the customer's to the last bit."""
    with contextlib.closing(open_screen(display)) as source:
        source.choose(SharedMonitors(("screen",)))
        source.grab()
        real = words(source.picture).copy()
    return bool(agent.pictures) and bool((picture_of(agent).view(np.uint32)[..., 0] << 8 == real << 8).all())


async def test_protected_areas_are_covered_in_every_frame(stage: Stage, painter: Painter) -> None:
    stage.sharer.hide(Hidden(areas=(Rect(100, 100, 50, 40),)))
    painter.fill(RED)
    agent = await stage.join()
    assert await until(lambda: agent.shows(RED, 10, 10))
    assert agent.shows(COVER_RGB, 100, 100)
    assert agent.shows(COVER_RGB, 149, 139)
    assert agent.shows(RED, 151, 141)
    painter.fill(GREEN)
    assert await until(lambda: agent.shows(GREEN, 10, 10))
    assert agent.shows(COVER_RGB, 125, 120)
    stage.sharer.hide(Hidden(areas=(Rect(-20, 300, 60, 1000),)))
    assert await until(lambda: agent.shows(GREEN, 125, 120))
    assert await until(lambda: agent.shows(COVER_RGB, 20, 350))


async def test_a_pause_shows_a_plain_picture_once_and_nothing_after(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.shows(START))
    stage.sharer.pause()
    assert await until(lambda: agent.shows(COVER_RGB))
    assert await until(lambda: agent.states[-1] == "paused")
    shown = len(agent.pictures)
    painter.fill(RED)
    await asyncio.sleep(0.3)
    assert len(agent.pictures) == shown
    assert (picture_pixels(agent) == picture_pixels(agent)[0]).all()
    stage.sharer.resume()
    assert await until(lambda: agent.shows(RED))
    assert agent.states[-1] == "playing"


def picture_pixels(agent: Watcher) -> Any:
    return np.asarray(picture_of(agent)).reshape(-1, 4)


async def test_who_joins_during_a_pause_sees_the_plain_picture_only(stage: Stage, painter: Painter) -> None:
    first = await stage.join("first")
    assert await until(lambda: first.shows(START))
    stage.sharer.pause()
    second = await stage.join("second")
    assert await until(lambda: second.shows(COVER_RGB))
    assert "paused" in second.states
    del painter


async def test_a_pause_and_resume_at_once_do_not_break_the_picture(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.shows(START))
    for _ in range(5):
        stage.sharer.pause()
        stage.sharer.resume()
    painter.fill(GREEN)
    assert await until(lambda: agent.shows(GREEN))


async def test_one_encoder_serves_every_viewer(stage: Stage, painter: Painter) -> None:
    agents = [await stage.join(name) for name in ("one", "two", "three")]
    for agent in agents:
        assert await until(lambda agent=agent: agent.shows(START))
    painter.fill(BLUE)
    for agent in agents:
        assert await until(lambda agent=agent: agent.shows(BLUE))
    assert await until(lambda: bool(stage.figures) and stage.figures[-1].viewers == 3)


async def test_a_viewer_can_leave_and_the_rest_go_on(stage: Stage, painter: Painter) -> None:
    gone, stays = await stage.join("gone"), await stage.join("stays")
    assert await until(lambda: gone.shows(START) and stays.shows(START))
    await stage.sharer.remove_viewer("gone")
    await stage.sharer.remove_viewer("gone")
    assert await until(lambda: gone.states[-1] == "closed")
    painter.fill(RED)
    assert await until(lambda: stays.shows(RED))


async def test_a_viewer_that_stands_still_harms_nobody(stage: Stage, painter: Painter) -> None:
    slow, quick = await stage.join("slow"), await stage.join("quick")
    assert await until(lambda: slow.shows(START) and quick.shows(START))
    path = network_of(stage.sharer, "slow")
    send, held = path._send, asyncio.Event()

    async def stuck(data: bytes) -> None:
        await held.wait()
        await send(data)

    path._send = stuck
    for step in range(30):
        colour = 0x400000 + step * 8
        painter.fill(colour)
        assert await until(lambda colour=colour: quick.shows(colour))
    assert not slow.shows(0x400000 + 29 * 8)
    path._send = send
    held.set()
    assert await until(lambda: slow.shows(0x400000 + 29 * 8))


def network_of(sharer: Sharer, peer_id: str) -> Any:
    """The ICE transport under one viewer's connection, to lose or delay packets on."""
    (transceiver,) = sharer._viewers[peer_id].peer.connection.getTransceivers()
    return transceiver.sender.transport.transport


async def test_lost_packets_are_asked_for_again(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.shows(START))
    path = network_of(stage.sharer, "agent")
    send, count = path._send, 0

    async def lossy(data: bytes) -> None:
        nonlocal count
        count += 1
        if count % 11 > 2:  # three in a row: more than parity makes good
            await send(data)

    path._send = lossy
    for step in range(20):
        for strip in range(12):
            painter.fill(step * 0x0A0B0C + strip * 0x111213 & 0xFFFFFF, strip * 50, 0, 50, 150)
        painter.fill(0x202020 + step * 8)
        assert await until(lambda step=step: agent.shows(0x202020 + step * 8))
    path._send = send
    assert await until(lambda: bool(agent.figures) and agent.figures[-1].nacks > 0)
    assert agent.figures[-1].lost == 0
    assert agent.figures[-1].plis == 0


async def test_a_lost_last_packet_comes_without_a_next_frame(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.shows(START))
    await asyncio.sleep(0.6)
    path = network_of(stage.sharer, "agent")
    send, lost = path._send, 0

    async def lose_first_media(data: bytes) -> None:
        nonlocal lost
        is_media = 127 < data[0] < 192 and not 192 <= data[1] <= 208
        if is_media and not lost:
            lost += 1
            return
        await send(data)

    path._send = lose_first_media
    painter.fill(GREEN)
    assert await until(lambda: agent.shows(GREEN), 1.0)
    assert lost == 1


async def test_messages_go_both_ways_and_long_ones_are_refused(stage: Stage) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.viewer.send("control", b"click"))
    assert await until(lambda: stage.sharer.send("agent", "control", b"state"))
    assert await until(lambda: ("agent", "control", b"click") in stage.messages)
    assert await until(lambda: ("control", b"state") in agent.messages)
    assert not agent.viewer.send("control", bytes(64 * 1024))
    assert agent.viewer.send("control", bytes(64 * 1024 - 1))
    assert await until(lambda: any(len(data) == 64 * 1024 - 1 for _, _, data in stage.messages))
    assert not stage.sharer.send("nobody", "control", b"")


async def test_what_a_hostile_viewer_sends_is_dropped_and_counted(stage: Stage) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.viewer.send("control", b"first"))
    peer: Any = agent.viewer._peer
    channel = peer._channels["control"]
    for message in (bytes(64 * 1024 + 1), b"", b"\x07what", b"\x01\xff\xff", "text"):
        channel.send(message)
    stranger = peer.connection.createDataChannel("more")
    agent.viewer.send("control", b"last")
    assert await until(lambda: ("agent", "control", b"last") in stage.messages)
    assert [data for _, _, data in stage.messages] == [b"first", b"last"]
    theirs: Peer = stage.sharer._viewers["agent"].peer
    assert await until(lambda: theirs.refused >= 5)
    del stranger


async def test_the_cursor_comes_beside_the_picture(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: any(isinstance(each, CursorShape) for each in agent.cursor))
    shape = next(each for each in agent.cursor if isinstance(each, CursorShape))
    assert cursor_pixels(shape) is not None
    painter.move_pointer(123, 77)
    assert await until(lambda: CursorMoved(123, 77) in agent.cursor)
    seen = len(agent.cursor)
    stage.sharer.pause()
    await asyncio.sleep(0.1)
    painter.move_pointer(10, 10)
    await asyncio.sleep(0.2)
    assert CursorMoved(10, 10) not in agent.cursor[seen:]


async def test_the_figures_span_from_capture_to_picture(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    for step in range(40):
        painter.fill(0x101010 + step)
        await asyncio.sleep(0.03)
    assert await until(lambda: bool(agent.figures) and bool(stage.figures))
    assert 0 < agent.figures[-1].capture_to_decoded.p50_ms < 1000
    assert agent.figures[-1].rtt_ms > 0
    assert stage.figures[-1].encode.count > 0


async def test_stopping_ends_capture_and_tells_the_viewer(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.shows(START))
    await stage.sharer.stop()
    await stage.sharer.stop()
    assert await until(lambda: CaptureChanged("stopped") in stage.states)
    assert await until(lambda: agent.states[-1] == "closed")
    shown = len(agent.pictures)
    painter.fill(RED)
    await asyncio.sleep(0.1)
    assert len(agent.pictures) == shown
    with pytest.raises(TooManyViewers):
        await stage.sharer.add_viewer("late", [])


async def test_a_display_that_goes_away_ends_sharing_with_a_code(nothing_left: None) -> None:
    with screen() as (name, process):
        stage = Stage(name)
        agent = await stage.join()
        assert await until(lambda: bool(agent.pictures))
        process.kill()
        assert await until(lambda: CaptureChanged("failed", "capture.lost") in stage.states)
        await stage.close()


async def test_an_unknown_monitor_is_said_not_replaced(server: str, painter: Painter, nothing_left: None) -> None:
    painter.fill(RED)
    stage = Stage(server, SharedMonitors(("gone",)))
    agent = await stage.join()
    assert await until(lambda: CaptureChanged("gone", "capture.monitor_gone") in stage.states)
    assert await until(lambda: agent.layouts == [Layout(0, 0, ())])
    assert await until(lambda: agent.shows(COVER_RGB, 10, 10))
    assert (picture_pixels(agent) == picture_pixels(agent)[0]).all()
    stage.sharer.choose(SharedMonitors(("screen",)))
    assert await until(lambda: agent.shows(RED))
    await stage.close()


async def test_what_is_shared_changes_while_it_is(stage: Stage, painter: Painter) -> None:
    desk = Desk(stage.display)
    window = desk.window(GREEN, 300, 40, 161, 91, title="Report")
    agent = await stage.join()
    assert await until(lambda: agent.shows(START, 10, 10))
    stage.sharer.choose(SharedWindow(window.id))
    assert await until(lambda: agent.shows(GREEN, 160, 90))
    assert (agent.pictures[-1].width, agent.pictures[-1].height) == (161, 91)
    assert agent.layouts[-1] == Layout(161, 91, (Pane(str(window.id), "Report", Rect(0, 0, 161, 91)),), window=True)
    window.unmap()
    desk.sync()
    assert await until(lambda: agent.shows(COVER_RGB, 80, 50) and agent.layouts[-1].away)
    window.map()
    desk.sync()
    assert await until(lambda: agent.shows(GREEN, 80, 50))
    window.destroy()
    desk.sync()
    assert await until(lambda: CaptureChanged("gone", "capture.window_gone") in stage.states)
    assert await until(lambda: agent.shows(COVER_RGB, 80, 50))
    assert not agent.layouts[-1].panes
    painter.fill(RED)
    stage.sharer.choose(SharedMonitors(("screen",)))
    assert await until(lambda: agent.shows(RED))
    assert agent.layouts[-1] == Layout(WIDTH, HEIGHT, (Pane("screen", "screen", Rect(0, 0, WIDTH, HEIGHT)),))
    desk.close()


async def test_no_decoded_picture_shows_a_hidden_window_that_moves(stage: Stage, painter: Painter) -> None:
    """Redaction comes before encoding: the marker is in no picture that an agent gets, nor its traces."""
    desk = Desk(stage.display)
    window = desk.window(MARKER, 10, 10, 150, 100)
    stage.sharer.hide(Hidden(windows=(HiddenWindow(window.id),)))
    agent = await stage.join()
    assert await until(lambda: bool(agent.pictures))
    checked, seen = 0, len(agent.pictures)
    for step in range(400):
        desk.move(window, step * 37 % (WIDTH - 150), step * 23 % (HEIGHT - 100))
        await asyncio.sleep(0.002)
        if len(agent.pictures) > seen:
            seen, checked = len(agent.pictures), checked + 1
            assert not looks_like_marker(picture_of(agent)).any()
    assert checked > 30
    stage.sharer.hide(Hidden())
    assert await until(lambda: bool(looks_like_marker(picture_of(agent)).any()))  # the test can fail
    desk.close()


def looks_like_marker(picture: Any) -> Any:
    """Magenta, also when the encoder has blurred it: much red and blue, little green. Nothing else here is like it."""
    blue, green, red = (picture[:, :, channel].astype(int) for channel in range(3))
    return (red > green + 40) & (blue > green + 40)


@pytest.mark.parametrize(
    "sdp", ["", "nonsense", "v=0\r\n" * 20_000, "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"]
)
async def test_a_bad_description_is_refused(stage: Stage, sdp: str) -> None:
    await stage.sharer.add_viewer("agent", [])
    with pytest.raises(BadDescription):
        await stage.sharer.set_answer("agent", sdp)


async def test_frames_are_kept_in_private_files(stage: Stage) -> None:
    agent = await stage.join()
    assert await until(lambda: bool(agent.pictures))
    path = agent.pictures[-1].path
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
    assert isinstance(agent.frames, FrameWriter)


async def test_a_limit_holds_whatever_the_path_could_carry(stage: Stage, painter: Painter) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.shows(START))
    stage.sharer.set_limit(600_000)
    assert await until(lambda: bool(stage.figures) and 0 < stage.figures[-1].target_kbps <= 600)
    stage.sharer.set_limit(None)
    assert await until(lambda: stage.figures[-1].target_kbps > 600)


async def test_a_frame_made_as_the_path_fell_silent_is_made_up_for(
    stage: Stage, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await stage.join()
    assert await until(lambda: agent.shows(START))
    (viewing,) = stage.sharer._viewers.values()
    made = stage.sharer._made

    def fall_silent(frame: Made) -> None:
        viewing.peer._become("lost")
        made(frame)

    monkeypatch.setattr(stage.sharer, "_made", fall_silent)
    painter.fill(GREEN, 20, 20, 60, 60)
    assert await until(lambda: viewing.peer.state == "lost")
    monkeypatch.undo()
    viewing.peer.heard()
    assert await until(lambda: agent.shows(GREEN, 40, 40))
