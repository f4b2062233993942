"""A few choices side by side, one chosen at most. Arrow keys move, Tab leaves."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget
from typing_extensions import override

from shared.ui.icons import paint_icon
from shared.ui.theme import RADIUS, RADIUS_SMALL, Theme, theme
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import Words, show_words

SegmentStyle = Literal["form", "dense"]
"""`form`: 40 px, tinted with a line below the chosen one; `dense`: 28 px, the chosen one outlined."""


class _Segment(QPushButton):
    def __init__(self, words: Words, icon: str | None, style: SegmentStyle, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon, self._style = icon, style
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ring_on_focus(self)
        show_words(self, self.setText, words)
        show_words(self, self.setAccessibleName, words)
        theme().changed.connect(self._restyle)
        self.toggled.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        look, form = theme(), self._style == "form"
        self.setFixedHeight(look.px(38 if form else 28))
        self.setFont(look.font("body" if form else "small", 600 if self.isChecked() else 500))
        widest = QFontMetrics(look.font("body" if form else "small", 600)).horizontalAdvance(self.text())
        self.setMinimumWidth(widest + (look.px(20) if self._icon else 0) + (16 if form else 24))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        (self._paint_form if self._style == "form" else self._paint_dense)(painter, look)
        on = self.isChecked()
        if not self.isEnabled():
            tone = "muted"
        elif self._style == "form":
            tone = "accent_strong" if on else "text"
        else:
            tone = "text" if on else "muted"
        self._paint_words(painter, look, look.colour(tone).name())

    def _paint_form(self, painter: QPainter, look: Theme) -> None:
        if self.isChecked():
            painter.fillRect(self.rect(), look.colour("accent_soft"))
            painter.fillRect(0, self.height() - 2, self.width(), 2, look.colour("accent"))
        elif self.underMouse() and self.isEnabled():
            painter.fillRect(self.rect(), look.colour("sunken"))

    def _paint_dense(self, painter: QPainter, look: Theme) -> None:
        if not self.isChecked():
            return
        painter.setPen(QPen(look.colour("faint"), 1))
        painter.setBrush(look.colour("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_SMALL, RADIUS_SMALL)

    def _paint_words(self, painter: QPainter, look: Theme, ink: str) -> None:
        painter.setFont(self.font())
        painter.setPen(ink)
        if self._icon is None:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
            return
        side = look.px(16)
        width = side + 4 + self.fontMetrics().horizontalAdvance(self.text())
        left = (self.width() - width) // 2
        paint_icon(painter, self._icon, QRectF(left, (self.height() - side) // 2, side, side), ink)
        words = self.rect().adjusted(left + side + 4, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())


class Segmented(QWidget):
    """Options are (value, words) or (value, words, icon). `chosen(str)` comes when a person chooses."""

    chosen = Signal(str)

    def __init__(
        self,
        name: Words,
        options: Sequence[tuple[str, Words] | tuple[str, Words, str]],
        *,
        style: SegmentStyle = "form",
        object_name: str = "",
    ) -> None:
        super().__init__()
        self._style: SegmentStyle = style
        self.setObjectName(object_name)
        show_words(self, self.setAccessibleName, name)
        if style == "dense":
            self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._values: list[str] = []
        row = QHBoxLayout(self)
        row.setSpacing(1 if style == "form" else 0)
        edge = 1 if style == "form" else 0
        row.setContentsMargins(edge, edge, edge, edge)
        for value, words, *icon in options:
            segment = _Segment(words, icon[0] if icon else None, style, self)
            segment.setObjectName(f"{object_name}.{value}" if object_name else "")
            self._group.addButton(segment, len(self._values))
            self._values.append(value)
            row.addWidget(segment, 1)
        self._group.idClicked.connect(self._choose)
        theme().changed.connect(self.update)

    def _choose(self, index: int) -> None:
        self.chosen.emit(self._values[index])

    def value(self) -> str:
        """The chosen value; empty when nothing is chosen."""
        index = self._group.checkedId()
        return self._values[index] if index >= 0 else ""

    def set_value(self, value: str) -> None:
        """Choose without `chosen`; an empty or unknown value chooses nothing."""
        if value in self._values:
            self._group.button(self._values.index(value)).setChecked(True)
            return
        self._group.setExclusive(False)
        for button in self._group.buttons():
            button.setChecked(False)
        self._group.setExclusive(True)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        form = self._style == "form"
        painter.setPen(QPen(look.colour("faint" if form else "line"), 1))
        painter.setBrush(look.colour("surface" if form else "sunken"))
        painter.drawRoundedRect(rect, RADIUS if form else RADIUS_SMALL, RADIUS if form else RADIUS_SMALL)
        if form:
            painter.setPen(QPen(look.colour("line"), 1))
            for button in self._group.buttons()[1:]:
                painter.drawLine(button.x() - 1, 1, button.x() - 1, self.height() - 2)
