"""A strip of news across a window: notice, warning, good news, priority, trouble; with one action at most."""

from html import escape
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from shared.strings import phrase
from shared.ui.theme import RADIUS, Tone, theme
from shared.ui.widgets.button import Button
from shared.ui.widgets.icon_button import IconButton
from shared.ui.widgets.icon_mark import IconMark
from shared.ui.words import Words, render

StripTone = Literal["notice", "warn", "ok", "vip", "danger", "note", "quiet"]

_FILL: dict[StripTone, Tone] = {
    "notice": "info_soft",
    "warn": "warn_soft",
    "ok": "ok_soft",
    "vip": "vip_soft",
    "danger": "danger_soft",
    "note": "note_soft",
    "quiet": "sunken",
}
_INK: dict[StripTone, Tone] = {
    "notice": "info",
    "warn": "warn",
    "ok": "ok",
    "vip": "vip",
    "danger": "danger",
    "note": "note",
    "quiet": "muted",
}
_ICON: dict[StripTone, str] = {
    "notice": "info",
    "warn": "warning",
    "ok": "check",
    "vip": "star",
    "danger": "alert-circle",
    "note": "lock",
    "quiet": "info",
}


class Strip(QFrame):
    """`lead` is bold and comes first. `acted` comes from the action, `dismissed` from the cross (which hides nothing).

    Screen readers get lead and words as the strip's name. `rounded` for strips that lie inside a page.
    """

    acted = Signal()
    dismissed = Signal()

    def __init__(
        self,
        tone: StripTone,
        words: Words = "",
        *,
        lead: Words = "",
        icon: str | None = None,
        action: Words | None = None,
        closable: bool = False,
        rounded: bool = False,
        object_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tone: StripTone = tone
        self._lead, self._words = lead, words
        self._icon, self._rounded = icon, rounded
        self.setObjectName(object_name)
        self._mark = IconMark(icon or _ICON[tone], 16, _INK[tone])
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._label, 1)
        self._action = Button(action or "", "link", "small", object_name=f"{object_name}.action" if object_name else "")
        self._action.setVisible(action is not None)
        self._action.clicked.connect(self.acted)
        row.addWidget(self._action)
        if closable:
            cross = IconButton("x", phrase("common.dismiss"), side_px=24, icon_px=16)
            cross.clicked.connect(self.dismissed)
            row.addWidget(cross)
        theme().language_changed.connect(self._show)
        theme().changed.connect(self._restyle)
        self._restyle()
        self._show()

    def say(
        self,
        words: Words,
        *,
        lead: Words = "",
        tone: StripTone | None = None,
        icon: str | None = None,
        action: Words | None = None,
    ) -> None:
        """Show other news; without `action` there is none."""
        self._lead, self._words = lead, words
        self._tone = tone or self._tone
        self._icon = icon
        self._mark.set_icon(icon or _ICON[self._tone], _INK[self._tone])
        self._action.setVisible(action is not None)
        if action is not None:
            self._action.set_words(action)
        self._restyle()
        self._show()

    def _show(self) -> None:
        lead, words = render(self._lead), render(self._words)
        bold = f"<span style='font-weight:600'>{escape(lead)}</span> " if lead else ""
        self._label.setText(bold + escape(words))
        self.setAccessibleName(f"{lead} {words}".strip())

    def _restyle(self) -> None:
        look = theme()
        self._label.setFont(look.font("small"))
        self.setMinimumHeight(look.px(36))
        radius = RADIUS if self._rounded else 0
        fill = look.colour(_FILL[self._tone]).name()
        self.setStyleSheet(f"Strip {{ background: {fill}; border: none; border-radius: {radius}px; }}")
