"""A tray icon where the desktop has a tray, and notifications through it; where it has none, nothing pretends."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from shared.ui.icons import app_icon
from shared.ui.theme import theme
from shared.ui.words import Words, render

_NOTE_MS = 10_000


class Tray(QObject):
    """`opened` when the icon or a notification is clicked. Without a tray `present` is False: never hide the window."""

    opened = Signal()

    def __init__(self, tooltip: Words, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tooltip = tooltip
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        self._icon = QSystemTrayIcon(app_icon(), self)
        self._icon.activated.connect(self._activate)
        self._icon.messageClicked.connect(self.opened)
        theme().language_changed.connect(self._relabel)
        self._relabel()
        self._icon.show()

    @property
    def present(self) -> bool:
        """Whether there is a tray to hide into."""
        return self._icon is not None

    def set_icon(self, icon: QIcon) -> None:
        """Show the program's state."""
        if self._icon is not None:
            self._icon.setIcon(icon)

    def set_tooltip(self, tooltip: Words) -> None:
        """Say the program's state."""
        self._tooltip = tooltip
        self._relabel()

    def set_menu(self, menu: QMenu) -> None:
        """What a right click opens. The tray keeps it."""
        self._menu = menu
        if self._icon is not None:
            self._icon.setContextMenu(menu)

    def close(self) -> None:
        """Take the icon away."""
        if self._icon is not None:
            self._icon.hide()

    def notify(self, window: QWidget, title: Words, words: Words) -> None:
        """Tell something: by the desktop where there is a tray, and by marking the window as wanting attention."""
        if self._icon is not None and QSystemTrayIcon.supportsMessages():
            self._icon.showMessage(render(title), render(words), app_icon(), _NOTE_MS)
        if not window.isActiveWindow():
            QApplication.alert(window)

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason != QSystemTrayIcon.ActivationReason.Context:
            self.opened.emit()

    def _relabel(self) -> None:
        if self._icon is not None:
            self._icon.setToolTip(render(self._tooltip))
