"""A shared screen, recorded as it comes and played back: the same pixels, and none that were not granted."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import av
import numpy as np

from shared.common.sealed.container import content_key
from shared.common.sealed.heads import read_head
from shared.common.sealed.keyfile import make_pair
from shared.common.sealed.keys import KeyPair, in_text
from shared.control.input import Standing
from shared.media.recording import records as k
from shared.media.recording.reader import Reader
from shared.media.stamp import from_unit
from shared.media.stats import now_us
from shared.session import channel as m
from shared.session.frames import FrameReader
from shared.session.outlet import Outlet
from shared.session.player import PlayerSession
from shared.session.recording import Recording
from shared.session.recording_messages import (
    FileGrew,
    FilmChanged,
    FilmTitle,
    NoteMoment,
    OpenPlayer,
    Play,
    PlayerChanged,
    RecordingChanged,
    SaveFilm,
    SeekTo,
    StartRecording,
)
from tests.media.conftest import NEAR, Stage, Watcher, picture_of, until
from tests.media.test_share import exact
from tests.xscreen import HEIGHT, WIDTH, Painter

RED, GREEN, BLUE = 0xC02020, 0x20C020, 0x2020C0
GRANTED = ("view", "record")


class Host:
    """The agent's session process, for the recording alone."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self.reports: list[RecordingChanged] = []

    def report(self, report: m.AgentReport) -> None:
        assert isinstance(report, RecordingChanged)
        self.reports.append(report)

    report_latest = report

    def say(self, channel: str, data: bytes) -> bool:
        raise AssertionError((channel, data))

    def waiting(self, channel: str) -> int:
        raise AssertionError(channel)

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        self._tasks.create_task(work, name=name)


class Screen:
    """A pipe that keeps what it is told (an outlet's)."""

    def __init__(self) -> None:
        self.frames = m.player_reports()
        self.said: list[m.PlayerReport] = []

    def write(self, data: bytes, /) -> None:
        self.said += self.frames.feed(data)

    async def drain(self) -> None:
        await asyncio.sleep(0)

    @property
    def read_whole(self) -> bool:
        return any(isinstance(each, PlayerChanged) and each.whole == "whole" for each in self.said)

    @property
    def films(self) -> list[FilmChanged]:
        """How films ended."""
        return [each for each in self.said if isinstance(each, FilmChanged) and each.state != "writing"]


def order(path: Path, pair: KeyPair) -> StartRecording:
    return StartRecording(
        recording_id="R1",
        session_id="S1",
        conversation_id="C1",
        agent_id="lin",
        started_ms=1_790_000_000_000,
        key=in_text(pair.public),
        path=str(path),
        room_bytes=2**30,
    )


@asynccontextmanager
async def recording_of(agent: Watcher, path: Path, pair: KeyPair) -> AsyncIterator[tuple[Recording, Host]]:
    """What a session process does, with all of it granted: the viewer's units go to the recording too."""
    async with asyncio.TaskGroup() as tasks:
        host = Host(tasks)
        recording = Recording(host, agent.viewer.ask_for_key_frame)
        agent.viewer._on_unit = recording.picture
        recording.start(order(path, pair))
        recording.stands(Standing(GRANTED, False, now_us(), seal_to=in_text(pair.public)))
        try:
            yield recording, host
        finally:
            await recording.end("engineer")


def opened(path: Path, pair: KeyPair) -> tuple[Reader, bytes]:
    data = path.read_bytes()
    key = content_key(data[: read_head(data).size], pair)
    reader = Reader(path, key)
    reader.grow()
    return reader, key


@asynccontextmanager
async def playing(path: Path, key: bytes) -> AsyncIterator[tuple[PlayerSession, Screen]]:
    screen = Screen()
    outlet = Outlet(screen, lambda: None)
    async with asyncio.TaskGroup() as tasks:
        player = PlayerSession(tasks, outlet)
        work = [tasks.create_task(outlet.run()), tasks.create_task(player.keep_time())]
        player.order(OpenPlayer(path=str(path), key=key))
        player.order(FileGrew(all_there=True))
        try:
            yield player, screen
        finally:
            await player.finish()
            for task in work:
                task.cancel()


async def test_what_was_seen_is_what_plays(stage: Stage, painter: Painter, tmp_path: Path) -> None:
    pair, path = make_pair(), tmp_path / "R1.tlr"
    agent = await stage.join()
    assert await until(lambda: bool(agent.pictures))
    async with recording_of(agent, path, pair) as (recording, host):
        recording.note(NoteMoment(what="chat", who="Grace", words="There it is."))
        assert await until(lambda: host.reports[-1].size_bytes > 1500, 8)
        for colour in (BLUE, RED):
            painter.fill(colour, 20, 20, 200, 120)
            assert await until(lambda colour=colour: agent.shows(colour, 60, 60))
        assert await until(lambda: exact(agent, stage.display), 8)
        seen = picture_of(agent)
    assert host.reports[-1].state == "ended"
    assert host.reports[-1].size_bytes == path.stat().st_size
    reader, key = opened(path, pair)
    assert reader.whole == "whole"
    assert [(each.what, each.words) for each in reader.chapters] == [
        ("on", "record"),
        ("on", "view"),
        ("chat", "There it is."),
    ]
    async with playing(path, key) as (player, screen):
        player.order(SeekTo(at_ms=reader.length_ms))
        assert await until(lambda: np.array_equal(shown(screen), seen))
        player.order(SeekTo(at_ms=0))
        assert await until(lambda: not np.array_equal(shown(screen), seen))
        player.order(Play(speed=8))
        assert await until(lambda: states(screen)[-1:] == ["ended"], 8)
        assert np.array_equal(shown(screen), seen)


async def test_it_is_sealed_to_nothing_but_what_the_customers_machine_named(
    stage: Stage, painter: Painter, tmp_path: Path
) -> None:
    pair, path = make_pair(), tmp_path / "R1.tlr"
    agent = await stage.join()
    assert await until(lambda: bool(agent.pictures))
    async with recording_of(agent, path, pair) as (recording, host):
        recording.stands(Standing(GRANTED, False, now_us()))
        assert host.reports[-1].state == "waiting"
        painter.fill(BLUE, 20, 20, 200, 120)
        assert await until(lambda: agent.shows(BLUE, 60, 60))
        recording.stands(Standing(GRANTED, False, now_us(), seal_to=in_text(make_pair().public)))
        assert (host.reports[-1].state, host.reports[-1].fault) == ("failed", "recording.fault_key_differs")


async def test_what_is_captured_after_a_no_is_taken_back(stage: Stage, painter: Painter, tmp_path: Path) -> None:
    pair, path = make_pair(), tmp_path / "R1.tlr"
    agent = await stage.join()
    assert await until(lambda: bool(agent.pictures))
    async with recording_of(agent, path, pair) as (recording, host):
        assert await until(lambda: host.reports[-1].size_bytes > 2000, 8)
        painter.fill(BLUE, 20, 20, 200, 120)
        assert await until(lambda: agent.shows(BLUE, 60, 60))
        said_us = now_us()
        painter.fill(GREEN, 20, 20, 200, 120)
        assert await until(lambda: agent.shows(GREEN, 60, 60))
        recording.stands(Standing(("view",), False, said_us))  # later than the picture that it forbids
        assert host.reports[-1].state == "waiting"
        painter.fill(RED, 20, 20, 200, 120)
        assert await until(lambda: agent.shows(RED, 60, 60))
    reader, key = opened(path, pair)
    captured = [
        found[0].captured_us
        for index in range(len(reader.places))
        for record in reader.records(index)
        if isinstance(record, k.Picture) and (found := from_unit(record.data))
    ]
    assert captured
    assert max(captured) < said_us
    async with playing(path, key) as (player, screen):
        player.order(SeekTo(at_ms=reader.length_ms))
        assert await until(lambda: near(shown(screen)[60, 60], BLUE))


async def test_a_file_that_was_cut_plays_up_to_there(stage: Stage, painter: Painter, tmp_path: Path) -> None:
    pair, path, cut = make_pair(), tmp_path / "R1.tlr", tmp_path / "cut.tlr"
    agent = await stage.join()
    assert await until(lambda: bool(agent.pictures))
    async with recording_of(agent, path, pair):
        assert await until(lambda: path.exists() and path.stat().st_size > 1500)
        painter.fill(RED, 20, 20, 200, 120)
        assert await until(lambda: agent.shows(RED, 60, 60))
    reader, key = opened(path, pair)
    steps = path.stat().st_size - reader.places[0].at
    for part_of in range(40):
        size = reader.places[0].at + steps * (part_of * 17 % 40) // 40
        cut.write_bytes(path.read_bytes()[:size])
        part = Reader(cut, key)
        part.grow()
        whole_ones = [each for each in reader.places if each.at + each.head.size <= size]
        assert (part.whole, part.places) == ("open", whole_ones)
        assert [part.records(index) for index in range(len(part.places))] == [
            reader.records(index) for index in range(len(whole_ones))
        ]
    last = reader.places[-1]
    cut.write_bytes(path.read_bytes()[: last.at + 3])
    async with playing(cut, key) as (player, screen):
        player.order(SeekTo(at_ms=2**31))
        assert await until(lambda: near(shown(screen)[60, 60], RED))
        assert await until(lambda: [each.whole for each in changes(screen)][-1:] == ["cut"])


def shown(screen: Screen) -> np.ndarray:
    """The newest picture of the player, all black before there is one."""
    frames = [each.frame for each in screen.said if isinstance(each, m.FrameShown)]
    if not frames:
        return np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    reader = FrameReader(frames[-1].path)
    view = reader.latest()
    assert view is not None
    copy = np.frombuffer(bytes(view.pixels), np.uint8).reshape(reader.height, reader.width, 4)
    view.pixels.release()
    reader.close()
    return copy


def near(pixel: np.ndarray, colour: int) -> bool:
    wanted = (colour & 255, colour >> 8 & 255, colour >> 16)
    return max(abs(int(a) - b) for a, b in zip(pixel[:3], wanted, strict=True)) <= NEAR


def changes(screen: Screen) -> list[PlayerChanged]:
    return [each for each in screen.said if isinstance(each, PlayerChanged)]


def states(screen: Screen) -> list[str]:
    return [each.state for each in changes(screen)]


async def test_a_film_shows_what_was_recorded_with_its_chapters(stage: Stage, painter: Painter, tmp_path: Path) -> None:
    pair, path, target = make_pair(), tmp_path / "R1.tlr", tmp_path / "film.mp4"
    agent = await stage.join()
    assert await until(lambda: bool(agent.pictures))
    async with recording_of(agent, path, pair) as (recording, host):
        assert await until(lambda: host.reports[-1].size_bytes > 2000, 8)
        painter.fill(BLUE, 20, 20, 200, 120)
        assert await until(lambda: agent.shows(BLUE, 60, 60))
        recording.note(NoteMoment(what="chat", who="Lin", words="Look at this"))
        painter.fill(GREEN, 300, 20, 200, 120)
        assert await until(lambda: agent.shows(GREEN, 340, 60))
    reader, key = opened(path, pair)
    titles = tuple(FilmTitle(at_ms=each.at_ms, words=each.what) for each in reader.chapters)
    async with playing(path, key) as (player, screen):
        assert await until(
            lambda: any(isinstance(each, PlayerChanged) and each.whole == "whole" for each in screen.said)
        )
        player.order(SaveFilm(path=str(target), titles=titles))
        over = ("done", "failed")
        assert await until(
            lambda: any(isinstance(each, FilmChanged) and each.state in over for each in screen.said), 20
        )
        assert [each.fault for each in screen.said if isinstance(each, FilmChanged) and each.state in over] == [""]
    with av.open(str(target)) as film:
        names = [chapter["metadata"]["title"] for chapter in film.chapters()]
        pictures = [frame.to_ndarray(format="bgra") for frame in film.decode(video=0)]
        assert film.duration is not None
        assert film.duration / av.time_base * 1000 <= reader.length_ms + 200
    assert "chat" in names
    last = pictures[-1]
    assert last.shape[:2] == (HEIGHT, WIDTH)
    for colour, x, y in ((BLUE, 60, 60), (GREEN, 340, 60)):
        wanted = [(colour >> shift) & 255 for shift in (0, 8, 16)]
        assert np.abs(last[y, x, :3].astype(int) - wanted).max() <= 12
    assert sorted(os.listdir(tmp_path)) == ["R1.tlr", "film.mp4"]


async def test_a_film_that_cannot_be_written_leaves_nothing(stage: Stage, tmp_path: Path) -> None:
    pair, path = make_pair(), tmp_path / "R1.tlr"
    agent = await stage.join()
    assert await until(lambda: bool(agent.pictures))
    async with recording_of(agent, path, pair) as (_, host):
        assert await until(lambda: host.reports[-1].size_bytes > 2000, 8)
    _, key = opened(path, pair)
    async with playing(path, key) as (player, screen):
        assert await until(
            lambda: any(isinstance(each, PlayerChanged) and each.whole == "whole" for each in screen.said)
        )
        player.order(SaveFilm(path=str(tmp_path / "nowhere" / "film.mp4")))
        assert await until(
            lambda: any(isinstance(each, FilmChanged) and each.state == "failed" for each in screen.said)
        )
    assert [each.fault for each in screen.said if isinstance(each, FilmChanged)][-1] == "recording.fault_film_disk"
