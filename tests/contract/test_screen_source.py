"""What every ScreenSource owes the media path, on a real X server."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from shared.media.capture.mss_source import MssSource
from shared.media.capture.source import CaptureError, Monitor, Rect, ScreenSource
from shared.media.capture.x11 import X11Source
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
    source.choose(source.monitors()[0].id)
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
        source.choose("no such monitor")
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


def test_a_monitor_beside_the_first_is_brought_from_its_own_place(server: str, painter: Painter) -> None:
    class TwoHalves(X11Source):
        def monitors(self) -> tuple[Monitor, ...]:
            half = WIDTH // 2
            left, right = Rect(0, 0, half, HEIGHT), Rect(half, 0, half, HEIGHT)
            return Monitor("left", "left", left, primary=True), Monitor("right", "right", right, primary=False)

    source = TwoHalves(server)
    source.choose("right")
    source.grab()
    painter.fill(GREEN, WIDTH // 2 + 10, 50, 5, 5)
    assert until_changed(source) == (Rect(10, 50, 5, 5),)
    assert pixel(source, 10, 50) == GREEN
    painter.fill(RED, 10, 50, 5, 5)
    assert until_changed(source, 0.3) == ()
    source.close()


def test_a_change_of_resolution_brings_a_picture_of_the_new_size() -> None:
    with screen() as (outer, _):
        environment = {"DISPLAY": outer}
        with x_server("-screen", "320x240", name="/usr/bin/Xephyr", environment=environment) as (inner, _):
            source = chosen(X11Source(inner))
            source.grab()
            subprocess.run(
                ["/usr/bin/xrandr", "-s", "640x480"], env={"DISPLAY": inner}, stderr=subprocess.DEVNULL, check=True
            )
            end = time.monotonic() + 3
            while source.picture.width != 640 and time.monotonic() < end:
                source.wait(0.1)
                changed = source.grab()
            assert (source.picture.width, source.picture.height) == (640, 480)
            assert changed == (Rect(0, 0, 640, 480),)
            assert source.monitor.rect == Rect(0, 0, 640, 480)
            source.close()
