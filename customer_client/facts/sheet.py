"""The look before it is sent: a window in front, part by part with its lines, "Do not send" under the fingers."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.consent.presenter import DEAF_MS
from customer_client.desk.words import name_of, tone_of
from customer_client.facts.presenter import FactsPresenter, FactsView
from customer_client.parts.deaf import Deaf
from customer_client.parts.page import emptied
from customer_client.parts.remark import Remark
from shared.control.facts import Section, SectionName
from shared.protocol.types import PersonRef
from shared.strings import phrase, text
from shared.ui.facts.lines import FactLines, section_words
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, theme
from shared.ui.widgets import Avatar, Button, Card, Label, PageBody, Switch
from shared.ui.words import show_words

_WIDTH_PX: Final = 560
_HEIGHT_PX: Final = 640
_KEY_PX: Final = 168


class FactsSheet(QDialog):
    """Shows itself when there is something to look at. Enter, Esc, the close box: not sent."""

    def __init__(self, presenter: FactsPresenter) -> None:
        super().__init__(None, Qt.WindowType.Dialog | Qt.WindowType.WindowStaysOnTopHint)
        self._presenter = presenter
        self._snapshot = ""
        self._parts: dict[SectionName, _Part] = {}
        self.deaf = Deaf(self, DEAF_MS)
        self.setObjectName("facts")
        self.setModal(False)
        show_words(self, self.setWindowTitle, phrase("facts.window"))
        self._body = PageBody(edge=SPACE_XL, spacing=SPACE_M)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_head())
        column.addWidget(self._body, 1)
        column.addWidget(self._build_foot())
        self.setTabOrder(self._send, self._keep)
        presenter.view.watch(self._show)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._presenter.keep()
        else:
            super().keyPressEvent(event)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self._presenter.keep()

    def _build_head(self) -> QWidget:
        head = _bar("bottom")
        self._avatar = Avatar("", "tier1", 48)
        self._title = Label("", "title", weight=600, wrap=True)
        self._words = Label("", "body", tone="muted", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(SPACE_S)
        words.addWidget(self._title)
        words.addWidget(self._words)
        row = QHBoxLayout(head)
        row.setContentsMargins(SPACE_XL, SPACE_L, SPACE_XL, SPACE_L)
        row.setSpacing(SPACE_L)
        row.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return head

    def _build_foot(self) -> QWidget:
        foot = _bar("top")
        self._send = Button(phrase("facts.send"), "outline", object_name="facts.send")
        self._send.clicked.connect(self._presenter.send)
        self._keep = Button(phrase("facts.keep"), "primary", object_name="facts.keep")
        self._keep.clicked.connect(self._presenter.keep)
        self._keep.setMinimumWidth(128)
        row = QHBoxLayout(foot)
        row.setContentsMargins(SPACE_XL, SPACE_L, SPACE_XL, SPACE_L)
        row.setSpacing(SPACE_L)
        row.addStretch(1)
        row.addWidget(self._send)
        row.addWidget(self._keep)
        return foot

    def _show(self, view: FactsView) -> None:
        if view.agent is None:
            self._snapshot = ""
            self.deaf.end()
            self.hide()
            return
        snapshot = f"{view.agent.id}/{view.snapshot}"
        fresh, self._snapshot = snapshot != self._snapshot, snapshot
        if fresh:
            self._build(view, view.agent)
        for name, part in self._parts.items():
            part.show_on(name not in view.off)
        count = len(view.chosen)
        self._send.set_words(phrase("facts.send_count", count=count) if count > 1 else phrase("facts.send"))
        self._send.setEnabled(count > 0)
        show_words(self._send, self._send.setToolTip, "" if count else phrase("facts.send_why_not"))
        if fresh:
            self._come()

    def _build(self, view: FactsView, agent: PersonRef) -> None:
        self._avatar.set_person(agent.name, tone_of(agent))
        self._title.set_words(lambda: text("facts.look", who=name_of(agent)()))
        self._words.set_words(lambda: text("facts.look_words", who=name_of(agent)()))
        emptied(self._body.box)
        self._parts = {section.name: _Part(section, self._presenter) for section in view.sections}
        for part in self._parts.values():
            self._body.box.addWidget(part)
        self._body.box.addWidget(Remark("eye-off", phrase("facts.never")))
        self._body.box.addStretch(1)

    def _come(self) -> None:
        """In front, with the safe answer focused, deaf for a moment."""
        self.deaf.begin()
        area, look = self.screen().availableGeometry(), theme()
        self.resize(min(look.px(_WIDTH_PX), area.width()), min(look.px(_HEIGHT_PX), area.height()))
        self.move(area.center() - self.rect().center())
        self.show()
        self.raise_()
        self.activateWindow()
        self._keep.setFocus(Qt.FocusReason.OtherFocusReason)


class _Part(Card):
    """What belongs together, with its switch."""

    def __init__(self, section: Section, presenter: FactsPresenter) -> None:
        super().__init__("plain", pad=SPACE_M, spacing=SPACE_S)
        self._name: SectionName = section.name
        self._presenter = presenter
        words = section_words(section)
        self._off = Label(phrase("facts.part_off"), "small", tone="muted")
        self._switch = Switch(lambda: text("facts.part", what=words()), object_name=f"facts.switch.{section.name}")
        self._switch.clicked.connect(self._turn)
        self._lines = FactLines(section, key_px=theme().px(_KEY_PX))
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(Label(words, "body", weight=600), 1)
        head.addWidget(self._off)
        head.addWidget(self._switch)
        self.box.addLayout(head)
        self.box.addWidget(self._lines)

    def show_on(self, on: bool) -> None:
        """Whether it would be sent."""
        self._switch.setChecked(on)
        self._off.setVisible(not on)
        self._lines.set_faint(not on)

    def _turn(self, on: bool) -> None:
        self._presenter.switch(self._name, on)


def _bar(edge: str) -> QWidget:
    made = QWidget()
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    made.setProperty("fill", "surface")
    made.setProperty("edge", edge)
    return made
