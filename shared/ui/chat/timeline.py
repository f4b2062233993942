"""The list of a conversation: scrolls by pixels, stays at the end while the reader is there, works by keyboard."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QMenu
from typing_extensions import override

from shared.strings import phrase, render, text
from shared.ui.chat.delegate import ChatDelegate
from shared.ui.chat.model import ChatModel
from shared.ui.chat.selection import WordsViewer
from shared.ui.chat.shape import PICTURE_PX, ChatStyle, Spot
from shared.ui.chat.view import ChatRow, EventRow, MessageRow, NoteRow
from shared.ui.theme import theme
from shared.ui.widgets.button import Button
from shared.ui.words import show_words

_NEAR_END_PX: Final = 24


class Timeline(QListView):
    """`retry_asked(id)` for a message that was not sent; `picture_opened(key)`, `file_opened(key)`; `reached_end`."""

    retry_asked = Signal(str)
    picture_opened = Signal(str)
    file_opened = Signal(str)
    reached_end = Signal()

    def __init__(self, style: ChatStyle) -> None:
        super().__init__()
        self._model = ChatModel()
        self._delegate = ChatDelegate(self, style)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setObjectName("chat.timeline")
        show_words(self, self.setAccessibleName, phrase("chat.timeline"))
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(24)
        self.verticalScrollBar().valueChanged.connect(self._follow_scroll)
        self._more = Button(phrase("chat.new_messages"), "secondary", "small", icon="arrow-down", parent=self)
        self._more.setObjectName("chat.new-messages")
        self._more.clicked.connect(self.go_to_end)
        self._more.hide()
        self._viewer = WordsViewer(self)
        theme().changed.connect(self._restyle)

    @property
    def rows(self) -> Sequence[ChatRow]:
        """What is shown."""
        return self._model.rows

    def set_rows(self, rows: Sequence[ChatRow]) -> None:
        """Show rows; goes to the end if the reader was there or has just spoken, else offers to."""
        was_at_end, last = self.at_end(), self._last_id()
        self._viewer.leave()
        self._model.set_rows(rows)
        self.doItemsLayout()
        newest = rows[-1] if rows else None
        if newest is None or newest.id == last:
            if was_at_end:
                self.go_to_end()
            return
        if was_at_end or (isinstance(newest, MessageRow) and newest.mine):
            self.go_to_end()
        else:
            self._offer_more()

    def set_picture(self, key: str, image: QImage) -> None:
        """Show a picture's pixels where its key is used; scaled here once to what is shown."""
        ratio = self.devicePixelRatioF()
        room = QSize(round(PICTURE_PX[0] * ratio), round(PICTURE_PX[1] * ratio))
        small = image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        small.setDevicePixelRatio(ratio)
        self._delegate.set_picture(key, small)
        self.viewport().update()

    def at_end(self) -> bool:
        """Whether the newest row is in sight."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - _NEAR_END_PX

    def go_to_end(self) -> None:
        """Show the newest row."""
        self.scrollToBottom()
        self._more.hide()
        self.reached_end.emit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        was_at_end = event.oldSize().height() <= 0 or self.at_end()
        super().resizeEvent(event)
        self._viewer.leave()
        if event.oldSize().width() != event.size().width():
            self.scheduleDelayedItemsLayout()
            self.executeDelayedItemsLayout()
        if was_at_end:
            self.scrollToBottom()
        self._place_more()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self._press(index, self._delegate.spot_at(index, event.position().toPoint()))

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self._open_words(index)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        over = index.isValid() and self._delegate.spot_at(index, place) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy) and index.isValid():
            self._copy(index)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and index.isValid():
            self._press_main(index)
        else:
            super().keyPressEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        row = self._model.row_at(index)
        if row is None:
            return
        place = self.visualRect(index).center() if by_key else event.pos()
        self._menu(row, index).popup(self.viewport().mapToGlobal(place))

    def _menu(self, row: ChatRow, index: QModelIndex) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        spots: list[tuple[Spot, str]] = [("copy", "chat.copy_all")]
        if isinstance(row, MessageRow):
            if row.state == "failed":
                spots.insert(0, ("again", "chat.send_again"))
            if row.picture is not None:
                spots.append(("picture", "chat.open_picture"))
            if row.file is not None:
                spots.append(("file", "chat.open_file"))
        for spot, key in spots:
            menu.addAction(text(key)).triggered.connect(partial(self._press, index, spot))
        return menu

    def _press(self, index: QModelIndex, spot: Spot | None, _checked: bool = False) -> None:
        row = self._model.row_at(index)
        match spot:
            case "copy":
                self._copy(index)
            case "again" if isinstance(row, MessageRow):
                self.retry_asked.emit(row.id)
            case "picture" if isinstance(row, MessageRow) and row.picture is not None:
                self.picture_opened.emit(row.picture.key)
            case "file" if isinstance(row, MessageRow) and row.file is not None:
                self.file_opened.emit(row.file.key)
            case _:
                pass

    def _press_main(self, index: QModelIndex) -> None:
        """Enter does what a click on the row would most likely mean."""
        row = self._model.row_at(index)
        if not isinstance(row, MessageRow):
            return
        if row.state == "failed":
            self._press(index, "again")
        elif row.picture is not None:
            self._press(index, "picture")
        elif row.file is not None:
            self._press(index, "file")

    def _copy(self, index: QModelIndex) -> None:
        match self._model.row_at(index):
            case MessageRow(words=words) | NoteRow(words=words):
                QGuiApplication.clipboard().setText(words)
            case EventRow(words=words):
                QGuiApplication.clipboard().setText(render(words))
            case _:
                pass

    def _open_words(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        if not isinstance(row, MessageRow | NoteRow) or not row.words:
            return
        shape = self._delegate.shape(row)
        if shape.words is not None:
            at = QPoint(round(shape.words_at.x()), round(shape.words_at.y()))
            wide = (
                round(shape.words.maximumWidth()) if shape.words.lineCount() > 1 else round(shape.bubble.width() - 16)
            )
            high = shape.words.lineCount() * theme().px(20)
            self._viewer.show_words(row.words, self.visualRect(index).topLeft() + at, QSize(wide, high))

    def _last_id(self) -> str:
        rows = self._model.rows
        return rows[-1].id if rows else ""

    def _offer_more(self) -> None:
        self._more.show()
        self._place_more()

    def _place_more(self) -> None:
        size = self._more.sizeHint()
        self._more.move((self.width() - size.width()) // 2, self.height() - self._more.height() - 8)

    def _follow_scroll(self) -> None:
        self._viewer.leave()
        if self.at_end() and self._more.isVisible():
            self._more.hide()
            self.reached_end.emit()

    def _restyle(self) -> None:
        was_at_end = self.at_end()
        self._delegate.forget_shapes()
        self._model.refresh()
        self.doItemsLayout()
        if was_at_end:
            self.scrollToBottom()
