"""A QR code, dark on white whatever the theme, since cameras read nothing else surely."""

import segno
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from shared.ui.theme import theme
from shared.ui.words import Words, show_words

_QUIET = 4
"""Modules of white around it, as ISO/IEC 18004 asks."""


class QrPicture(QWidget):
    """`words` say to screen readers what it holds in text elsewhere."""

    def __init__(self, words: Words, side_px: int = 208) -> None:
        super().__init__()
        self._rows: tuple[bytes, ...] = ()
        self._side_px = side_px
        show_words(self, self.setAccessibleName, words)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def set_content(self, content: str) -> None:
        """Show this; nothing for an empty text."""
        made = segno.make(content, error="m", micro=False).matrix if content else ()
        self._rows = tuple(bytes(row) for row in made)
        self.update()

    @property
    def rows(self) -> tuple[bytes, ...]:
        """The modules, 1 is dark."""
        return self._rows

    @override
    def sizeHint(self) -> QSize:
        side = theme().px(self._side_px)
        return QSize(side, side)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        if not self._rows:
            return
        ratio = self.devicePixelRatioF()
        module = max(1, int(self.width() * ratio / (len(self._rows) + 2 * _QUIET))) / ratio
        edge = (self.width() - module * len(self._rows)) / 2
        edge = int(edge * ratio) / ratio
        for y, row in enumerate(self._rows):
            for x, dark in enumerate(row):
                if dark:
                    painter.fillRect(QRectF(edge + x * module, edge + y * module, module, module), Qt.GlobalColor.black)
