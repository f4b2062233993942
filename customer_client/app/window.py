"""The main window: one page at a time, 400 x 656, remembers its place."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.app.pages import Pages
from customer_client.desk.desk import Desk
from customer_client.desk.routes import Routes
from shared.protocol.messages.identity import OrganisationView
from shared.strings import phrase
from shared.ui.widgets import Strip
from shared.ui.words import show_words

SIZE_PX = (400, 656)
LEAST_PX = (360, 560)


class MainWindow(QWidget):
    """`closing` when the person closes it: the program decides whether that is the end."""

    closing = Signal()

    def __init__(self, pages: Pages, desk: Desk, routes: Routes) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        self.setMinimumSize(*LEAST_PX)
        self.resize(*SIZE_PX)
        self._key = Strip(
            "warn",
            phrase("client.key_for_run"),
            icon="key",
            action=phrase("client.understood"),
            object_name="main.key-for-run",
        )
        self._key.acted.connect(self._key.hide)
        self._key.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._key)
        column.addWidget(pages, 1)
        for keys in ("Alt+Left", "Escape"):
            back = QShortcut(QKeySequence(keys), self)
            back.activated.connect(routes.back)
        desk.organisation.watch(self._name)

    def say_key_for_run(self) -> None:
        """There is no working keyring."""
        self._key.show()

    def come(self) -> None:
        """To the front."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.closing.emit()

    def _name(self, organisation: OrganisationView | None) -> None:
        words = phrase("client.title", company=organisation.name) if organisation else phrase("client.title_unknown")
        show_words(self, self.setWindowTitle, words)
