"""One instance a user, windows that remember their place, and a tray that does not pretend."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication, QFileDialog, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from shared.strings import phrase, set_language
from shared.ui.platform.geometry import WindowPlaces, settings_file
from shared.ui.platform.instance import MAX_ARGUMENTS, MAX_MESSAGE_BYTES, SingleInstance
from shared.ui.platform.qt_words import QtWords
from shared.ui.platform.tray import Tray


@pytest.fixture
def first(qapp: QApplication) -> Iterator[SingleInstance]:
    """An instance that holds the name."""
    made = SingleInstance("threeline-test")
    assert made.claim([])
    yield made
    made.close()


def connect(instance: SingleInstance) -> QLocalSocket:
    socket = QLocalSocket()
    socket.connectToServer(instance._server.serverName())
    assert socket.waitForConnected(1000)
    return socket


def test_a_second_start_hands_its_arguments_over(first: SingleInstance, qtbot: QtBot) -> None:
    second = SingleInstance("threeline-test")
    with qtbot.waitSignal(first.called) as called:
        assert not second.claim(["--context", "a.json"])
    assert called.args == [["--context", "a.json"]]


def test_another_program_is_not_disturbed(first: SingleInstance) -> None:
    other = SingleInstance("threeline-other")
    assert other.claim([])
    other.close()


def test_the_name_is_free_again_after_closing(first: SingleInstance) -> None:
    first.close()
    assert first.claim([])


def test_the_socket_is_this_users_only(first: SingleInstance) -> None:
    mode = Path(first._server.fullServerName()).stat()
    assert mode.st_uid == os.getuid()
    assert mode.st_mode & 0o077 == 0


def test_arguments_are_bounded(first: SingleInstance, qtbot: QtBot) -> None:
    with qtbot.waitSignal(first.called) as called:
        SingleInstance("threeline-test").claim([str(number) for number in range(100)])
    assert isinstance(called.args, list)
    assert len(called.args[0]) == MAX_ARGUMENTS


@pytest.mark.parametrize(
    "words", [b"not json\n", b'{"a": 1}\n', b"[1, 2]\n", b"\xff\xfe\n", b"x" * (MAX_MESSAGE_BYTES + 100)]
)
def test_hostile_words_are_dropped_and_the_next_start_still_heard(
    first: SingleInstance, qtbot: QtBot, words: bytes
) -> None:
    with qtbot.assertNotEmitted(first.called):
        socket = connect(first)
        socket.write(words)
        socket.flush()
        qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    with qtbot.waitSignal(first.called):
        SingleInstance("threeline-test").claim(["again"])


def test_a_silent_guest_is_shown_out(first: SingleInstance, qtbot: QtBot) -> None:
    socket = connect(first)
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState, timeout=4000)


def test_a_window_comes_back_where_it_was(qtbot: QtBot, private_home: Path) -> None:
    places = WindowPlaces("threeline-test")
    window, again = QWidget(), QWidget()
    for each in (window, again):
        qtbot.addWidget(each)
    assert not places.restore(window, "main")
    window.setGeometry(QRect(120, 90, 420, 600))
    places.keep(window, "main")
    places.save()
    assert settings_file("threeline-test").is_relative_to(private_home)
    assert WindowPlaces("threeline-test").restore(again, "main")
    assert again.size() == window.size()


def test_a_broken_file_is_as_good_as_none(qtbot: QtBot, private_home: Path) -> None:
    path = settings_file("threeline-test")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"[main]\ngeometry=@ByteArray(\xff\xfejunk)\n\x00\x01")
    window = QWidget()
    qtbot.addWidget(window)
    assert not WindowPlaces("threeline-test").restore(window, "main")


def test_without_a_tray_nothing_pretends(qtbot: QtBot) -> None:
    if QSystemTrayIcon.isSystemTrayAvailable():
        pytest.skip("this display has a tray")
    tray, window = Tray(phrase("common.product")), QWidget()
    qtbot.addWidget(window)
    assert not tray.present
    window.show()
    tray.notify(window, phrase("common.product"), phrase("chat.new_messages"))
    tray.close()


def test_qts_own_words_follow_the_language(qapp: QApplication, qtbot: QtBot) -> None:
    words = QtWords(qapp)
    set_language("zh_CN")
    dialog = QFileDialog()
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    assert dialog.labelText(QFileDialog.DialogLabel.LookIn) != ""
    assert qapp.translate("QPlatformTheme", "Cancel") == "取消"
    set_language("en")
    assert qapp.translate("QPlatformTheme", "Cancel") == "Cancel"
    del words
