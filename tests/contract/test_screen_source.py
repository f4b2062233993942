"""What every ScreenSource owes the media path, on a real X server."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from shared.media.capture.mss_source import MssSource
from shared.media.capture.source import CaptureError, Rect, ScreenSource
from shared.media.capture.x11 import X11Source
from shared.rules.sharing import Hidden, HiddenWindow, SharedMonitors, SharedWindow
from tests.xscreen import HEIGHT, WIDTH, Painter, screen, x_server

Opener = Callable[[str], ScreenSource]
RED, GREEN = 0xFF0000, 0x00FF00


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with screen() as (name, _):
        yield name


@pytest.fixture
def painter(server: str) -> Iterator[Painter]:
    painter = Painter(server)
    painter.fill(0x000000)
    yield painter
    painter.close()


@pytest.fixture(params=[X11Source, MssSource])
def open_source(request: pytest.FixtureRequest) -> Opener:
    return request.param


@pytest.fixture
def source(open_source: Opener, server: str, painter: Painter) -> Iterator[ScreenSource]:
    source = open_source(server)
    yield source
    source.close()


def pixel(source: ScreenSource, x: int, y: int) -> int:
    picture = source.picture
    rows = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.stride)
    blue, green, red = rows[y, x * 4 : x * 4 + 3]
    return int(red) << 16 | int(green) << 8 | int(blue)


def chosen(source: ScreenSource) -> ScreenSource:
    source.choose(SharedMonitors((source.monitors()[0].id,)))
    return source


def until_changed(source: ScreenSource, timeout_s: float = 3.0) -> tuple[Rect, ...]:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if source.wait(0.2) and (changed := source.grab()):
            return changed
    return ()


def grab_for_ever(source: ScreenSource) -> None:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        source.invalidate()
        source.wait(0.1)
        source.grab()


def test_the_one_monitor_of_the_server_is_listed(source: ScreenSource) -> None:
    (monitor,) = source.monitors()
    assert monitor.rect == Rect(0, 0, WIDTH, HEIGHT)
    assert monitor.id


def test_both_ways_call_a_monitor_by_the_same_name(server: str) -> None:
    names: list[str] = []
    for kind in (X11Source, MssSource):
        source = kind(server)
        names.append(source.monitors()[0].id)
        source.close()
    assert len(set(names)) == 1


def test_an_unknown_monitor_is_never_replaced_by_another(source: ScreenSource) -> None:
    with pytest.raises(CaptureError) as refused:
        source.choose(SharedMonitors(("no such monitor",)))
    assert refused.value.code == "capture.monitor_gone"


def test_the_first_grab_brings_the_whole_picture(source: ScreenSource, painter: Painter) -> None:
    painter.fill(RED)
    assert chosen(source).grab() == (Rect(0, 0, WIDTH, HEIGHT),)
    assert pixel(source, 0, 0) == RED
    assert pixel(source, WIDTH - 1, HEIGHT - 1) == RED


def test_a_still_screen_reports_nothing(source: ScreenSource) -> None:
    chosen(source).grab()
    assert not source.wait(0.1)
    assert source.grab() == ()


def test_a_change_wakes_and_only_touched_rows_are_reported(source: ScreenSource, painter: Painter) -> None:
    chosen(source).grab()
    painter.fill(GREEN, 100, 200, 40, 20)
    changed = until_changed(source)
    assert changed
    assert all(rect.y + rect.height > 200 and rect.y < 220 for rect in changed)
    assert pixel(source, 100, 200) == GREEN
    assert pixel(source, 139, 219) == GREEN
    assert pixel(source, 99, 200) == pixel(source, 140, 220) == 0


def test_an_invalidated_picture_is_brought_again(source: ScreenSource) -> None:
    chosen(source).grab()
    source.invalidate()
    assert source.wait(1.0)
    assert source.grab() == (Rect(0, 0, WIDTH, HEIGHT),)


def test_wake_ends_a_wait_from_another_thread(source: ScreenSource) -> None:
    chosen(source).grab()
    woken = threading.Event()

    def wake() -> None:
        woken.set()
        source.wake()

    timer = threading.Timer(0.05, wake)
    timer.start()
    begun = time.monotonic()
    while not woken.is_set():  # a source that polls comes back between looks
        source.wait(5.0)
    timer.join()
    assert time.monotonic() - begun < 2.0


def test_closing_twice_is_closing_once(open_source: Opener, server: str) -> None:
    source = open_source(server)
    source.close()
    source.close()


def test_no_display_is_a_typed_refusal(open_source: Opener) -> None:
    with pytest.raises(CaptureError) as refused:
        open_source(":65432")
    assert refused.value.code == "capture.no_screen"


def test_a_server_that_goes_away_is_a_typed_refusal_not_the_end_of_the_process(open_source: Opener) -> None:
    with screen() as (name, process):
        source = chosen(open_source(name))
        source.grab()
        process.kill()
        process.wait(5)
        with pytest.raises(CaptureError) as lost:
            grab_for_ever(source)
        assert lost.value.code in ("capture.lost", "capture.refused", "capture.no_screen")
        source.close()


def two_halves(server: str) -> Callable[[], None]:
    """Divides the server's screen into monitors "left" and "right"; gives the way back."""
    half = WIDTH // 2
    xrandr(server, "--setmonitor", "left", f"{half}/10x{HEIGHT}/10+0+0", "screen")
    xrandr(server, "--setmonitor", "right", f"{half}/10x{HEIGHT}/10+{half}+0", "none")

    def undo() -> None:
        for name in ("left", "right"):
            xrandr(server, "--delmonitor", name)

    return undo


def xrandr(server: str, *words: str) -> None:
    command = ["/usr/bin/xrandr", *words]
    subprocess.run(command, env={"DISPLAY": server}, stderr=subprocess.DEVNULL, check=True)


def named(source: ScreenSource, *lefts: int) -> SharedMonitors:
    """The monitors that begin at these columns, whatever this source calls them."""
    by_left = {monitor.rect.x: monitor.id for monitor in source.monitors()}
    return SharedMonitors(tuple(by_left[left] for left in lefts))


@pytest.fixture
def halves(server: str) -> Iterator[None]:
    undo = two_halves(server)
    yield
    undo()


def test_a_monitor_beside_the_first_is_brought_from_its_own_place(
    halves: None, source: ScreenSource, painter: Painter
) -> None:
    view = source.choose(named(source, WIDTH // 2))
    assert view.bounds == Rect(WIDTH // 2, 0, WIDTH // 2, HEIGHT)
    source.grab()
    painter.fill(GREEN, WIDTH // 2 + 10, 50, 5, 5)
    assert until_changed(source)
    assert pixel(source, 10, 50) == GREEN
    painter.fill(RED, 10, 50, 5, 5)
    assert until_changed(source, 0.3) == ()


def test_several_monitors_are_one_picture(halves: None, source: ScreenSource, painter: Painter) -> None:
    view = source.choose(named(source, WIDTH // 2, 0))
    assert view.bounds == Rect(0, 0, WIDTH, HEIGHT)
    assert [pane.area.x for pane in view.panes] == [WIDTH // 2, 0]
    painter.fill(RED, 0, 0, WIDTH // 2, HEIGHT)
    source.grab()
    assert pixel(source, 5, 5) == RED
    assert pixel(source, WIDTH - 5, 5) == 0


def test_what_is_between_shared_monitors_is_covered(server: str, source: ScreenSource, painter: Painter) -> None:
    for name, x in (("a", 0), ("b", 200), ("c", 440)):
        output = "screen" if name == "a" else "none"
        xrandr(server, "--setmonitor", name, f"200/10x{HEIGHT - x // 2}/10+{x}+0", output)
    try:
        painter.fill(RED)
        view = source.choose(named(source, 0, 440))
        source.grab()
        assert view.bounds == Rect(0, 0, WIDTH, HEIGHT)
        assert pixel(source, 199, 5) == pixel(source, 440, 5) == RED
        assert pixel(source, 200, 5) == pixel(source, 439, 5) == pixel(source, 300, HEIGHT - 1) == COVERED
        assert pixel(source, 440, HEIGHT - 221) == RED
        assert pixel(source, 440, HEIGHT - 220) == COVERED
        painter.fill(GREEN)
        assert until_changed(source)
        assert pixel(source, 300, 5) == COVERED
    finally:
        for name in "abc":
            xrandr(server, "--delmonitor", name)


COVERED = 0x303438


def test_hidden_areas_are_covered_from_the_first_grab_and_come_back(source: ScreenSource, painter: Painter) -> None:
    painter.fill(RED)
    hidden = Hidden(areas=(Rect(100, 100, 50, 40), Rect(-20, 300, 60, 1000)))
    chosen(source).grab(hidden)
    assert pixel(source, 100, 100) == pixel(source, 149, 139) == pixel(source, 39, HEIGHT - 1) == COVERED
    assert pixel(source, 99, 100) == pixel(source, 150, 139) == pixel(source, 40, 300) == RED
    painter.fill(GREEN)
    while not source.grab(hidden):
        assert source.wait(2.0)
    assert pixel(source, 120, 120) == COVERED
    assert source.grab()
    assert pixel(source, 120, 120) == GREEN


def test_a_window_given_with_its_place_is_covered(source: ScreenSource, painter: Painter) -> None:
    """Where a window cannot be followed, or is not there (any longer), its last known place holds."""
    painter.fill(RED)
    chosen(source).grab(Hidden(windows=(HiddenWindow(0x7FFF_FFF1, Rect(10, 10, 20, 20)),)))
    assert pixel(source, 10, 10) == COVERED
    assert pixel(source, 31, 10) == RED


def test_what_changes_under_the_cover_alone_is_no_change(source: ScreenSource, painter: Painter) -> None:
    hidden = Hidden(areas=(Rect(100, 100, 50, 40),))
    chosen(source).grab(hidden)
    painter.fill(GREEN, 110, 110, 10, 10)
    source.wait(0.2)
    assert source.grab(hidden) == ()


def test_an_unknown_window_is_a_typed_refusal(source: ScreenSource) -> None:
    with pytest.raises(CaptureError) as refused:
        source.choose(SharedWindow(0x7FFF_FFF1))
    assert refused.value.code in ("capture.window_gone", "capture.no_windows")


def test_an_unplugged_monitor_leaves_the_others(server: str, source: ScreenSource, painter: Painter) -> None:
    undo = two_halves(server)
    try:
        source.choose(named(source, 0, WIDTH // 2))
        source.grab()
        xrandr(server, "--delmonitor", "right")
        assert eventually_follows(source, lambda: [pane.area.x for pane in source.view.panes] == [0])
        assert source.picture.width == source.view.bounds.width == WIDTH // 2
    finally:
        undo()


def eventually_follows(source: ScreenSource, condition: Callable[[], bool]) -> bool:
    """Grabs until it holds; a source that polls looks for monitors every other second."""
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        source.wait(0.1)
        source.grab()
    return condition()


def test_a_change_of_resolution_brings_a_picture_of_the_new_size(open_source: Opener) -> None:
    with screen() as (outer, _):
        environment = {"DISPLAY": outer}
        with x_server("-screen", "320x240", name="/usr/bin/Xephyr", environment=environment) as (inner, _):
            source = chosen(open_source(inner))
            source.grab()
            xrandr(inner, "-s", "640x480")
            assert eventually_follows(source, lambda: (source.picture.width, source.picture.height) == (640, 480))
            assert source.view.bounds == Rect(0, 0, 640, 480)
            source.close()
