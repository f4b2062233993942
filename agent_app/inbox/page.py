"""The inbox page: list, conversation, context; the context is a drawer where the window is narrow."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.inbox.list_view import InboxColumn
from agent_app.inbox.presenter import InboxPresenter, InboxView
from shared.strings import phrase
from shared.ui.widgets import EmptyState

_DRAWER_BELOW_PX = 1130
"""The page is narrower than this where the window is narrower than 1200."""


class InboxPage(QWidget):
    """`middle` and `context` are given by the app, which joins rooms."""

    def __init__(self, presenter: InboxPresenter, column: InboxColumn, middle: QWidget, context: QWidget) -> None:
        super().__init__()
        self._presenter = presenter
        self._context = context
        self._chosen: bool | None = None
        self._middle = QStackedWidget()
        self.nothing = EmptyState(
            "inbox",
            phrase("inbox.empty_title"),
            phrase("inbox.empty_not_available"),
            action=phrase("inbox.look_at_queue"),
            action_icon="list",
            object_name="inbox.empty",
        )
        pick = EmptyState("chats", phrase("inbox.pick_title"), phrase("inbox.pick_text"))
        for widget in (middle, pick, self.nothing):
            self._middle.addWidget(widget)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        for widget in (column, self._middle, context):
            self.splitter.addWidget(widget)
        self.splitter.setStretchFactor(1, 1)
        column.setMinimumWidth(240)
        context.setMinimumWidth(240)
        self._middle.setMinimumWidth(420)
        self.splitter.setSizes([288, 640, 280])
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.splitter)
        for keys, step in (("Alt+Down", 1), ("Alt+Up", -1)):
            QShortcut(QKeySequence(keys), self).activated.connect(self._stepper(step))
        QShortcut(QKeySequence("F4"), self).activated.connect(self._toggle_context)
        presenter.view.watch(self._show)

    def say_state(self, available: bool) -> None:
        """What an empty inbox says depends on this agent's state."""
        self.nothing.say(
            phrase("inbox.empty_title"),
            phrase("inbox.empty_available" if available else "inbox.empty_not_available"),
        )

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_context()

    def _stepper(self, by: int) -> Callable[[], None]:
        return lambda: self._presenter.step(by)

    def _toggle_context(self) -> None:
        self._chosen = not self._context.isVisible()
        self._place_context()

    def _place_context(self) -> None:
        wanted = self.width() >= _DRAWER_BELOW_PX if self._chosen is None else self._chosen
        self._context.setVisible(wanted and bool(self._presenter.view.value.selected))

    def _show(self, view: InboxView) -> None:
        self._middle.setCurrentIndex(0 if view.selected else 1 if view.count else 2)
        self._place_context()
