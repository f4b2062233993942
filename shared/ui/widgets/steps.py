"""Where a request stands: a thin bar for customers, dots with words for engineers."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from shared.strings import text
from shared.ui.icons import paint_icon
from shared.ui.theme import Theme, theme
from shared.ui.words import Words, render

_THIN_PX, _GAP_PX = 4, 4
_DOT_PX = 24


def paint_thin_steps(painter: QPainter, look: Theme, rect: QRectF, reached: int, count: int, waiting: bool) -> None:
    """Draw `count` cells, the first `reached` filled; the last of them in the warning colour while `waiting`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    width = (rect.width() - _GAP_PX * (count - 1)) / count
    for step in range(count):
        last = step == reached - 1
        painter.setBrush(look.colour("line" if step >= reached else "warn" if waiting and last else "accent"))
        painter.drawRoundedRect(QRectF(rect.left() + step * (width + _GAP_PX), rect.top(), width, rect.height()), 2, 2)


class ThinSteps(QWidget):
    """Cells of 4 px. Say the step in words beside it; screen readers get them from here too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reached, self._count, self._waiting = 0, 1, False
        self.setFixedHeight(_THIN_PX)
        theme().changed.connect(self.update)

    def set_step(self, reached: int, count: int, name: Words, *, waiting_for_you: bool = False) -> None:
        """Show `reached` of `count` steps; `name` is the present step's."""
        self._reached, self._count, self._waiting = reached, max(1, count), waiting_for_you
        self.setAccessibleName(text("common.step_of", step=reached, count=count, name=render(name)))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        paint_thin_steps(QPainter(self), theme(), QRectF(self.rect()), self._reached, self._count, self._waiting)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name and, where it was reached, what is said below it (a time)."""

    name: Words
    detail: Words = ""


class StepBar(QWidget):
    """Dots of 24 px joined by lines: done with a tick, the present one as a ring with its number, then outlines."""

    def __init__(self, steps: Sequence[Step] = (), current: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        self.set_steps(steps, current)

    def set_steps(self, steps: Sequence[Step], current: int) -> None:
        """Show `steps`; `current` counts from 0, and `len(steps)` means that all are done."""
        self._steps, self._current = tuple(steps), current
        self._restyle()

    @override
    def sizeHint(self) -> QSize:
        look = theme()
        words = sum(self._words_width(look, index) for index in range(len(self._steps)))
        gaps = max(0, len(self._steps) - 1) * 24
        return QSize(words + len(self._steps) * (look.px(_DOT_PX) + 8) + gaps, look.px(56))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(200, theme().px(56))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dot = look.px(_DOT_PX)
        widths = [dot + 8 + self._words_width(look, index) for index in range(len(self._steps))]
        spare = max(0, self.width() - sum(widths))
        gap = spare / max(1, len(widths) - 1)
        left = 0.0
        for index, width in enumerate(widths):
            self._paint_dot(painter, look, QRectF(left, (self.height() - dot) / 2, dot, dot), index)
            self._paint_words(painter, look, left + dot + 8, index)
            if index < len(widths) - 1 and gap > 16:
                painter.setPen(QPen(look.colour("accent" if index < self._current else "line"), 2))
                middle = self.height() / 2
                painter.drawLine(QPointF(left + width + 8, middle), QPointF(left + width + gap - 8, middle))
            left += width + gap

    def _words_width(self, look: Theme, index: int) -> int:
        step = self._steps[index]
        self.setFont(look.font("small", 500))
        return max(self.fontMetrics().horizontalAdvance(render(each)) for each in (step.name, step.detail))

    def _paint_dot(self, painter: QPainter, look: Theme, rect: QRectF, index: int) -> None:
        done, current = index < self._current, index == self._current
        painter.setPen(QPen(look.colour("accent" if done or current else "faint"), 2 if current else 1))
        painter.setBrush(look.colour("accent" if done else "accent_soft" if current else "surface"))
        painter.drawEllipse(rect.adjusted(1, 1, -1, -1))
        if done:
            paint_icon(painter, "check", rect.adjusted(6, 6, -6, -6), look.colour("on_accent").name())
            return
        painter.setFont(look.font("small", 600))
        painter.setPen(look.colour("accent_strong" if current else "muted"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(index + 1))

    def _paint_words(self, painter: QPainter, look: Theme, left: float, index: int) -> None:
        step, ink = self._steps[index], self._ink(look, index)
        line = look.px(16)
        detail = render(step.detail)
        top = self.height() / 2 - (line if detail else line / 2)
        painter.setFont(look.font("small", 500))
        painter.setPen(ink)
        painter.drawText(QRectF(left, top, 400, line), Qt.AlignmentFlag.AlignVCenter, render(step.name))
        painter.setFont(look.font("small"))
        painter.setPen(look.colour("muted"))
        painter.drawText(QRectF(left, top + line, 400, line), Qt.AlignmentFlag.AlignVCenter, detail)

    def _ink(self, look: Theme, index: int) -> QColor:
        return look.colour("text" if index < self._current else "accent" if index == self._current else "muted")

    def _restyle(self) -> None:
        self.setAccessibleName("; ".join(self._spoken(index) for index in range(len(self._steps))))
        self.updateGeometry()
        self.update()

    def _spoken(self, index: int) -> str:
        name = render(self._steps[index].name)
        if index == self._current:
            return text("common.step_current", name=name)
        return text("common.step_done" if index < self._current else "common.step_next", name=name)
