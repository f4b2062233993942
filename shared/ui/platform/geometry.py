"""Windows remember their size and place, in an ini file of the program's own."""

import os
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSplitter, QWidget


def settings_file(program: str) -> Path:
    """`$XDG_CONFIG_HOME/PROGRAM/window.ini`, or what stands for it on the system."""
    base = os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / program / "window.ini"


class WindowPlaces:
    """Keeps the places of one program's windows. A broken or foreign file is as good as none."""

    def __init__(self, program: str) -> None:
        self._settings = QSettings(str(settings_file(program)), QSettings.Format.IniFormat)

    def restore(self, window: QWidget, name: str) -> bool:
        """Put a window where it was, if that is still on a screen; False when it stays as it is."""
        kept = self._settings.value(f"{name}/geometry")
        if not isinstance(kept, QByteArray) or not window.restoreGeometry(kept):
            return False
        if not any(screen.availableGeometry().intersects(window.geometry()) for screen in QGuiApplication.screens()):
            window.move(QGuiApplication.primaryScreen().availableGeometry().topLeft())
        return True

    def keep(self, window: QWidget, name: str) -> None:
        """Remember where a window is; call it when it closes."""
        self._settings.setValue(f"{name}/geometry", window.saveGeometry())

    def restore_splitter(self, splitter: QSplitter, name: str) -> bool:
        """Put a splitter's handles where they were."""
        kept = self._settings.value(f"{name}/splitter")
        return isinstance(kept, QByteArray) and splitter.restoreState(kept)

    def keep_splitter(self, splitter: QSplitter, name: str) -> None:
        """Remember a splitter's handles."""
        self._settings.setValue(f"{name}/splitter", splitter.saveState())

    def save(self) -> None:
        """Write to disk now."""
        self._settings.sync()
