"""A screen, a sharer and viewers joined over real loopback WebRTC; nothing may outlive a test."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from shared.media.capture import open_pointer, open_screen
from shared.media.cursor import CursorMoved, CursorShape
from shared.media.messages import Layout
from shared.media.sharer import Sharer, SharerState
from shared.media.stats import SharerFigures, ViewerFigures
from shared.media.viewer import Viewer
from shared.media.voice import VoiceLine
from shared.rules.sharing import Share, SharedMonitors
from shared.session.frames import FrameReader, FrameReady, FrameWriter
from tests.xscreen import HEIGHT, WIDTH, Painter, screen

WHOLE = SharedMonitors(("screen",))
NEAR = 12
"""How far a colour may be off after encoding, in each channel."""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with screen() as (name, _):
        yield name


@pytest.fixture
def painter(server: str) -> Iterator[Painter]:
    painter = Painter(server)
    painter.fill(0x204060)
    yield painter
    painter.close()


def _threads() -> set[str]:
    """Names of the running threads but those of the loop's own executor, which ends with the loop."""
    return {each.name for each in threading.enumerate() if not each.name.startswith("asyncio_")}


@pytest.fixture(autouse=True)
async def nothing_left() -> AsyncIterator[None]:
    """Fails a test that leaves a thread, a task or a file descriptor behind."""
    await asyncio.to_thread(int)
    threads, tasks, files = _threads(), asyncio.all_tasks(), len(os.listdir("/proc/self/fd"))
    yield
    for _ in range(200):
        left = _threads() - threads, asyncio.all_tasks() - tasks - {asyncio.current_task()}
        if not any(left) and len(os.listdir("/proc/self/fd")) <= files:
            return
        await asyncio.sleep(0.01)
    assert not any(left), left
    assert len(os.listdir("/proc/self/fd")) <= files, _open_files()


def _open_files() -> list[str]:
    return [os.readlink(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd") if int(number) > 2]


@dataclass
class Watcher:
    """A viewer and all it was told."""

    viewer: Viewer[object, FrameReady] = field(init=False)
    frames: FrameWriter = field(default_factory=FrameWriter)
    pictures: list[FrameReady] = field(default_factory=list)
    messages: list[tuple[str, bytes]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    figures: list[ViewerFigures] = field(default_factory=list)
    cursor: list[CursorMoved | CursorShape] = field(default_factory=list)
    voice: VoiceLine | None = None
    layouts: list[Layout] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.viewer = Viewer(
            self.frames,
            on_frame=self.pictures.append,
            on_message=lambda channel, data: self.messages.append((channel, data)),
            on_state=self.states.append,
            on_figures=self.figures.append,
            on_cursor=self.cursor.append,
            voice=self.voice,
            on_layout=self.layouts.append,
        )

    def colour(self, x: int, y: int) -> tuple[int, int, int] | None:
        """Red, green and blue of the newest picture there."""
        if not self.pictures:
            return None
        try:
            reader = FrameReader(self.pictures[-1].path)
        except FileNotFoundError:  # a picture of another size is on its way
            return None
        view = reader.latest()
        assert view is not None
        at = y * reader.stride + x * 4
        found = bytes(view.pixels[at : at + 3]) if x < reader.width and y < reader.height else b""
        view.pixels.release()
        reader.close()
        return (found[2], found[1], found[0]) if found else None

    def shows(self, colour: int, x: int = WIDTH // 2, y: int = HEIGHT // 2) -> bool:
        seen = self.colour(x, y)
        wanted = (colour >> 16, colour >> 8 & 255, colour & 255)
        return seen is not None and max(abs(a - b) for a, b in zip(seen, wanted, strict=True)) <= NEAR

    async def close(self) -> None:
        await self.viewer.close()
        self.frames.close()


@dataclass
class Stage:
    """A sharer, all it was told, and its watchers."""

    sharer: Sharer = field(init=False)
    display: str
    share: Share = WHOLE
    messages: list[tuple[str, str, bytes]] = field(default_factory=list)
    states: list[SharerState] = field(default_factory=list)
    figures: list[SharerFigures] = field(default_factory=list)
    watchers: dict[str, Watcher] = field(default_factory=dict)
    line: Callable[[str], VoiceLine] | None = None

    def __post_init__(self) -> None:
        self.sharer = Sharer(
            lambda: open_screen(self.display),
            self.share,
            on_message=lambda peer, channel, data: self.messages.append((peer, channel, data)),
            on_state=self.states.append,
            on_figures=self.figures.append,
            pointer=lambda: open_pointer(self.display),
            voice=lambda peer_id: self.line(peer_id) if self.line is not None else None,
        )

    async def join(self, peer_id: str = "agent", voice: VoiceLine | None = None) -> Watcher:
        """A new viewer, connected or on its way to be."""
        watcher = self.watchers[peer_id] = Watcher(voice=voice)
        offer = await self.sharer.add_viewer(peer_id, [])
        await self.sharer.set_answer(peer_id, await watcher.viewer.answer(offer, []))
        return watcher

    async def close(self) -> None:
        for watcher in self.watchers.values():
            await watcher.close()
        await self.sharer.stop()


async def until(condition: object, timeout_s: float = 5.0) -> bool:
    """Waits in the loop until ``condition()`` holds; False when time is up."""
    assert callable(condition)
    end = asyncio.get_running_loop().time() + timeout_s
    while not condition():
        if asyncio.get_running_loop().time() > end:
            return False
        await asyncio.sleep(0.01)
    return True


@pytest.fixture
async def stage(server: str, painter: Painter, nothing_left: None) -> AsyncIterator[Stage]:
    stage = Stage(server)
    yield stage
    await stage.close()


def picture_of(watcher: Watcher) -> np.ndarray:
    """The newest picture, (rows, columns, 4) of BGRX."""
    reader = FrameReader(watcher.pictures[-1].path)
    view = reader.latest()
    assert view is not None
    copy = np.frombuffer(bytes(view.pixels), np.uint8).reshape(reader.height, reader.width, 4)
    view.pixels.release()
    reader.close()
    return copy
