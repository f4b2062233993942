"""The recordings of a ticket in its page, and the window that plays one."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QListWidget, QSlider
from pytestqt.qtbot import QtBot

from agent_app.recordings.film_row import FilmRow
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
from shared.ui.widgets import Button, IconButton, Label, Strip
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
    made._copy._process = player
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
    presenter.report(m.ChaptersFound(chapters=CHAPTERS))
    presenter.report(m.PlayerChanged(state="resting", at_ms=0, length_ms=90_000, whole="cut"))
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
    presenter.report(m.PlayerChanged(state="playing", at_ms=50_000, length_ms=90_000, whole="damaged"))
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


@pytest.mark.parametrize(("code", "done"), [("en", "Film saved"), ("zh_CN", "视频已保存")])
def test_a_film_is_saved_where_the_person_says_and_it_shows_how_far_it_is(
    qtbot: QtBot, tmp_path: Path, code: LanguageCode, done: str
) -> None:
    set_language(code)
    world, player = World(), Player()
    world.relay.answers[r.ListRecordings] = r.Recordings(rows=(ROW,), may_export=True)
    world.relay.answers[r.OpenRecording] = r.RecordingOpened(opening_id="O1", row=ROW)
    library = Library(world.relay, Shelf(), player.start, world.works.spawn)
    library._pairs[ROW.key_id] = PAIR
    library.show("k1")
    world.works.run()
    library._spawn = drop
    section = RecordingsSection(library, lambda: NOW)
    qtbot.addWidget(section)
    section.show()
    qtbot.mouseClick(section.findChild(Button, "recording.film_save"), Qt.MouseButton.LeftButton)
    dialog = section.findChild(QFileDialog)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    dialog.reject()
    section.save_film(ROW, tmp_path / "film.mp4")
    row = section.findChild(FilmRow)
    presenter = row._presenter
    presenter.report(m.ChaptersFound(chapters=CHAPTERS))
    presenter._copy._process = player
    presenter.report(m.PlayerChanged(state="resting", at_ms=0, length_ms=90_000, whole="whole"))
    (order,) = [each for each in player.orders if isinstance(each, m.SaveFilm)]
    assert order.path == str(tmp_path / "film.mp4")
    assert [each.at_ms for each in order.titles] == [0, 4_000, 31_000]
    said = section.findChild(Label, "recording.film_said")
    presenter.report(m.FilmChanged(state="writing", at_ms=45_000))
    assert "75" in said.text()
    presenter.report(m.FilmChanged(state="done"))
    assert done in said.text()
    qtbot.mouseClick(section.findChild(IconButton, "recording.film_leave"), Qt.MouseButton.LeftButton)
    assert not row.isVisible()
    set_language("en")
