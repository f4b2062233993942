"""The window in which the customer changes what is shared while it is: the same choice as in the consent sheet."""

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.sharing.choosing import Choice
from customer_client.sharing.cover import CoverCard
from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.sources import Sources
from customer_client.sharing.view import SharingView
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_XL
from shared.ui.widgets import Button, Label, PageBody
from shared.ui.words import show_words

_LOOK_AGAIN_MS: Final = 2000
_SIZE: Final = (460, 560)


class ChangeWindow(QWidget):
    """Nothing changes before the button is pressed; what is hidden holds at once. It goes when sharing ends."""

    def __init__(self, presenter: SharingPresenter) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self._presenter = presenter
        self._before = presenter.choosing.view.value.share
        self.setObjectName("change")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        show_words(self, self.setWindowTitle, phrase("change.title"))
        body = PageBody(edge=SPACE_XL)
        body.box.setSpacing(SPACE_M)
        body.box.addWidget(Label(phrase("change.explain"), "body", wrap=True))
        body.box.addWidget(CoverCard(presenter.choosing))
        body.box.addWidget(Sources(presenter.choosing))
        body.box.addStretch(1)
        self._show_it = Button(phrase("change.show"), "primary", object_name="change.show")
        self._show_it.clicked.connect(self._change)
        cancel = Button(phrase("change.cancel"), "secondary", object_name="change.cancel")
        cancel.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACE_XL, SPACE_M, SPACE_XL, SPACE_L)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self._show_it)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(body, 1)
        column.addLayout(foot)
        self.resize(*_SIZE)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_AGAIN_MS)
        self._look.timeout.connect(presenter.find_sources)
        self._look.start()
        presenter.find_sources()
        forgets = [presenter.choosing.view.watch(self._chosen), presenter.view.watch(self._sharing)]
        self.destroyed.connect(lambda: [forget() for forget in forgets])

    def _chosen(self, choice: Choice) -> None:
        self._show_it.setEnabled(choice.share is not None)

    def _sharing(self, view: SharingView) -> None:
        if not view.live:
            self.close()

    def _change(self) -> None:
        share = self._presenter.choosing.view.value.share
        if share is not None:
            self._before = share
            self._presenter.change(share)
        self.close()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        """What was chosen but not shown is chosen no more."""
        if self._presenter.view.value.live:
            self._presenter.choosing.choose(self._before)
        super().closeEvent(event)
