"""Words that shorten with an ellipsis; the tooltip has all of them when they are cut."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from shared.ui.theme import LINE_HEIGHT_PX, Tone, TypeRole, theme
from shared.ui.words import Words, show_words


class ElidedLabel(QWidget):
    """One line in one of the type roles; takes what room there is."""

    def __init__(
        self,
        words: Words = "",
        role: TypeRole = "body",
        *,
        tone: Tone = "text",
        weight: int = 400,
        align_right: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._role: TypeRole = role
        self._tone: Tone = tone
        self._weight, self._right = weight, align_right
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.set_words(words)

    def set_words(self, words: Words) -> None:
        """Show other words."""
        show_words(self, self._show, words)

    def set_tone(self, tone: Tone) -> None:
        """Show the words in another colour."""
        self._tone = tone
        self.update()

    def set_weight(self, weight: int) -> None:
        """Show the words in another weight."""
        self._weight = weight
        self._restyle()

    def text(self) -> str:
        """All the words, cut or not."""
        return self._text

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 1, theme().px(LINE_HEIGHT_PX[self._role]))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(24, theme().px(LINE_HEIGHT_PX[self._role]))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._follow_width()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme().colour(self._tone))
        side = Qt.AlignmentFlag.AlignRight if self._right else Qt.AlignmentFlag.AlignLeft
        shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), side | Qt.AlignmentFlag.AlignVCenter, shown)

    def _show(self, words: str) -> None:
        self._text = words
        self.setAccessibleName(words)
        self.updateGeometry()
        self._follow_width()
        self.update()

    def _follow_width(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self._text) > self.width()
        self.setToolTip(self._text if cut else "")

    def _restyle(self) -> None:
        self.setFont(theme().font(self._role, self._weight))
        self.updateGeometry()
        self.update()
