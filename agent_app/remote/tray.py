"""The files of a remote session over the picture, at the right; its tool; and dropping files on the picture."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget
from typing_extensions import override

from agent_app.parts.tile_button import TileButton
from agent_app.remote.files import FilesPresenter, FilesView
from shared.strings import phrase, text
from shared.ui.files.listing import TransferList, dropped_paths
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, Card, IconButton, Label, Rule

_WIDTH_PX = 288


class FilesTray(Card):
    """Shown by the tool, and by itself when a file comes or goes. `resized`: the window places it anew."""

    resized = Signal()

    def __init__(self, presenter: FilesPresenter, parent: QWidget) -> None:
        super().__init__("floating", pad=0, parent=parent)
        self._presenter = presenter
        self._count = 0
        self.setObjectName("remote.files-tray")
        self.setFixedWidth(theme().px(_WIDTH_PX))
        self.tool = TileButton("folder", phrase("files.tool"), checkable=True, object_name="remote.files")
        self.tool.explain(phrase("files.tool_tip"))
        self.tool.toggled.connect(self._toggle)
        self._title = Label("", "body", weight=600)
        self._send = Button(phrase("files.send"), "secondary", "tiny", icon="upload", object_name="remote.files-send")
        self._ask = Button(phrase("files.ask"), "ghost", "tiny", icon="download", object_name="remote.files-ask")
        self._none = Label(phrase("files.none"), "small", tone="muted", wrap=True)
        self._none.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_M)
        self._list = TransferList()
        self._lay_out()
        self._send.clicked.connect(self._choose)
        self._ask.clicked.connect(lambda: presenter.ask(text("files.ask_default")))
        self._list.answered.connect(presenter.answer)
        self._list.held.connect(presenter.hold)
        self._list.cancelled.connect(presenter.cancel)
        self.hide()
        self._forget = presenter.view.watch(self._show)

    def accept_drops(self, on: QWidget) -> None:
        """Files dropped on this widget are sent."""
        on.setAcceptDrops(True)
        on.installEventFilter(self)

    def stop(self) -> None:
        """The window goes."""
        self._forget()
        self._presenter.close()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QDropEvent) or not self._presenter.view.value.live:
            return False
        paths = dropped_paths(event.mimeData())
        if not paths:
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.type() == QEvent.Type.Drop:
            self._presenter.send(paths)
            self.tool.setChecked(True)
        return True

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.width(), self.box.totalHeightForWidth(self.width()))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_M, 4, 4, 4)
        head.setSpacing(SPACE_S)
        fold = IconButton("minus", phrase("files.collapse"), side_px=24, icon_px=16, object_name="remote.files-fold")
        fold.clicked.connect(lambda: self.tool.setChecked(False))
        head.addWidget(self._title, 1)
        head.addWidget(self._send)
        head.addWidget(fold)
        foot = QHBoxLayout()
        foot.setContentsMargins(SPACE_M, 4, SPACE_M, SPACE_S)
        foot.addWidget(self._ask)
        foot.addStretch(1)
        self.box.addLayout(head)
        self.box.addWidget(Rule())
        self.box.addWidget(self._none)
        self.box.addWidget(self._list)
        self.box.addWidget(Rule())
        self.box.addLayout(foot)

    def _choose(self) -> None:
        dialog = QFileDialog(self, text("files.send_title"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.accepted.connect(lambda: self._presenter.send(tuple(dialog.selectedFiles())))
        dialog.open()

    def _toggle(self, shown: bool) -> None:
        self.setVisible(shown)
        self.resized.emit()

    def _show(self, view: FilesView) -> None:
        if len(view.files) > self._count:
            self.tool.setChecked(True)
        self._count = len(view.files)
        self._title.set_words(phrase("files.title"))
        self._none.setVisible(not view.files)
        self._list.show_files(tuple((file, view.name) for file in reversed(view.files)))
        self.tool.set_badge(view.moving)
        self.tool.setEnabled(view.live or bool(view.files))
        for button, stand in ((self._send, view.sends), (self._ask, view.receives)):
            button.setEnabled(view.live and stand != "asked")
        self._ask.setEnabled(self._ask.isEnabled() and not view.asked)
        self._ask.set_words(phrase("files.asked" if view.asked else "files.ask"))
        self.resized.emit()
