"""The column at the left of the inbox page."""

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QListView, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.inbox.delegate import InboxDelegate
from agent_app.inbox.model import InboxModel
from agent_app.inbox.presenter import InboxPresenter, InboxRow, InboxView, Section
from shared.strings import phrase
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Label
from shared.ui.words import name_widget


class InboxColumn(QWidget):
    """Head and list; a click or Enter opens a conversation, a click on a section head folds it."""

    def __init__(self, presenter: InboxPresenter, now: Callable[[], int]) -> None:
        super().__init__()
        self._presenter = presenter
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self._model = InboxModel(now)
        self._delegate = InboxDelegate(now)
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(False)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        name_widget(self.list, phrase("inbox.list"), "inbox.list")
        self.list.clicked.connect(self._clicked)
        self.list.activated.connect(self._clicked)
        self.list.selectionModel().currentChanged.connect(self._moved)
        self._count = Label("", "small", tone="muted")
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        head.addWidget(Label(phrase("inbox.title"), "lead", weight=600), 1)
        head.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        self._showing = False
        presenter.view.watch(self._show)
        theme().changed.connect(self.list.doItemsLayout)

    @override
    def sizeHint(self) -> QSize:
        return QSize(theme().px(288), 400)

    def tick(self) -> None:
        """A second has passed: what is visible is painted again."""
        self.list.viewport().update()

    def _show(self, view: InboxView) -> None:
        self._showing = True
        self._model.show_view(view)
        self._count.set_words(str(view.count) if view.count else "")
        place = self._model.place_of(view.selected)
        index = self._model.index(place) if place >= 0 else QModelIndex()
        self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._showing = False

    def _clicked(self, index: QModelIndex) -> None:
        item = self._model.item(index)
        if isinstance(item, Section):
            self._presenter.toggle(item.name)
        elif isinstance(item, InboxRow):
            self._presenter.select(item.conversation_id)

    def _moved(self, index: QModelIndex) -> None:
        item = self._model.item(index)
        if not self._showing and isinstance(item, InboxRow):
            self._presenter.select(item.conversation_id)
