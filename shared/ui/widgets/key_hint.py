"""A key's name in a small outlined box."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from shared.ui.theme import RADIUS_SMALL, Tone, theme
from shared.ui.words import Words, show_words


class KeyHint(QWidget):
    """16 px high. Decoration: the control it belongs to names its key to screen readers by its shortcut."""

    def __init__(self, words: Words, *, tone: Tone = "muted", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._tone: Tone = tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme().changed.connect(self._restyle)
        show_words(self, self._show, words)

    def set_tone(self, tone: Tone) -> None:
        """Paint it in another colour, as the button that it lies on needs."""
        self._tone = tone
        self.update()

    @override
    def sizeHint(self) -> QSize:
        look = theme()
        self.setFont(look.font("small"))
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 10, look.px(18))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("faint" if self._tone == "muted" else self._tone), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_SMALL, RADIUS_SMALL)
        painter.setPen(look.colour(self._tone))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)

    def _show(self, words: str) -> None:
        self._text = words
        self._restyle()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
