"""PySide6 6.12.0 lost a reference to None at every void call on Python 3.10 and 3.11 and died after some 5,000."""

import sys

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 1000
NOISE = 100


def test_void_calls_do_not_eat_references_to_none(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    label.setText("warm")
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        label.setText("words")
    assert abs(sys.getrefcount(None) - before) < NOISE
