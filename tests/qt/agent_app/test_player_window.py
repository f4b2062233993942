"""The recordings of a ticket in its page, and the window that plays one."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QSlider
from pytestqt.qtbot import QtBot

from agent_app.recordings.key_dialog import KeyDialog
from agent_app.recordings.library import Library
from agent_app.recordings.player import PlayerPresenter
from agent_app.recordings.player_window import PlayerWindow
from agent_app.recordings.section import RecordingsSection
from shared.common.sealed.keyfile import lock
from shared.protocol.messages import recordings as r
from shared.session import recording_messages as m
from shared.strings import set_language
from shared.strings.language import LanguageCode
from shared.ui.widgets import Button, Strip
from tests.agent_fakes import NOW, World
from tests.recording_fakes import PAIR, ROW, Player, Shelf

CHAPTERS = (
    m.ChapterSeen(at_ms=0, what="on", words="view"),
    m.ChapterSeen(at_ms=4_000, what="chat", who="Grace Chen", words="It says E-2417."),
    m.ChapterSeen(at_ms=31_000, what="off", words="control"),
)


def drop(work: Coroutine[Any, Any, None], name: str) -> None:
    del name
    work.close()


def player_of(player: Player) -> PlayerPresenter:
    made = PlayerPresenter(ROW, PAIR, World().relay, Shelf(), player.start, drop)
    made._process = player
    return made


@pytest.mark.parametrize(("code", "play", "first"), [("en", "Play", "Allowed: see"), ("zh_CN", "播放", "已允许")])
def test_the_window_plays_jumps_and_says_what_is_missing(
    qtbot: QtBot, code: LanguageCode, play: str, first: str
) -> None:
    set_language(code)
    player = Player()
    presenter = player_of(player)
    window = PlayerWindow(presenter)
    qtbot.addWidget(window)
    window.show()
    presenter._report(m.ChaptersFound(chapters=CHAPTERS))
    presenter._report(m.PlayerChanged(state="resting", at_ms=0, length_ms=90_000, whole="cut"))
    button = window.findChild(Button, "player.play")
    contents = window.findChild(QListWidget, "player.contents")
    said = window.findChild(Strip, "player.said")
    assert button.text() == play
    assert first in contents.item(0).text()
    assert said.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert m.Play(speed=1.0) in player.orders
    contents.itemActivated.emit(contents.item(1))
    assert player.orders[-1] == m.SeekTo(at_ms=4_000)
    window.findChild(QSlider, "player.time").setValue(50_000)
    assert player.orders[-1] == m.SeekTo(at_ms=50_000)
    presenter._report(m.PlayerChanged(state="playing", at_ms=50_000, length_ms=90_000, whole="damaged"))
    assert button.text() != play
    window.close()
    set_language("en")


def test_the_first_recording_of_a_run_asks_for_the_key(qtbot: QtBot, tmp_path: Path) -> None:
    world = World()
    world.relay.answers[r.ListRecordings] = r.Recordings(rows=(ROW,), may_play=True, may_manage=True)
    library = Library(world.relay, Shelf(), Player().start, world.works.spawn)
    section = RecordingsSection(library, lambda: NOW)
    qtbot.addWidget(section)
    section.show()
    library.show("k1")
    world.works.run()
    qtbot.mouseClick(section.findChild(Button, "recording.play"), Qt.MouseButton.LeftButton)
    dialog = section.findChild(KeyDialog)
    path = tmp_path / "key.json"
    path.write_bytes(lock(PAIR, "right", scrypt_n=2**10))
    fields = {each.objectName(): each for each in dialog.findChildren(QLineEdit)}
    fields["recording-key.file"].setText(str(path))
    fields["recording-key.passphrase"].setText("right")
    opened: list[bool] = []
    dialog.opened.disconnect()
    dialog.opened.connect(lambda: opened.append(True))
    qtbot.mouseClick(dialog.findChild(Button, "recording-key.open"), Qt.MouseButton.LeftButton)
    world.works.run()
    assert opened == [True]
    assert library.has_key(ROW)
    qtbot.waitUntil(lambda: section.findChild(Button, "recording.hold").isVisible())
