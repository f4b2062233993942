"""Qt's own words (file dialogs, text menus) in the language shown."""

from PySide6.QtCore import QLibraryInfo, QTranslator
from PySide6.QtWidgets import QApplication

from shared.strings import language
from shared.ui.theme import theme


class QtWords:
    """Keep one for the application's life; it follows the language."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._translator = QTranslator(app)
        theme().language_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Load what the language needs; English is Qt's own."""
        self._app.removeTranslator(self._translator)
        if language() == "zh_CN":
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if self._translator.load("qtbase_zh_CN", folder):
                self._app.installTranslator(self._translator)
