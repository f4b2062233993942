"""Files while sharing goes on: a small window under the banner, on top like it, with what asks for an answer first."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMoveEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.desk.words import Named, name_of
from customer_client.parts.page import emptied
from customer_client.sharing.files import FilesPresenter, FilesView, Question
from shared.strings import phrase, text
from shared.ui.files.listing import TransferList, dropped_paths
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, Card, IconButton, IconMark, Label, Rule
from shared.ui.words import name_widget, show_words

WIDTH_PX: Final = 360
_UNDER_BANNER_PX: Final = 132
_EDGE_PX: Final = 16
_TRIES: Final = 5
_FLAGS: Final = (
    Qt.WindowType.Tool
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
)


class FilesPanel(Card):
    """Never takes the focus. Folded away it comes back with the next question."""

    def __init__(self, presenter: FilesPresenter) -> None:
        super().__init__("floating", pad=0)
        self.setWindowFlags(_FLAGS)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAcceptDrops(True)
        name_widget(self, phrase("files.window"), "files-panel")
        show_words(self, self.setWindowTitle, phrase("files.window"))
        self._presenter = presenter
        self._view = FilesView()
        self._room = QRect()
        self._folded = False
        self._wanted, self._tries = QPoint(), 0
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(lambda: self.move(self._wanted))
        self.setFixedWidth(theme().px(WIDTH_PX))
        self._questions = QVBoxLayout()
        self._questions.setSpacing(0)
        folder = shown_folder(presenter.landing)
        self._list = TransferList(lambda file: folder if file.incoming else "")
        self._list.answered.connect(presenter.answer)
        self._list.held.connect(presenter.hold)
        self._list.cancelled.connect(presenter.cancel)
        self._give = Button(phrase("files.give"), "secondary", "small", icon="upload", object_name="files-panel.give")
        self._give.clicked.connect(lambda: self._choose(None))
        self._tip = Label(phrase("files.give_tip"), "small", tone="muted", wrap=True)
        self._lay_out()

    def stay_on(self, room: QRect) -> None:
        """The shared monitor, in the window system's logical pixels."""
        self._room = room
        self._place()

    def show_view(self, view: FilesView) -> None:
        """Show how things stand."""
        before, self._view = self._view, view
        new = len(view.questions) > len(before.questions) or len(view.files) > len(before.files)
        self._folded = self._folded and not new and view.giving == before.giving
        if view.questions != before.questions:
            self._ask(view.questions)
        self._list.show_files(tuple((file, name_of(who)()) for file, who in reversed(view.files)))
        self._foot.setVisible(bool(view.giving))
        self._place()
        self.setVisible(view.shown and not self._folded)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._view.giving and dropped_paths(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._presenter.give(dropped_paths(event.mimeData()))
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_M, 4, 4, 4)
        fold = IconButton("minus", phrase("files.collapse"), side_px=24, icon_px=16, object_name="files-panel.fold")
        fold.clicked.connect(self._fold)
        head.addWidget(Label(phrase("files.title"), "body", weight=600), 1)
        head.addWidget(fold)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        foot.setSpacing(SPACE_M)
        foot.addWidget(self._tip, 1)
        foot.addWidget(self._give)
        self.box.addLayout(head)
        self.box.addWidget(Rule())
        self.box.addLayout(self._questions)
        self.box.addWidget(self._list)
        self.box.addWidget(self._foot)

    def _ask(self, questions: tuple[Question, ...]) -> None:
        emptied(self._questions)
        for question in questions:
            self._questions.addWidget(self._question(question))

    def _question(self, question: Question) -> QWidget:
        made = QWidget()
        name_widget(made, Named("files.asks_you", question.agent), "files-panel.question")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(Named("files.asks_you", question.agent), "body", weight=600, wrap=True))
        if question.words:
            words.addWidget(Label(phrase("files.words", words=question.words), "small", wrap=True))
        words.addWidget(Label(phrase("files.which"), "small", tone="muted", wrap=True))
        no = Button(phrase("files.no"), "secondary", "small", object_name="files-panel.no")
        no.clicked.connect(partial(self._presenter.decline, question))
        choose = Button(phrase("files.choose"), "primary", "small", object_name="files-panel.choose")
        choose.clicked.connect(partial(self._choose, question))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(no)
        buttons.addWidget(choose)
        words.addSpacing(SPACE_S)
        words.addLayout(buttons)
        row = QHBoxLayout(made)
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_M)
        row.addWidget(IconMark("upload", 20, "warn"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return made

    def _choose(self, question: Question | None) -> None:
        dialog = QFileDialog(None, text("files.choose_title"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setObjectName("files-dialog")

        def give() -> None:
            self._presenter.give(tuple(dialog.selectedFiles()), question)

        dialog.accepted.connect(give)
        dialog.open()

    def _fold(self) -> None:
        self._folded = True
        self.hide()

    @override
    def moveEvent(self, event: QMoveEvent) -> None:
        """Some window managers report a first place that is none; the picture's cover hangs on the true one."""
        super().moveEvent(event)
        if self.isVisible() and self._tries and event.pos() != self._wanted:
            self._tries -= 1
            self._again.start()

    def _place(self) -> None:
        self.adjustSize()
        if not self._room.isNull():
            self._tries = _TRIES
            self._wanted = QPoint(self._room.right() - self.width() - _EDGE_PX, self._room.top() + _UNDER_BANNER_PX)
            self.move(self._wanted)


def shown_folder(folder: Path) -> str:
    """A folder as people write it."""
    try:
        return f"~/{folder.relative_to(Path.home())}"
    except ValueError:
        return str(folder)
