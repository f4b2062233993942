"""The picture with control on, and a second window to change to; what the picture sends goes to a file, line by line.

`off` on standard input ends control, and a line of `off` in the file says so.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.remote.picture_view import PictureView
from shared.control.input import Input
from shared.ui.theme import install_theme

file = Path(sys.argv[1])
application = QApplication(sys.argv)
install_theme(application, "light")


def note(words: str) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write(words + "\n")


class Other(QWidget):
    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        note(f"other {event.key()}")


other = Other()
other.setWindowTitle("other")
other.setGeometry(600, 100, 200, 200)
other.show()

window = QWidget()
window.setWindowTitle("remote")
window.setGeometry(50, 100, 400, 300)
column = QVBoxLayout(window)
picture, beside = PictureView(lambda: "picture"), QLineEdit()
column.addWidget(picture, 1)
column.addWidget(beside)


def send(inputs: tuple[Input, ...]) -> None:
    for one in inputs:
        if hasattr(one, "keysym"):
            note(f"{type(one).__name__} {one.keysym:x}")


def give_back() -> None:
    beside.setFocus()
    note("released")


def obey() -> None:
    if sys.stdin.readline() == "off\n":
        picture.set_control(False)
        note("off")


def changed() -> None:
    active = application.activeWindow()
    note(f"active {active.windowTitle() if active else ''}")


picture.sent.connect(send)
picture.released.connect(give_back)
application.focusWindowChanged.connect(changed)
orders = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
orders.activated.connect(obey)
picture.set_control(True)
window.show()
window.activateWindow()
picture.setFocus()
application.exec()
