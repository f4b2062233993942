"""The clipboard's tool: both directions in a menu, and a notice when something came."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget
from typing_extensions import override

from agent_app.parts.tile_button import TileButton
from agent_app.remote.clip import ClipPresenter, ClipView
from agent_app.remote.presenter import Stand
from shared.control.clipboard.item import Item
from shared.strings import phrase, text
from shared.ui.clipboard.board import Board
from shared.ui.widgets.toast import Toast


class ClipTool(QObject):
    """Joins a session's clipboard to the desktop's; `button` belongs into the toolbar of `window`."""

    def __init__(self, presenter: ClipPresenter, board: Board, window: QWidget) -> None:
        super().__init__(window)
        self._presenter, self._board = presenter, board
        self.button = TileButton("clipboard", phrase("clip.tool"), object_name="remote.clipboard")
        self.button.explain(phrase("clip.tool_tip"))
        self.button.clicked.connect(self._open)
        self._toast = Toast(window)
        presenter.put = board.put
        presenter.watch = lambda on: board.watch(self, on)
        self._window = window
        board.copied.connect(self._copied)
        window.installEventFilter(self)
        self._forget = [
            presenter.view.watch(self._show),
            presenter.told.watch(lambda what: self._toast.say(phrase(f"clip.{what}"), icon="clipboard")),
        ]

    def stop(self) -> None:
        """The window goes."""
        self._board.copied.disconnect(self._copied)
        for forget in self._forget:
            forget()
        self._presenter.close()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            self._presenter.turned_to()
        return False

    def _copied(self, item: Item) -> None:
        self._presenter.copied(item)
        if self._window.isActiveWindow():
            self._presenter.turned_to()

    def _show(self, view: ClipView) -> None:
        on = (view.reads == "granted" and view.get) or (view.writes == "granted" and view.give)
        self.button.setEnabled(view.live)
        self.button.set_icon("clipboard", "accent" if on else "text")

    def _open(self) -> None:
        view = self._presenter.view.value
        menu = QMenu(self.button)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setObjectName("remote.clipboard-menu")
        self._add(menu, "get", view.reads, on=view.get).triggered.connect(self._presenter.press_get)
        self._add(menu, "give", view.writes, on=view.give).triggered.connect(self._presenter.press_give)
        menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height() + 4)))

    def _add(self, menu: QMenu, key: str, stand: Stand, *, on: bool) -> QAction:
        action = menu.addAction(text(_entry(key, stand)))
        action.setEnabled(stand != "asked")
        action.setCheckable(stand == "granted")
        action.setChecked(stand == "granted" and on)
        return action


def _entry(key: str, stand: Stand) -> str:
    if stand == "granted":
        return f"clip.{key}"
    return f"clip.{key}_asked" if stand == "asked" else f"clip.{key}_ask"
