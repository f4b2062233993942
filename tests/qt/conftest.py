"""Real windows on a private X server; whatever a test leaves behind, or Qt complains about, fails that test."""

import asyncio
import gc
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QtMsgType
from PySide6.QtWidgets import QApplication
from pytestqt.logging import _QtMessageCapture

from shared.strings import set_language
from shared.ui.icons import clear_icon_cache
from shared.ui.theme import Theme, install_theme, theme

_HARMLESS_QT = ("This plugin supports grabbing the mouse only for popup windows",)


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """An X display: the one that is there, else an own Xvfb on a number of its own choice."""
    if given := os.environ.get("DISPLAY"):
        yield given
        return
    read_end, write_end = os.pipe()
    command = [
        shutil.which("Xvfb") or "Xvfb",
        *("-displayfd", str(write_end)),
        *("-screen", "0", "1600x1200x24"),
        "-nolisten",
        "tcp",
    ]
    server = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as numbers:
        os.environ["DISPLAY"] = f":{numbers.readline().strip()}"
    yield os.environ["DISPLAY"]
    del os.environ["DISPLAY"]
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="session")
def qapp_args(display: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Arguments of the one QApplication; its settings and caches go to a private home."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        folder = home / name.lower()
        folder.mkdir(mode=0o700)
        os.environ[name] = str(folder)
    os.environ["HOME"] = str(home)
    os.environ["QT_QPA_PLATFORM"] = "xcb" if sys.platform == "linux" else ""
    os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)
    return ["threeline-test"]


@pytest.fixture(autouse=True)
def private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    return tmp_path


@pytest.fixture
def expected_logs() -> list[str]:
    """Add here each message at WARNING or above, from a log or from Qt, that the test means to cause."""
    return []


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[Theme]:
    """The light theme in English at 100 %, without animations; restored afterwards."""
    if not isinstance(qapp.property("threeline_theme"), Theme):
        install_theme(qapp, "light")
    look = theme()
    look.animated = False
    yield look
    set_language("en")
    look.set_scale_percent(100)
    look.set_mode("light")


@pytest.fixture(autouse=True, scope="session")
def drop_pictures_before_qt_ends() -> Iterator[None]:
    """Cached pixmaps must not outlive the application."""
    yield
    clear_icon_cache()


@pytest.fixture(autouse=True, scope="session")
def what_every_test_finds(qapp: QApplication) -> None:
    """What is there before the first test is left out of the search for what each leaves behind: it is most of it."""
    assert qapp is not None
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_is_said_or_left(
    look: Theme,
    qapp: QApplication,
    qtlog: _QtMessageCapture,
    caplog: pytest.LogCaptureFixture,
    expected_logs: list[str],
) -> Iterator[None]:
    """Fails the test on a Qt warning, a log record at WARNING or above, and anything that outlives it."""
    threads = set(threading.enumerate())
    yield
    _end_deleted(qapp)
    said = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    said += [str(record.message) for record in qtlog.records if record.type != QtMsgType.QtDebugMsg]
    unexpected = [line for line in said if line not in expected_logs and not line.startswith(_HARMLESS_QT)]
    assert not unexpected, f"said without being expected: {unexpected}"
    assert set(expected_logs) <= set(said), f"expected but not said: {set(expected_logs) - set(said)}"
    assert _open_windows() == [], "top-level widgets left behind"
    assert _new_threads(threads) == [], "threads left behind"
    tasks = [item for item in gc.get_objects() if isinstance(item, asyncio.Task) and not item.done()]
    assert tasks == [], "tasks left behind"


def _end_deleted(qapp: QApplication) -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()
    gc.collect()


def _open_windows() -> list[str]:
    return [repr(widget) for widget in QApplication.topLevelWidgets() if widget.isVisible()]


def _new_threads(before: set[threading.Thread]) -> list[str]:
    late = [thread for thread in threading.enumerate() if thread not in before and type(thread) is threading.Thread]
    for thread in late:
        thread.join(5)
    return [thread.name for thread in late if thread.is_alive()]
