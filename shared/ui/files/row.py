"""One transfer: name and state, a bar, a line below, and what can be done about it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shared.control.files.view import TransferView
from shared.strings import phrase, text
from shared.ui.files.words import TONES, detail, percent, state_words
from shared.ui.theme import SPACE_M, SPACE_S
from shared.ui.widgets import Button, ElidedLabel, IconButton, IconMark, Label, ProgressLine
from shared.ui.words import Words, show_words

_UNDER_WAY = frozenset({"waits", "queued", "moving", "held", "held_there", "stalled", "unfinished", "checking"})


class TransferRow(QWidget):
    """`answered`, `held` and `cancelled` carry the transfer's id; `wanted` the path of what is to be shown."""

    answered = Signal(str, bool)
    held = Signal(str, bool)
    cancelled = Signal(str)
    wanted = Signal(str)

    def __init__(self, lands_in: str = "") -> None:
        super().__init__()
        self._file: TransferView | None = None
        self._lands_in = lands_in
        self._icon = IconMark("upload", 16, "muted")
        self._name = ElidedLabel("", "small", weight=500)
        self._state = Label("", "small", weight=600)
        self._bar = ProgressLine()
        self._detail = Label("", "small", tone="muted", wrap=True)
        self._accept = Button(phrase("files.accept"), "primary", "small", object_name="files.accept")
        self._refuse = Button(phrase("files.refuse"), "secondary", "small", object_name="files.refuse")
        self._hold = IconButton("pause", "", side_px=24, icon_px=16, object_name="files.hold")
        self._cancel = IconButton("x", "", side_px=24, icon_px=16, object_name="files.cancel")
        self._show = IconButton("folder", "", side_px=24, icon_px=16, object_name="files.show")
        self._accept.clicked.connect(lambda: self._answer(True))
        self._refuse.clicked.connect(lambda: self._answer(False))
        self._hold.clicked.connect(self._toggle)
        self._cancel.clicked.connect(lambda: self._file and self.cancelled.emit(self._file.id))
        self._show.clicked.connect(lambda: self._file and self.wanted.emit(self._file.path))
        self._lay_out()

    def show_file(self, file: TransferView, who: str) -> None:
        """Show how it stands."""
        self._file = file
        failed, done = file.shown == "failed", file.shown == "done"
        self._icon.set_icon("download" if file.incoming else "upload", "accent" if file.shown == "moving" else "muted")
        self._name.set_words(file.name)
        self._state.set_words(state_words(file))
        self._state.set_tone(TONES.get(file.shown, "text"))
        self._bar.setVisible(file.shown not in ("asks", "failed"))
        self._bar.show_percent(percent(file), done)
        self._say(lambda: self._words(file, who))
        for button in (self._accept, self._refuse):
            button.setVisible(file.shown == "asks")
        resting = file.shown in ("held", "unfinished")
        self._hold.setVisible(file.shown in _UNDER_WAY and file.shown not in ("waits", "checking"))
        self._hold.set_icon("play" if resting else "pause")
        self._hold.set_words(phrase("files.go_on" if resting else "files.pause", name=file.name))
        self._cancel.setVisible(file.shown in _UNDER_WAY)
        self._cancel.set_words(phrase("files.cancel", name=file.name))
        self._show.setVisible(done and file.incoming)
        self._show.set_words(phrase("files.show", name=file.name))
        show_words(self, self.setAccessibleName, phrase("files.progress", name=file.name, percent=percent(file)))
        self.setToolTip(text("files.hash", digest=file.digest) if file.digest and not failed else "")

    def _words(self, file: TransferView, who: str) -> str:
        words = detail(file, who)
        if file.shown == "asks" and self._lands_in:
            words = f"{words}\n{text('files.lands_in', folder=self._lands_in)}"
        return words

    def _say(self, words: Words) -> None:
        self._detail.set_words(words)

    def _answer(self, yes: bool) -> None:
        if self._file is not None:
            self.answered.emit(self._file.id, yes)

    def _toggle(self) -> None:
        if self._file is not None:
            self.held.emit(self._file.id, self._file.shown not in ("held", "unfinished"))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(self._icon)
        head.addWidget(self._name, 1)
        head.addWidget(self._state)
        for button in (self._hold, self._cancel, self._show):
            head.addWidget(button)
        answers = QHBoxLayout()
        answers.setSpacing(SPACE_S)
        answers.addStretch(1)
        answers.addWidget(self._refuse)
        answers.addWidget(self._accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addWidget(self._detail)
        column.addLayout(answers)
