"""Recovery codes, shown once: to copy or to save, and a word that they are put away."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shared.common.private_file import write_new
from shared.strings import phrase, text
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S
from shared.ui.widgets import Button, Card, CheckBox, Label, Strip

_COLUMNS = 2


class CodesForm(QWidget):
    """`kept` once the person has said that the codes are put away."""

    kept = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._codes: tuple[str, ...] = ()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE_L)
        self._grid.setVerticalSpacing(SPACE_S)
        box = Card("sunken", pad=SPACE_M)
        box.box.addLayout(self._grid)
        self._copy = Button(phrase("account.codes_copy"), "secondary", "small", icon="copy", object_name="codes.copy")
        self._copy.clicked.connect(self._put_on_clipboard)
        save = Button(phrase("account.codes_save"), "secondary", "small", icon="download", object_name="codes.save")
        save.clicked.connect(self._choose_file)
        self._said = Strip("ok", rounded=True, object_name="codes.said")
        self._said.hide()
        self._sure = CheckBox(phrase("account.codes_sure"), object_name="codes.sure")
        self._done = Button(phrase("account.codes_done"), "primary", "medium", object_name="codes.done")
        self._done.setEnabled(False)
        self._sure.toggled.connect(self._done.setEnabled)
        self._done.clicked.connect(self.kept)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(self._copy)
        buttons.addWidget(save)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addWidget(Label(phrase("account.codes_text"), "small", tone="muted", wrap=True))
        column.addWidget(box)
        column.addLayout(buttons)
        column.addWidget(self._said)
        column.addWidget(self._sure)
        column.addWidget(self._done)

    def show_codes(self, codes: tuple[str, ...]) -> None:
        """Show these."""
        if codes == self._codes:
            return
        self._codes = codes
        while (item := self._grid.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for place, code in enumerate(codes):
            self._grid.addWidget(Label(code, "body", weight=600, selectable=True), *divmod(place, _COLUMNS))
        self._sure.setChecked(False)
        self._said.hide()

    def _put_on_clipboard(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._codes))
        self._say("ok", "account.codes_copied")

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, text("account.codes_save"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile("threeline-recovery-codes.txt")
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    def save_to(self, path: str) -> None:
        """Writes the codes into a file that only its owner can read."""
        words = "\n".join((text("account.codes_head"), "", *self._codes, ""))
        try:
            write_new(Path(path), words.encode())
        except OSError:
            self._say("danger", "account.codes_not_saved")
        else:
            self._say("ok", "account.codes_saved")

    def _say(self, tone: str, key: str) -> None:
        self._said.say(phrase(key), tone="ok" if tone == "ok" else "danger")
        self._said.show()
