"""The box that messages are written in: grows with its words, sends by key, takes pictures pasted or dropped."""

from typing import Final

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit
from typing_extensions import override

from shared.strings import phrase
from shared.ui.theme import theme
from shared.ui.words import Words, show_words

_FRAME_PX: Final = 14
"""Border and padding, above and below together."""
_ENTER: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class ComposerEdit(QPlainTextEdit):
    """`submitted` by Enter (or Ctrl+Enter, as `enter_sends` says), `picture_given(QImage)`, `paths_given(list)`."""

    submitted = Signal()
    picture_given = Signal(QImage)
    paths_given = Signal(list)

    def __init__(self, *, enter_sends: bool, least_px: int, most_px: int, max_chars: int) -> None:
        super().__init__()
        self._enter_sends = enter_sends
        self._least_px, self._most_px, self._max_chars = least_px, most_px, max_chars
        self.setObjectName("chat.composer")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        show_words(self, self.setAccessibleName, phrase("chat.composer"))
        self.textChanged.connect(self._grow)
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_placeholder(self, words: Words) -> None:
        """Say what is to be written here."""
        show_words(self, self.setPlaceholderText, words)

    @property
    def excess_chars(self) -> int:
        """By how much the words are too long; nought or less when they are not."""
        return len(self.toPlainText()) - self._max_chars

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in _ENTER and (control or (self._enter_sends and not shift)):
            self.submitted.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    @override
    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    @override
    def insertFromMimeData(self, source: QMimeData) -> None:
        paths = [url.toLocalFile() for url in source.urls() if url.isLocalFile()]
        if paths:
            self.paths_given.emit(paths)
        elif source.hasImage() and isinstance(image := source.imageData(), QImage):
            self.picture_given.emit(image)
        else:
            super().insertFromMimeData(source)

    def _grow(self) -> None:
        look = theme()
        lines = round(self.document().size().height())
        words = lines * self.fontMetrics().lineSpacing() + 2 * round(self.document().documentMargin()) + _FRAME_PX
        most = look.px(self._most_px)
        # A bar that comes with the first line would only flicker: it is there when the box can grow no more.
        bar = Qt.ScrollBarPolicy.ScrollBarAsNeeded if words > most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(bar)
        self.setFixedHeight(max(look.px(self._least_px), min(words, most)))

    def _restyle(self) -> None:
        self.setFont(theme().font("body"))
        self._grow()
