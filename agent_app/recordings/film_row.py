"""A film in the making: how far it is, where it goes, and how it ended."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.recordings.film import FilmPresenter, FilmView
from shared.strings import phrase
from shared.ui.theme import SPACE_S
from shared.ui.widgets import IconButton, Label, ProgressLine


class FilmRow(QWidget):
    """`left` once it is to go: given up, or its end was read."""

    left = Signal()

    def __init__(self, presenter: FilmPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.setObjectName("recording.film")
        self._said = Label("", "small", weight=500, wrap=True)
        self._said.setObjectName("recording.film_said")
        self._line = ProgressLine()
        self._leave = IconButton("x", "", side_px=24, icon_px=16, object_name="recording.film_leave")
        self._leave.clicked.connect(self._go)
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(self._said, 1)
        head.addWidget(self._leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, SPACE_S)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._line)
        self._forget = presenter.view.watch(self._show)

    def _go(self) -> None:
        self._forget()
        self._presenter.close()
        self.left.emit()

    def _show(self, view: FilmView) -> None:
        percent = round(view.share * 100)
        self._line.show_percent(percent, view.state == "done")
        self._line.setVisible(view.state != "failed")
        self._leave.set_words(phrase("recording.film_close" if view.over else "recording.film_cancel"))
        self._said.set_tone("danger" if view.state == "failed" else "text")
        if view.problem is not None:
            self._said.set_words(view.problem)
        elif view.fault:
            self._said.set_words(phrase(view.fault))
        elif view.state == "done":
            key = "recording.film_done" if view.whole == "whole" else "recording.film_done_cut"
            self._said.set_words(phrase(key, path=str(view.path)))
        else:
            self._said.set_words(phrase("recording.film_writes", percent=percent))
