"""The window that plays a recording: picture, time line, speed, and a table of contents that jumps."""

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QSlider, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.recordings.chapters import chapter_words
from agent_app.recordings.player import SPEEDS, PlayerPresenter, PlayerView
from agent_app.remote.picture_view import PictureView
from shared.session.recording_messages import ChapterSeen
from shared.strings import phrase, text, timer
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, Combo, Label, Strip
from shared.ui.words import name_widget, show_words

_STEP_MS: Final = 5000
_SIDE_PX: Final = 260
_STRIPS: Final = {"cut": ("warn", "recording.says_cut"), "damaged": ("danger", "recording.says_damaged")}


class PlayerWindow(QWidget):
    """`closed` once, when the window goes. Space plays and rests, Left and Right jump five seconds."""

    closed = Signal()

    def __init__(self, presenter: PlayerPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._chapters: tuple[ChapterSeen, ...] = ()
        self.setObjectName("player")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        self.setMinimumSize(760, 460)
        self.resize(1120, 720)
        title = phrase("recording.player", name=presenter.view.value.row.agent.name)
        show_words(self, self.setWindowTitle, title)
        self.picture = PictureView(lambda: text("recording.picture"))
        self._said = Strip("warn", object_name="player.said")
        self._problem = Strip("danger", object_name="player.problem")
        self._contents = QListWidget()
        self._contents.setFixedWidth(theme().px(_SIDE_PX))
        self._contents.setWordWrap(True)
        self._contents.setSpacing(SPACE_S // 2)
        self._contents.setFrameShape(QListWidget.Shape.NoFrame)
        name_widget(self._contents, phrase("recording.contents"), "player.contents")
        self._contents.itemActivated.connect(self._jump)
        self._contents.itemClicked.connect(self._jump)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.picture, 1)
        middle.addWidget(self._contents)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self._said, self._problem):
            column.addWidget(widget)
        column.addLayout(middle, 1)
        column.addLayout(self._controls())
        for key, do in (
            ("Space", presenter.toggle),
            ("Left", lambda: self._step(-_STEP_MS)),
            ("Right", lambda: self._step(_STEP_MS)),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(do)
        self._forget = [
            presenter.view.watch(self._show),
            presenter.frames.watch(self.picture.show_frame),
            presenter.cursor.watch(self.picture.show_cursor),
        ]

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        for forget in self._forget:
            forget()
        self._presenter.close()
        self.picture.close_frames()
        super().closeEvent(event)
        self.closed.emit()

    def _controls(self) -> QHBoxLayout:
        self._play = Button(phrase("recording.play"), "primary", "small", icon="play", object_name="player.play")
        self._play.clicked.connect(self._presenter.toggle)
        self._line = QSlider(Qt.Orientation.Horizontal)
        self._line.setPageStep(_STEP_MS)
        self._line.setSingleStep(1000)
        name_widget(self._line, phrase("recording.time_line"), "player.time")
        self._line.valueChanged.connect(self._presenter.seek)
        self._time = Label("", "small", tone="muted")
        speeds = [(str(each), phrase("recording.speed", times=f"{each:g}")) for each in SPEEDS]
        self._speed = Combo(speeds, height_px=32)
        self._speed.setFixedWidth(theme().px(96))
        name_widget(self._speed, phrase("recording.speed_name"), "player.speed")
        self._speed.set_value("1.0")
        self._speed.chosen.connect(self._choose_speed)
        row = QHBoxLayout()
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_M)
        row.addWidget(self._play)
        row.addWidget(self._line, 1)
        row.addWidget(self._time)
        row.addWidget(self._speed)
        return row

    def _choose_speed(self, value: str) -> None:
        self._presenter.set_speed(float(value))

    def _step(self, by_ms: int) -> None:
        self._presenter.seek(self._presenter.view.value.at_ms + by_ms)

    def _jump(self, item: QListWidgetItem) -> None:
        self._presenter.seek(self._chapters[self._contents.row(item)].at_ms)

    def _show(self, view: PlayerView) -> None:
        self._play.set_words(phrase("recording.rest" if view.playing else "recording.play"))
        self._play.set_icon("pause" if view.playing else "play")
        with QSignalBlocker(self._line):
            self._line.setMaximum(view.length_ms)
            self._line.setValue(view.at_ms)
        self._time.set_words(f"{timer(view.at_ms / 1000)} / {timer(view.length_ms / 1000)}")
        self._said.setVisible(view.whole in _STRIPS)
        if view.whole in _STRIPS:
            tone, key = _STRIPS[view.whole]
            self._said.say(phrase(key), tone="danger" if tone == "danger" else "warn", icon="warning")
        self._problem.setVisible(bool(view.fault or view.problem))
        if view.problem is not None:
            self._problem.say(view.problem)
        elif view.fault:
            self._problem.say(phrase(view.fault))
        if view.chapters != self._chapters:
            self._chapters = view.chapters
            self._contents.clear()
            self._contents.addItems([_words(each) for each in view.chapters])


def _words(chapter: ChapterSeen) -> str:
    return f"{timer(chapter.at_ms / 1000)}  {chapter_words(chapter)}"
