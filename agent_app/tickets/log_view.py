"""The step log of a ticket: append-only, newest at the top."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.desk.moments import moment
from agent_app.tickets.steps import Step
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_XS
from shared.ui.widgets import IconMark, Label, PageBody


class LogView(PageBody):
    """Steps only ever come on top; those that are shown stay as they are."""

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__(edge=SPACE_L, spacing=SPACE_M)
        self._now = now
        self._shown: tuple[Step, ...] = ()
        self.box.addStretch(1)

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Show these; another ticket's replace what was there."""
        steps = tuple(steps)
        if steps[: len(self._shown)] != self._shown:
            self._clear()
        for step in steps[len(self._shown) :]:
            self.box.insertWidget(0, _StepLine(step, self._now()))
        self._shown = steps

    def _clear(self) -> None:
        while self.box.count() > 1:
            item = self.box.takeAt(0)
            if item is not None and (widget := item.widget()):
                widget.hide()
                widget.deleteLater()
        self._shown = ()


class _StepLine(QWidget):
    def __init__(self, step: Step, now_ms: int) -> None:
        super().__init__()
        self.setObjectName("ticket.step")
        words = Label(step.words, "body", weight=500, wrap=True)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(words)
        if step.by:
            column.addWidget(Label(step.by, "small", tone="muted"))
        if step.note:
            column.addSpacing(SPACE_XS)
            column.addWidget(Label(step.note, "small", wrap=True, selectable=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_M)
        row.addWidget(IconMark(step.icon, 16, "accent"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        time = Label(moment(step.at_ms, now_ms), "small", tone="muted")
        row.addWidget(time, 0, Qt.AlignmentFlag.AlignTop)
