"""What the frame says across the top: connection lost, not available, something failed."""

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from agent_app.frame.presenter import FramePresenter, FrameView
from shared.strings import phrase, timer
from shared.ui.widgets import Strip


class FrameStrips(QWidget):
    """Only what is true now is shown."""

    def __init__(self, presenter: FramePresenter, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self._view = presenter.view.value
        self._lost = Strip("danger", icon="wifi-off", action=phrase("frame.lost_try"), object_name="frame.lost")
        self._away = Strip("notice", action=phrase("frame.go_available_action"), object_name="frame.away")
        self._problem = Strip("danger", closable=True, object_name="frame.problem")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for strip in (self._lost, self._away, self._problem):
            strip.hide()
            column.addWidget(strip)
        self._lost.acted.connect(presenter.try_now)
        self._away.acted.connect(lambda: presenter.set_state("available"))
        self._problem.dismissed.connect(presenter.dismiss_problem)

    def show_view(self, view: FrameView) -> None:
        """The present state."""
        self._view = view
        self._show_lost()
        missed = view.state.state == "break" and view.state.reason == "missed_offer"
        away = view.link.phase == "ready" and bool(view.name) and (view.state.state == "offline" or missed)
        self._away.setVisible(away)
        if away:
            key = "missed" if missed else "go_available"
            self._away.say(
                phrase(f"frame.{key}"),
                lead=phrase(f"frame.{key}_lead"),
                tone="warn" if missed else "notice",
                action=phrase("frame.go_available_action"),
            )
        self._problem.setVisible(view.problem is not None)
        if view.problem is not None:
            self._problem.say(view.problem)

    def tick(self) -> None:
        """A second has passed."""
        self._show_lost()

    def _show_lost(self) -> None:
        link = self._view.link
        lost = link.phase != "ready" and link.since_ms > 0
        self._lost.setVisible(lost)
        if not lost:
            return
        away = timer((self._now() - link.since_ms) / 1000)
        next_s = max(0, -(-(link.next_try_ms - self._now()) // 1000)) if link.phase == "waiting" else 0
        if next_s:
            words = phrase("frame.lost_next", seconds=next_s, attempt=link.attempt + 1)
        else:
            words = phrase("frame.lost_trying", attempt=link.attempt + 1)
        lead = phrase("frame.lost_lead", time=away)
        self._lost.say(words, lead=lead, icon="wifi-off", action=phrase("frame.lost_try"))
