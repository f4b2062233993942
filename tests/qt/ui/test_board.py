"""This desktop's clipboard: what people copy is told once, what came from elsewhere and what is secret never."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QByteArray, QMimeData, QThreadPool
from PySide6.QtGui import QColor, QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from shared.control.clipboard.item import Item
from shared.ui.clipboard.board import Board


@pytest.fixture
def board(qtbot: QtBot) -> Iterator[Board]:
    QGuiApplication.clipboard().clear()
    made = Board()
    made.watch(made, True)
    yield made
    made.watch(made, False)
    made.deleteLater()


def copy(data: QMimeData) -> None:
    QGuiApplication.clipboard().setMimeData(data)


def settle() -> None:
    """Whatever was begun is done."""
    QThreadPool.globalInstance().waitForDone()
    QGuiApplication.processEvents()


def test_what_is_copied_is_told_once(board: Board, qtbot: QtBot) -> None:
    told: list[Item] = []
    board.copied.connect(told.append)
    for _ in range(2):
        data = QMimeData()
        data.setText("E-2417 错误")
        copy(data)
    qtbot.waitUntil(lambda: bool(told))
    assert told == [Item("E-2417 错误")]


def test_a_picture_is_told_as_png_and_set_again_without_an_echo(board: Board, qtbot: QtBot) -> None:
    told: list[Item] = []
    board.copied.connect(told.append)
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    data = QMimeData()
    data.setImageData(image)
    copy(data)
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].png.startswith(b"\x89PNG")
    board.put(told[0])
    found = QImage(QGuiApplication.clipboard().mimeData().imageData())
    assert (found.width(), found.height(), found.pixelColor(3, 3)) == (40, 30, QColor("teal"))
    copy_of_it = QMimeData()  # as a clipboard keeper would put it there again, without our mark
    copy_of_it.setImageData(found)
    copy(copy_of_it)
    settle()
    assert len(told) == 1


def test_what_came_from_elsewhere_is_not_told(board: Board) -> None:
    told: list[Item] = []
    board.copied.connect(told.append)
    board.put(Item("from afar", "<b>from afar</b>"))
    assert QGuiApplication.clipboard().text() == "from afar"
    again = QMimeData()
    again.setText("from afar")
    copy(again)
    settle()
    assert told == []


@pytest.mark.parametrize("hint", ["x-kde-passwordManagerHint", "application/x-nspasteboard-concealed-type"])
def test_secrets_and_what_nobody_watches_are_not_told(board: Board, hint: str) -> None:
    told: list[Item] = []
    board.copied.connect(told.append)
    data = QMimeData()
    data.setText("hunter2")
    data.setData(hint, QByteArray(b"secret"))
    copy(data)
    board.watch(board, False)
    open_words = QMimeData()
    open_words.setText("not watched")
    copy(open_words)
    settle()
    assert told == []
