"""A tick box with words: 18 px, filled when ticked."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget
from typing_extensions import override

from shared.ui.icons import paint_icon
from shared.ui.theme import RADIUS_SMALL, theme
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import Words, show_words

_BOX_PX = 18
_GAP_PX = 8


class CheckBox(QCheckBox):
    """`toggled(bool)` as any check box."""

    def __init__(
        self, words: Words, *, checked: bool = False, object_name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setChecked(checked)
        show_words(self, self._show, words)
        ring_on_focus(self, RADIUS_SMALL)
        theme().changed.connect(self._restyle)
        self._restyle()

    @override
    def sizeHint(self) -> QSize:
        look = theme()
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(look.px(_BOX_PX) + _GAP_PX + words + 2, max(look.px(24), self.fontMetrics().height()))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter, on = theme(), QPainter(self), self.isChecked()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = look.px(_BOX_PX)
        box = QRectF(0.5, (self.height() - side) / 2 + 0.5, side - 1, side - 1)
        enabled = self.isEnabled()
        painter.setPen(QPen(look.colour("accent" if on and enabled else "faint"), 1))
        painter.setBrush(look.colour(("accent" if on else "surface") if enabled else "sunken"))
        painter.drawRoundedRect(box, RADIUS_SMALL, RADIUS_SMALL)
        if on:
            paint_icon(painter, "check", box.adjusted(2, 2, -2, -2), look.colour("on_accent").name())
        painter.setPen(look.colour("text" if enabled else "muted"))
        words = self.rect().adjusted(side + _GAP_PX, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def _show(self, words: str) -> None:
        self.setText(words)
        self.setAccessibleName(words)
        self.updateGeometry()

    def _restyle(self) -> None:
        self.setFont(theme().font("body"))
        self.updateGeometry()
        self.update()
