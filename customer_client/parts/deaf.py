"""A window that asks takes no answer in its first moment: what is typed then was meant for something else."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from customer_client.parts.application import application

_INPUT: Final = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.Shortcut,
        QEvent.Type.ShortcutOverride,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.InputMethod,
    }
)


class Deaf(QObject):
    """Keeps all input from a window for a while."""

    def __init__(self, window: QWidget, for_ms: int) -> None:
        super().__init__(window)
        self._window = window
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(for_ms)
        self._timer.timeout.connect(self.end)

    @property
    def lasts(self) -> bool:
        """Whether it is deaf now."""
        return self._timer.isActive()

    def begin(self) -> None:
        """From now on."""
        application().installEventFilter(self)
        self._timer.start()

    def end(self) -> None:
        """It hears again."""
        self._timer.stop()
        application().removeEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        window = self._window
        ours = isinstance(watched, QWidget) and (watched is window or window.isAncestorOf(watched))
        return ours and event.type() in _INPUT
