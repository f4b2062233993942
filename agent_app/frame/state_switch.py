"""This agent's state: a button with a menu, and the time in that state."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QToolButton
from typing_extensions import override

from agent_app.frame.presenter import BREAK_REASONS
from shared.protocol.messages.organisation import AgentStateView
from shared.strings import phrase, text, timer
from shared.ui.icons import paint_icon
from shared.ui.theme import Tone, theme
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import show_words

_LOOKS: Final[dict[str, tuple[str, Tone]]] = {
    "available": ("check-circle", "ok"),
    "busy": ("slash", "danger"),
    "break": ("pause-circle", "warn"),
    "offline": ("x-circle", "muted"),
    "unknown": ("help", "muted"),
}


class StateSwitch(QToolButton):
    """`asked(state, reason, now)` when the person chooses. The timer counts the time in the state."""

    asked = Signal(str, str, bool)

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self._state = AgentStateView(state="offline", since_ms=0)
        self._known = True
        self.setObjectName("state-switch")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        ring_on_focus(self)
        self._menu = QMenu(self)
        self._menu.setObjectName("state-menu")
        show_words(self._menu, self._menu.setAccessibleName, phrase("frame.state_menu"))
        show_words(self, self.setToolTip, phrase("frame.state_tip"))
        self.clicked.connect(self.open_menu)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_state(self, state: AgentStateView, known: bool, waiting: bool) -> None:
        """`known` is False while the connection is lost; `waiting` while a change is under way."""
        self._state, self._known = state, known
        self.setEnabled(known and not waiting)
        self._restyle()

    def tick(self) -> None:
        """A second has passed."""
        self.update()

    def open_menu(self) -> None:
        """Show what the state may become."""
        self._menu.clear()
        self._put("available", "", "frame.state_available")
        self._put("busy", "", "frame.state_busy")
        for reason in BREAK_REASONS:
            self._put("break", reason, f"frame.break_{reason}")
        self._put("offline", "", "frame.state_offline")
        if self._state.used_units and self._state.after:
            self._menu.addSeparator()
            words = text("frame.state_now", state=text(f"frame.state_{self._state.after}"))
            action = self._menu.addAction(words)
            action.triggered.connect(lambda: self.asked.emit(self._state.after, "", True))
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))

    @override
    def sizeHint(self) -> QSize:
        look = theme()
        words = self.fontMetrics().horizontalAdvance(self._words())
        clock = look.px(84)
        return QSize(words + look.px(12 + 20 + 8 + 24 + 12) + clock, look.px(32))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("faint"), 1))
        painter.setBrush(look.colour("sunken" if self.underMouse() else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        icon, tone = _LOOKS[self._state.state if self._known else "unknown"]
        side, middle = look.px(16), self.height() / 2
        paint_icon(painter, icon, QRectF(8, middle - side / 2, side, side), look.colour(tone).name())
        split = self.width() - look.px(84)
        painter.setFont(self.font())
        painter.setPen(look.colour("text" if self._known else "muted"))
        words = QRectF(8 + side + 8, 0, split - side - 16, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._words())
        arrow = look.px(14)
        paint_icon(
            painter, "chevron-down", QRectF(split - arrow - 8, middle - arrow / 2, arrow, arrow), look.tokens.muted
        )
        painter.setPen(look.colour("line"))
        painter.drawLine(split, 1, split, self.height() - 2)
        paint_icon(painter, "clock", QRectF(split + 8, middle - arrow / 2, arrow, arrow), look.tokens.muted)
        painter.setFont(look.font("small"))
        painter.setPen(look.colour("muted"))
        rest = QRectF(split + 8 + arrow + 6, 0, look.px(60), self.height())
        since_s = (self._now() - self._state.since_ms) / 1000 if self._state.since_ms else 0
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, timer(since_s))

    def _put(self, state: str, reason: str, key: str) -> QAction:
        action = self._menu.addAction(text(key))
        action.setCheckable(True)
        action.setChecked(self._state.state == state and (not reason or reason == self._state.reason))
        action.triggered.connect(lambda: self.asked.emit(state, reason, False))
        return action

    def _words(self) -> str:
        if not self._known:
            return text("frame.state_unknown")
        words = self._reason() or text(f"frame.state_{self._state.state}")
        if self._state.after:
            words += ", " + text("frame.state_after", state=text(f"frame.state_{self._state.after}"))
        return words

    def _reason(self) -> str:
        state, reason = self._state.state, self._state.reason
        if state == "break" and reason in BREAK_REASONS:
            return text(f"frame.break_{reason}")
        return text("frame.break_missed_offer") if reason == "missed_offer" else ""

    def _restyle(self) -> None:
        self.setFont(theme().font("body", 600))
        self.setFixedHeight(theme().px(32))
        self.setAccessibleName(text("frame.state_name", state=self._words()))
        self.updateGeometry()
        self.update()
