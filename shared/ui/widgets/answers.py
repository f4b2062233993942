"""The list of answers below a search field: rows of 48 px, painted, with what matched in colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from shared.strings import text
from shared.ui.icons import paint_icon
from shared.ui.item_view import NO_PARENT, AnyIndex, option_rect, option_state
from shared.ui.theme import LINE_HEIGHT_PX, RADIUS, Theme, theme
from shared.ui.words import Words, render, show_words

_ROW_PX: Final = 48
_PAD_PX: Final = 12
_ROLE_ROW: Final = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True, slots=True)
class Answer:
    """One row. `matches` are (start, length) in characters of the title."""

    id: str
    title: str
    detail: Words = ""
    icon: str = "document"
    matches: tuple[tuple[int, int], ...] = ()


class _AnswerModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.answers: tuple[Answer, ...] = ()

    def put(self, answers: Sequence[Answer]) -> None:
        self.beginResetModel()
        self.answers = tuple(answers)
        self.endResetModel()

    @override
    def rowCount(self, parent: AnyIndex = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.answers)

    @override
    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        answer = self.answers[index.row()]
        if role == _ROLE_ROW:
            return answer
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return f"{answer.title}. {render(answer.detail)}"
        return None


class _AnswerDelegate(QStyledItemDelegate):
    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(200, theme().px(_ROW_PX))

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        answer = index.data(_ROLE_ROW)
        if not isinstance(answer, Answer):
            return
        look, rect = theme(), option_rect(option)
        selected = bool(option_state(option) & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected:
            painter.fillRect(rect, look.colour("accent_soft"))
        if index.row():
            painter.fillRect(rect.left(), rect.top(), rect.width(), 1, look.colour("line"))
        self._paint_row(painter, look, rect, answer, selected)
        painter.restore()

    def _paint_row(self, painter: QPainter, look: Theme, rect: QRect, answer: Answer, selected: bool) -> None:
        icon = look.px(20)
        middle = rect.center().y() + 1
        place = QRectF(rect.left() + _PAD_PX, middle - icon // 2, icon, icon)
        paint_icon(painter, answer.icon, place, look.colour("accent" if selected else "muted").name())
        left = rect.left() + _PAD_PX + icon + _PAD_PX
        right = rect.right() - _PAD_PX - (self._hint_width(look) + 8 if selected else 24)
        self._paint_title(painter, look, QRectF(left, middle - look.px(19), right - left, look.px(20)), answer)
        painter.setFont(look.font("small"))
        painter.setPen(look.colour("muted"))
        below = QRectF(left, middle + look.px(2), right - left, look.px(LINE_HEIGHT_PX["small"]))
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, render(answer.detail))
        if selected:
            self._paint_hint(painter, look, rect, middle)
        else:
            arrow = QRectF(rect.right() - _PAD_PX - 16, middle - 8, 16, 16)
            paint_icon(painter, "chevron-right", arrow, look.colour("muted").name())

    def _paint_title(self, painter: QPainter, look: Theme, place: QRectF, answer: Answer) -> None:
        font = look.font("body", 500)
        shown = QFontMetrics(font).elidedText(answer.title, Qt.TextElideMode.ElideRight, round(place.width()))
        layout = QTextLayout(shown, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        layout.setTextOption(option)
        layout.setFormats([_match(start, length, look.colour("accent_strong")) for start, length in answer.matches])
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(10_000)
        layout.endLayout()
        painter.save()
        painter.setClipRect(place)
        painter.setPen(look.colour("text"))
        layout.draw(painter, QPointF(place.left(), place.top() + (place.height() - line.height()) / 2))
        painter.restore()

    def _hint_width(self, look: Theme) -> int:
        return QFontMetrics(look.font("small")).horizontalAdvance(text("chat.shortcut_enter")) + 10

    def _paint_hint(self, painter: QPainter, look: Theme, rect: QRect, middle: int) -> None:
        words = text("chat.shortcut_enter")
        painter.setFont(look.font("small"))
        width, height = self._hint_width(look), look.px(18)
        box = QRectF(rect.right() - _PAD_PX - width + 0.5, middle - height / 2 + 0.5, width - 1, height - 1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(look.colour("faint"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(look.colour("muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def _match(start: int, length: int, colour: QColor) -> QTextLayout.FormatRange:
    bold = QTextCharFormat()
    bold.setForeground(colour)
    bold.setFontWeight(600)
    found = QTextLayout.FormatRange()
    found.start, found.length, found.format = start, length, bold
    return found


class AnswerList(QListView):
    """As high as its rows. `opened(str)` gives the id of a row that was clicked or entered."""

    opened = Signal(str)

    def __init__(self, name: Words, object_name: str = "") -> None:
        super().__init__()
        self._model = _AnswerModel()
        self._delegate = _AnswerDelegate()
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setObjectName(object_name)
        show_words(self, self.setAccessibleName, name)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.clicked.connect(self._open)
        theme().changed.connect(self._restyle)
        self.set_answers(())

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The rows shown."""
        return self._model.answers

    def set_answers(self, answers: Sequence[Answer]) -> None:
        """Show rows, the first one selected; none hides the list."""
        self._model.put(answers)
        self.setVisible(bool(answers))
        self.setCurrentIndex(self._model.index(0))
        self._restyle()

    def select_next(self, by: int) -> None:
        """Select the row `by` further down (or up), stopping at the ends."""
        row = max(0, min(len(self.answers) - 1, self.currentIndex().row() + by))
        self.setCurrentIndex(self._model.index(row))

    def open_selected(self) -> bool:
        """Open the selected row; False when there is none."""
        if not self.currentIndex().isValid():
            return False
        self._open(self.currentIndex())
        return True

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self._model.answers[index.row()].id)

    def _restyle(self) -> None:
        self.setFixedHeight(len(self.answers) * theme().px(_ROW_PX) + 2)
        colour = theme().tokens
        self.setStyleSheet(
            f"AnswerList {{ background: {colour.surface}; border: 1px solid {colour.line};"
            f" border-radius: {RADIUS}px; }}"
        )
        self.viewport().update()
