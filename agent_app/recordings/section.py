"""The recordings of a ticket: when, how long, by whom, until when they are kept, and what may be done with each."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from agent_app.desk.moments import moment
from agent_app.parts.section import Section
from agent_app.recordings.film_row import FilmRow
from agent_app.recordings.key_dialog import KeyDialog
from agent_app.recordings.library import Library, LibraryView
from agent_app.recordings.player_window import PlayerWindow
from shared.protocol.messages.recordings import RecordingRow, Recordings
from shared.strings import Phrase, phrase, text, timer
from shared.ui.theme import SPACE_S
from shared.ui.widgets import Button, Label, Strip


class RecordingsSection(Section):
    """`library.show` says whose."""

    def __init__(self, library: Library, now: Callable[[], int]) -> None:
        super().__init__(phrase("recording.section", count=0))
        self._library, self._now = library, now
        self._players: set[PlayerWindow] = set()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACE_S)
        self._films = QVBoxLayout()
        self.box.addLayout(self._rows)
        self.box.addLayout(self._films)
        library.view.watch(self._show)

    def _show(self, view: LibraryView) -> None:
        rows = view.found.rows if view.found else ()
        self.set_title(phrase("recording.section", count=len(rows)))
        while (item := self._rows.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        if view.problem is not None:
            strip = Strip("danger", rounded=True, object_name="recordings.problem")
            strip.say(view.problem)
            self._rows.addWidget(strip)
        if not rows:
            self._rows.addWidget(Label(phrase("recording.none"), "small", tone="muted", wrap=True))
        for row in rows:
            self._rows.addWidget(self._row(row, view.found or Recordings(rows=())))

    def _row(self, row: RecordingRow, found: Recordings) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        when = moment(row.started_ms, self._now())
        length = timer(row.length_ms / 1000)
        column.addWidget(Label(phrase("recording.row", time=when, length=length), "small", weight=500, wrap=True))
        column.addWidget(Label(_kept(row, self._now()), "small", tone="muted", wrap=True))
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        if found.may_play:
            play = Button(phrase("recording.play"), "secondary", "small", icon="play", object_name="recording.play")
            play.clicked.connect(lambda: self._with_key(row, self._open))
            buttons.addWidget(play)
        if found.may_export and row.state != "open":
            save = Button(
                phrase("recording.film"), "secondary", "small", icon="download", object_name="recording.film_save"
            )
            save.clicked.connect(lambda: self._with_key(row, self._ask_where))
            buttons.addWidget(save)
        if found.may_manage:
            key = "recording.let_go" if row.held else "recording.hold"
            hold = Button(phrase(key), "secondary", "small", object_name="recording.hold")
            hold.clicked.connect(lambda: self._library.hold(row, not row.held))
            buttons.addWidget(hold)
            delete = Button(
                phrase("recording.delete"), "danger-outline", "small", icon="trash", object_name="recording.delete"
            )
            delete.setEnabled(not row.held)
            delete.clicked.connect(lambda: self._library.delete(row))
            buttons.addWidget(delete)
        buttons.addStretch(1)
        column.addLayout(buttons)
        return made

    def _with_key(self, row: RecordingRow, do: Callable[[RecordingRow], None]) -> None:
        if self._library.has_key(row):
            do(row)
            return
        dialog = KeyDialog(self, self._library.unlock)
        dialog.opened.connect(lambda: self._opened(row, do))
        dialog.open()

    def _opened(self, row: RecordingRow, do: Callable[[RecordingRow], None]) -> None:
        if self._library.has_key(row):
            do(row)
        else:
            self._rows.addWidget(Strip("danger", phrase("recording.fault_other_key"), rounded=True))

    def _ask_where(self, row: RecordingRow) -> None:
        dialog = QFileDialog(self, text("recording.film_where"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("mp4")
        dialog.selectFile(f"{row.recording_id}.mp4")
        dialog.accepted.connect(lambda: self.save_film(row, Path(dialog.selectedFiles()[0])))
        dialog.open()

    def save_film(self, row: RecordingRow, path: Path) -> None:
        """Begins to write a film there."""
        made = FilmRow(self._library.save_film(row, path))
        made.left.connect(lambda: (made.hide(), made.deleteLater()))
        self._films.addWidget(made)

    def _open(self, row: RecordingRow) -> None:
        window = PlayerWindow(self._library.play(row))
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._players.add(window)
        window.closed.connect(lambda: self._players.discard(window))
        window.show()


def _kept(row: RecordingRow, now_ms: int) -> Phrase:
    if row.state == "open":
        return phrase("recording.row_open", name=row.agent.name)
    if row.held:
        return phrase("recording.row_held", name=row.agent.name)
    days = max(0, (row.delete_ms - now_ms) // 86_400_000)
    return phrase("recording.row_cut" if row.state == "cut" else "recording.row_kept", name=row.agent.name, days=days)
