"""A read-only box that lies exactly over a message's words, so that parts of them can be selected and copied."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QAbstractScrollArea, QTextEdit
from typing_extensions import override

from shared.ui.theme import theme


class WordsViewer(QTextEdit):
    """Opened by a double click; Esc, scrolling and leaving it close it."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(view.viewport())
        self._back_to = view
        self.setReadOnly(True)
        self.setProperty("bare", "true")
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.hide()

    def show_words(self, words: str, place: QPoint, room: QSize) -> None:
        """Lie at `place` in the viewport with all words selected."""
        self.setFont(theme().font("body"))
        self.setPlainText(words)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        lines = QTextBlockFormat()
        lines.setLineHeight(theme().px(20), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor.mergeBlockFormat(lines)
        self.setTextCursor(cursor)
        self.setGeometry(place.x(), place.y(), room.width(), room.height() + 4)
        self.show()
        self.setFocus()

    def leave(self) -> None:
        """Close, giving the focus back."""
        if self.isVisible():
            self.hide()
            self._back_to.setFocus()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.hide()
