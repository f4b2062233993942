"""System information over the picture, at the left, and its tool."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.parts.tile_button import TileButton
from agent_app.remote.facts import FactsPresenter, FactsView
from shared.control.facts import Section
from shared.strings import clock, phrase, text
from shared.ui.facts.lines import FactLines, as_text, section_words
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, Card, IconButton, Label, Rule

_WIDTH_PX = 352
_KEY_PX = 128
_LIST_PX = 360


class FactsPanel(Card):
    """Shown by the tool, and by itself when something is asked for or comes. `resized`: the window places it anew."""

    resized = Signal()

    def __init__(self, presenter: FactsPresenter, ask: Callable[[], None], parent: QWidget | None) -> None:
        super().__init__("floating", pad=0, parent=parent)
        self._presenter, self._ask = presenter, ask
        self._shown: tuple[Section, ...] = ()
        self.setObjectName("remote.facts-panel")
        self.setFixedWidth(theme().px(_WIDTH_PX))
        self.tool = TileButton("gauge", phrase("facts.tool"), checkable=True, object_name="remote.facts")
        self.tool.clicked.connect(self._press)
        self._state = Label("", "small", tone="muted", wrap=True)
        self._state.setObjectName("remote.facts-state")
        self._again = Button(phrase("facts.again"), "ghost", "tiny", icon="refresh", object_name="remote.facts-again")
        self._copy = Button(phrase("facts.copy"), "ghost", "tiny", icon="copy", object_name="remote.facts-copy")
        self._note = Button(phrase("facts.note"), "ghost", "tiny", icon="document", object_name="remote.facts-note")
        self._again.clicked.connect(self._look_again)
        self._copy.clicked.connect(self._put_away)
        self._note.clicked.connect(lambda: presenter.add_note(self._words()))
        self._list = QScrollArea()
        self._list.setWidgetResizable(True)
        self._list.setFrameShape(QScrollArea.Shape.NoFrame)
        self._lay_out()
        self.hide()
        self._forget = presenter.view.watch(self._show)

    def stop(self) -> None:
        """The window goes."""
        self._forget()
        self._presenter.close()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.width(), self.box.totalHeightForWidth(self.width()))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_M, 4, 4, 4)
        fold = IconButton("minus", phrase("facts.fold"), side_px=24, icon_px=16, object_name="remote.facts-fold")
        fold.clicked.connect(lambda: self._unfold(False))
        head.addWidget(Label(phrase("facts.title"), "body", weight=600), 1)
        head.addWidget(fold)
        self._state.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACE_S, 4, SPACE_S, 4)
        foot.setSpacing(4)
        for button in (self._again, self._copy, self._note):
            foot.addWidget(button)
        foot.addStretch(1)
        self.box.addLayout(head)
        self.box.addWidget(Rule())
        self.box.addWidget(self._state)
        self.box.addWidget(self._list, 1)
        self.box.addWidget(Rule())
        self.box.addLayout(foot)

    def _press(self) -> None:
        view = self._presenter.view.value
        self._unfold(self.tool.isChecked() and (view.stand == "granted" or bool(view.sections)))
        if view.stand == "none" and view.live and not (view.sections and self.isVisible()):
            self._ask()

    def _look_again(self) -> None:
        if self._presenter.view.value.stand == "granted":
            self._presenter.look()
        else:
            self._ask()

    def _unfold(self, shown: bool) -> None:
        self.tool.setChecked(shown)
        self.setVisible(shown)
        self.resized.emit()

    def _words(self) -> str:
        view = self._presenter.view.value
        title = text("facts.note_title", name=view.name, time=_clock(view.at_ms))
        return f"{title}\n{as_text(view.sections)}"

    def _put_away(self) -> None:
        QGuiApplication.clipboard().setText(self._words())
        self._copy.set_words(phrase("facts.copied"))

    def _show(self, view: FactsView) -> None:
        self.tool.setEnabled(bool(view.sections) or (view.live and view.stand != "asked"))
        tip = {"granted": "facts.tool_tip", "asked": "facts.asked_tip", "none": "facts.ask_tip"}[view.stand]
        self.tool.explain(phrase("facts.tool_tip" if view.sections else tip))
        self._say_state(view)
        self._again.setEnabled(view.live and view.stand != "asked" and not view.waiting)
        self._copy.setEnabled(bool(view.sections))
        self._note.setEnabled(bool(view.sections) and view.note == "")
        self._note.set_words(phrase({"": "facts.note", "sending": "facts.noting", "done": "facts.noted"}[view.note]))
        if view.sections != self._shown:
            self._shown = view.sections
            self._copy.set_words(phrase("facts.copy"))
            self._fill(view.sections)
        self._list.setVisible(bool(view.sections))
        if view.waiting or (view.held is not None and not self.isVisible()):
            self._unfold(True)
        self.resized.emit()

    def _say_state(self, view: FactsView) -> None:
        if view.failed is not None:
            self._state.set_words(view.failed)
        elif view.waiting:
            self._state.set_words(phrase("facts.waiting"))
        elif view.held is not None:
            self._state.set_words(phrase(f"facts.{view.held}"))
        elif view.sections:
            self._state.set_words(phrase("facts.came", time=_clock(view.at_ms)))
        else:
            self._state.set_words(phrase("facts.none"))

    def _fill(self, sections: tuple[Section, ...]) -> None:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_M)
        column.setSpacing(SPACE_S)
        for section in sections:
            column.addWidget(Label(section_words(section), "small", weight=600))
            column.addWidget(FactLines(section, key_px=theme().px(_KEY_PX)))
        column.addStretch(1)
        self._list.setWidget(made)
        self._list.setMinimumHeight(min(theme().px(_LIST_PX), column.totalHeightForWidth(self.width() - 24)))


def _clock(at_ms: int) -> str:
    return clock(datetime.fromtimestamp(at_ms / 1000).astimezone())
