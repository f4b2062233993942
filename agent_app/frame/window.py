"""The main window: sign-in first, then the frame with its pages. Pages are built when they are first opened."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.frame.presenter import PAGES, FramePresenter, FrameView, Page
from agent_app.frame.rail import Rail
from agent_app.frame.status_bar import StatusBar
from agent_app.frame.strips import FrameStrips
from agent_app.frame.top_bar import TopBar
from shared.protocol.types import AgentState
from shared.strings import text
from shared.ui.icons import app_icon
from shared.ui.theme import theme
from shared.ui.widgets import Toast

PageMaker = Callable[[], QWidget]


class DeskFrame(QWidget):
    """Rail, top bar, strips, pages, status bar. `page_shown(QWidget)` after a page came to the front."""

    page_shown = Signal(QWidget)

    def __init__(
        self, presenter: FramePresenter, pages: Mapping[Page, PageMaker], now: Callable[[], int], version: str
    ) -> None:
        super().__init__()
        self._presenter, self._makers = presenter, pages
        self._pages: dict[Page, QWidget] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        self._rail = Rail()
        self.top = TopBar(now)
        self._strips = FrameStrips(presenter, now)
        self._stack = QStackedWidget()
        self._status = StatusBar(now, version)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.top)
        right.addWidget(self._strips)
        right.addWidget(self._stack, 1)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self._rail)
        upper.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(self._status)
        self._rail.chosen.connect(self._go)
        self.top.state_asked.connect(self._set_state)
        for number, page in enumerate(PAGES, 1):
            QShortcut(QKeySequence(f"Ctrl+{number}"), self).activated.connect(self._goer(page))
        QShortcut(QKeySequence("Ctrl+Shift+P"), self).activated.connect(self.top.state.open_menu)
        presenter.view.watch(self._show)

    @property
    def page(self) -> QWidget:
        """The page in front."""
        return self._pages[self._presenter.view.value.page]

    def tick(self) -> None:
        """A second has passed."""
        self.top.state.tick()
        self._strips.tick()
        self._status.show_view(self._presenter.view.value)

    def _go(self, page: str) -> None:
        self._presenter.go(next(each for each in PAGES if each == page))

    def _goer(self, page: Page) -> Callable[[], None]:
        return lambda: self._presenter.go(page)

    def _set_state(self, state: str, reason: str, now: bool) -> None:
        states: tuple[AgentState, ...] = ("available", "busy", "break", "offline")
        self._presenter.set_state(next(each for each in states if each == state), reason, now=now)

    def _show(self, view: FrameView) -> None:
        if view.page not in self._pages:
            self._pages[view.page] = self._makers[view.page]()
            self._stack.addWidget(self._pages[view.page])
        page = self._pages[view.page]
        if self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)
        self.page_shown.emit(page)
        self._rail.show_view(view)
        self.top.show_view(view)
        self._strips.show_view(view)
        self._status.show_view(view)


class MainWindow(QMainWindow):
    """`ticked` once a second for everything that shows time; `closing` before it closes."""

    ticked = Signal()
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(1120, 680)
        self.resize(1280, 800)
        self._stack = QStackedWidget()
        self.setCentralWidget(self._stack)
        self._toast: Toast | None = None
        self._page: Page | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.ticked)
        self._timer.start()
        theme().language_changed.connect(self._retitle)

    def show_page(self, widget: QWidget) -> None:
        """Sign-in or frame."""
        if self._stack.indexOf(widget) < 0:
            self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)

    def drop_page(self, widget: QWidget) -> None:
        """The frame of somebody who has signed out."""
        self._stack.removeWidget(widget)
        widget.deleteLater()

    def title_page(self, page: Page | None) -> None:
        """The title follows the page; None is sign-in."""
        self._page = page
        self._retitle()

    @property
    def toast(self) -> Toast:
        """Remarks over the window."""
        if self._toast is None:
            self._toast = Toast(self, above_px=40)
        return self._toast

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def _retitle(self) -> None:
        if self._page is None:
            self.setWindowTitle(text("signin.window"))
        else:
            self.setWindowTitle(text("frame.title", page=text(f"frame.page_{self._page}")))
