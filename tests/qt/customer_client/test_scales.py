"""Where our windows are in the screen's own pixels, at every scale and on the second monitor too: asked of X itself."""

import os
import subprocess
import sys

import pytest

from tests.xscreen import x_server

PROGRAM = """
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from Xlib import display
from customer_client.sharing.places import logical, native, native_of_screen, screen_of
from shared.rules.coordinates import Area
app = QApplication([])
there = display.Display()
assert [native_of_screen(s) for s in app.screens()] == [Area(0, 0, 1200, 900), Area(1200, 0, 1200, 900)]
for screen in app.screens():
    window = QWidget(None, Qt.WindowType.FramelessWindowHint)
    place = screen.geometry()
    window.setScreen(screen)
    window.setGeometry(QRect(place.x() + 31, place.y() + 17, 120, 60))
    window.show()
    QTest.qWaitForWindowExposed(window)
    told = native(window.frameGeometry(), window)
    real = there.create_resource_object("window", int(window.winId())).get_geometry()
    assert abs(told.x - real.x) <= 1 and abs(told.y - real.y) <= 1, (told, real.x, real.y)
    assert told.right >= real.x + real.width and told.bottom >= real.y + real.height, (told, real.width, real.height)
    assert abs(told.width - real.width) <= 2
    assert screen_of(told) is screen
    assert logical(native_of_screen(screen)) == place
print("right")
"""


@pytest.mark.parametrize("scale", ["1", "1.25", "1.5", "2", "3"])
def test_our_windows_are_where_they_are_said_to_be(scale: str) -> None:
    with x_server("-screen", "0", "2400x900x24") as (name, _):
        for monitor, x, output in (("left", 0, "screen"), ("right", 1200, "none")):
            size = f"1200/300x900/225+{x}+0"
            command = ["/usr/bin/xrandr", "--setmonitor", monitor, size, output]
            subprocess.run(command, env={"DISPLAY": name}, stderr=subprocess.DEVNULL, check=True)
        environment = {**os.environ, "DISPLAY": name, "QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "xcb"}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.stdout.strip() == "right", done.stderr
