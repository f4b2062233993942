"""Small words on a tint: states, priorities, and the tag that marks sample data."""

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from shared.strings import phrase
from shared.ui.icons import paint_icon
from shared.ui.theme import RADIUS_SMALL, Tone, theme
from shared.ui.words import Words, render, show_words

ChipTone = Literal["neutral", "accent", "info", "ok", "warn", "danger", "note", "vip", "outline", "quiet"]

_FILL: dict[ChipTone, Tone] = {
    "neutral": "sunken",
    "quiet": "sunken",
    "accent": "accent_soft",
    "info": "info_soft",
    "ok": "ok_soft",
    "warn": "warn_soft",
    "danger": "danger_soft",
    "note": "note_soft",
    "vip": "vip_soft",
    "outline": "surface",
}
# Words in `ok` on `ok_soft` are below 4.5:1, so there only the icon has the colour.
_INK: dict[ChipTone, Tone] = {
    "neutral": "text",
    "quiet": "muted",
    "accent": "accent_strong",
    "info": "info",
    "ok": "text",
    "warn": "warn",
    "danger": "danger",
    "note": "note",
    "vip": "vip",
    "outline": "text",
}


class Chip(QWidget):
    """20 px high, with an icon of 12 px where given."""

    def __init__(
        self,
        words: Words,
        tone: ChipTone = "neutral",
        *,
        icon: str | None = None,
        weight: int = 500,
        pad_px: int = 6,
        height_px: int = 20,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._tone: ChipTone = tone
        self._icon = icon
        self._weight, self._pad, self._height = weight, pad_px, height_px
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        show_words(self, self._show, words)

    def set_words(self, words: Words) -> None:
        """Show other words."""
        show_words(self, self._show, words)

    def set_tone(self, tone: ChipTone, icon: str | None = None) -> None:
        """Show another tint and icon."""
        self._tone, self._icon = tone, icon
        self._restyle()

    @override
    def sizeHint(self) -> QSize:
        look = theme()
        self.setFont(look.font("small", self._weight))
        icon = look.px(12) + 4 if self._icon else 0
        words = self.fontMetrics().horizontalAdvance(self._text)
        return QSize(words + icon + 2 * self._pad, look.px(self._height))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outlined = self._tone == "outline"
        painter.setPen(look.colour("line") if outlined else Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(_FILL[self._tone]))
        edge = 0.5 if outlined else 0
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), RADIUS_SMALL, RADIUS_SMALL)
        left = self._pad
        if self._icon:
            side = look.px(12)
            tone: Tone = "ok" if self._tone == "ok" else _INK[self._tone]
            rect = QRectF(left, (self.height() - side) / 2, side, side)
            paint_icon(painter, self._icon, rect, look.colour(tone).name())
            left += side + 4
        painter.setPen(look.colour(_INK[self._tone]))
        words = self.rect().adjusted(left, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)

    def _show(self, words: str) -> None:
        self._text = words
        self.setAccessibleName(words)
        self._restyle()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


class SampleTag(Chip):
    """Says that what is shown is invented."""

    def __init__(self) -> None:
        super().__init__(phrase("common.sample"), "quiet", weight=400, pad_px=4, height_px=16)
        self.setObjectName("sample-tag")


def vip_chip(words: Words) -> Chip:
    """The star chip of a customer with priority."""
    return Chip(words if render(words) else phrase("common.vip"), "vip", icon="star")
