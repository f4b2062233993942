"""What the engineers draw shows exactly where they drew it, and is in nobody's way."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from Xlib import X
from Xlib import display as xdisplay

from customer_client.sharing.drawings import Drawings
from shared.control.drawing import Aimed, Shape, Sketch
from shared.rules.coordinates import Area
from shared.session.drawing_messages import AgentSketch
from shared.ui.sketch import COLOURS

ROOM = QRect(0, 0, 800, 600)
NAMES = {"lin": "Lin Wei", "ana": "Ana Torres"}


def sketch(*shapes: Shape, agent: str = "lin", aim: Aimed | None = None) -> AgentSketch:
    return AgentSketch(agent_id=agent, sketch=Sketch(shapes, aim))


def pixel(x: int, y: int) -> str:
    """What is on the screen there, whoever painted it."""
    server = xdisplay.Display(os.environ["DISPLAY"])
    root = server.screen().root
    blue, green, red = root.get_image(x, y, 1, 1, X.ZPixmap, 0xFFFFFF).data[:3]
    server.close()
    return f"#{red:02X}{green:02X}{blue:02X}"


@pytest.fixture
def drawings(qtbot: Any) -> Iterator[Drawings]:
    made = Drawings(ROOM, Area(0, 0, 800, 600))
    yield made
    made.close()


def test_a_box_is_exactly_where_it_was_drawn(qtbot: Any, drawings: Drawings) -> None:
    drawings.show_sketches([sketch(Shape("box", 3, ((100, 120), (300, 240))))], NAMES)
    qtbot.waitUntil(lambda: pixel(100, 180) == COLOURS[3])
    for x, y in ((300, 180), (200, 120), (200, 240)):
        assert pixel(x, y) == COLOURS[3]
        assert pixel(x - 1, y - 1) == COLOURS[3]
    inside = pixel(200, 180)
    assert inside not in (COLOURS[3], "#FFFFFF")
    drawings.show_sketches([], NAMES)
    qtbot.waitUntil(lambda: pixel(100, 180) == inside)


def test_two_engineers_draw_and_point_at_once(qtbot: Any, drawings: Drawings) -> None:
    line = Shape("pen", 0, ((50, 400), (250, 400)))
    other = Shape("arrow", 1, ((50, 450), (250, 450)))
    drawings.show_sketches(
        [sketch(line), sketch(other, agent="ana", aim=Aimed(400, 300, 1))],
        NAMES,
    )
    qtbot.waitUntil(lambda: (pixel(150, 400), pixel(150, 450)) == (COLOURS[0], COLOURS[1]))
    qtbot.waitUntil(lambda: pixel(404, 308) == COLOURS[1])
    drawings.show_sketches([sketch(line)], NAMES)
    qtbot.waitUntil(lambda: pixel(404, 308) != COLOURS[1])


def test_a_click_goes_through_to_what_is_below_and_the_focus_stays(qtbot: Any, drawings: Drawings) -> None:
    below = QPushButton("below")
    below.setGeometry(100, 100, 200, 100)
    qtbot.addWidget(below)
    below.show()
    below.activateWindow()
    qtbot.waitExposed(below)
    qtbot.waitUntil(lambda: below.mapToGlobal(QPoint(0, 0)) == QPoint(100, 100))
    qtbot.waitUntil(below.isActiveWindow)
    clicks: list[bool] = []
    below.clicked.connect(lambda: clicks.append(True))
    line = Shape("pen", 2, ((110, 150), (290, 150)))
    drawings.show_sketches([sketch(line, aim=Aimed(200, 160, 2))], NAMES)
    qtbot.waitUntil(lambda: (pixel(150, 150), pixel(204, 168)) == (COLOURS[2], COLOURS[2]))
    focused = QGuiApplication.focusWindow()
    for count, (x, y) in enumerate(((150, 150), (204, 168)), start=1):
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=True, timeout=10)
        qtbot.waitUntil(lambda count=count: len(clicks) == count)
    assert QGuiApplication.focusWindow() is focused


def test_our_own_windows_are_never_drawn_over(qtbot: Any, drawings: Drawings) -> None:
    drawings.keep_out([QRect(0, 0, 800, 200)])
    drawings.show_sketches([sketch(Shape("pen", 4, ((400, 50), (400, 400))), aim=Aimed(500, 190, 4))], NAMES)
    qtbot.waitUntil(lambda: pixel(400, 300) == COLOURS[4])
    assert pixel(400, 100) != COLOURS[4]
    assert pixel(502, 195) != COLOURS[4]
    drawings.keep_out([])
    qtbot.waitUntil(lambda: pixel(400, 100) == COLOURS[4])


def test_a_resting_pointer_fades_away(qtbot: Any, drawings: Drawings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customer_client.sharing.drawings.POINTER_MS", 50)
    drawings.show_sketches([sketch(aim=Aimed(400, 300, 5))], NAMES)
    qtbot.waitUntil(lambda: pixel(404, 308) == COLOURS[5])
    qtbot.waitUntil(lambda: pixel(404, 308) != COLOURS[5])
