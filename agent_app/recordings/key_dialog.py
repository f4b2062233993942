"""Opening the recording key: its file and its passphrase, once a run."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from shared.strings import phrase, text
from shared.ui.theme import SPACE_L, SPACE_S, theme
from shared.ui.widgets import Button, Label, TextField
from shared.ui.words import show_words

Unlock = Callable[[Path, str, Callable[[str], None]], None]


class KeyDialog(QDialog):
    """`opened` once the key is open. Opened with `open()`."""

    opened = Signal()

    def __init__(self, parent: QWidget, unlock: Unlock) -> None:
        super().__init__(parent)
        self._unlock = unlock
        self._gone = False
        self.setObjectName("recording-key")
        self.setProperty("fill", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = phrase("recording.key_title")
        show_words(self, self.setWindowTitle, title)
        show_words(self, self.setAccessibleName, title)
        self._file = TextField(phrase("recording.key_file"), object_name="recording-key.file", max_chars=1000)
        self._words = TextField(
            phrase("recording.key_passphrase"), password=True, object_name="recording-key.passphrase"
        )
        self._words.submitted.connect(self._try)
        choose = Button(phrase("recording.key_choose"), "secondary", "small", object_name="recording-key.choose")
        choose.clicked.connect(self._choose)
        cancel = Button(phrase("desk.cancel"), "secondary", "small", object_name="recording-key.cancel")
        cancel.clicked.connect(self.reject)
        self._open = Button(
            phrase("recording.key_open"), "primary", "small", icon="key", object_name="recording-key.open"
        )
        self._open.clicked.connect(self._try)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(choose)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        column.setSpacing(SPACE_L)
        column.addWidget(Label(title, "lead", weight=600, wrap=True))
        column.addWidget(Label(phrase("recording.key_text"), "body", tone="muted", wrap=True))
        column.addWidget(self._file)
        column.addWidget(self._words)
        column.addLayout(buttons)
        width = theme().px(480)
        self.setMinimumSize(width, column.totalHeightForWidth(width))
        self._file.setFocus()
        self.finished.connect(self._leave)

    def _leave(self) -> None:
        self._gone = True

    def _choose(self) -> None:
        dialog = QFileDialog(self, text("recording.key_choose"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._file.set_value)
        dialog.open()

    def _try(self) -> None:
        self._open.setEnabled(False)
        self._unlock(Path(self._file.value()).expanduser(), self._words.value(), self._told)

    def _told(self, wrong: str) -> None:
        if self._gone:
            return
        self._open.setEnabled(True)
        self._file.set_error(phrase(wrong) if wrong == "recording.key_file_bad" else "")
        self._words.set_error(phrase(wrong) if wrong == "recording.key_file_wrong" else "")
        if not wrong:
            self.opened.emit()
            self.accept()
