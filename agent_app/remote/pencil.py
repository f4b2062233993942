"""The sheet over the picture that takes the mouse while a drawing tool is in hand, and the two tools in the bar."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget
from typing_extensions import override

from agent_app.parts.tile_button import TileButton
from agent_app.remote.drawing import TOOLS, DrawingPresenter, DrawView
from agent_app.remote.picture_view import PictureView
from shared.control.drawing import MAX_WORDS
from shared.rules.coordinates import to_view
from shared.strings import phrase, text
from shared.ui.icons import make_icon
from shared.ui.sketch import COLOURS, paint_shape
from shared.ui.theme import theme
from shared.ui.words import name_widget, show_words

_ICONS: Final = {"arrow": "arrow-up-right", "box": "square", "ellipse": "circle", "pen": "pencil", "words": "text-size"}
_FIELD_PX: Final = 260


class Pencil(QWidget):
    """As large as the picture's widget, whose keys it leaves alone."""

    def __init__(self, picture: PictureView, presenter: DrawingPresenter) -> None:
        super().__init__(picture)
        self._picture, self._presenter = picture, presenter
        self._view = presenter.view.value
        self._field: QLineEdit | None = None
        name_widget(self, phrase("draw.sheet"), "remote.sheet")
        self.setMouseTracking(True)
        picture.installEventFilter(self)
        self._forget = presenter.view.watch(self._show)
        self._show(self._view)

    def shut(self) -> None:
        """The window goes."""
        self._forget()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._picture.size())
        return False

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        view = self._view
        placement = self._picture.placement()
        if not view.sketch.shapes or view.size != (placement.picture_width, placement.picture_height):
            return
        ratio = self.devicePixelRatioF()

        def at(x: int, y: int) -> QPointF:
            there = to_view(placement, x, y)
            return QPointF((there.x + 0.5) / ratio, (there.y + 0.5) / ratio)

        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shape in view.sketch.shapes:
            paint_shape(painter, shape, at)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._view.choice == "words":
            self._ask_words(event.position().toPoint())
        else:
            self._presenter.press(self._picture.placement(), *self._device(event.position()))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._picture.pointed.emit(int(event.position().y()))
        self._presenter.move(self._picture.placement(), *self._device(event.position()))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._presenter.lift()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._presenter.leave()

    def _show(self, view: DrawView) -> None:
        self._view = view
        self.setVisible(view.choice != "none" or bool(view.sketch.shapes))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, view.choice == "none")
        self.setCursor(Qt.CursorShape.ArrowCursor if view.choice == "pointer" else Qt.CursorShape.CrossCursor)
        if view.choice != "words":
            self._drop_field()
        self.update()

    def _device(self, at: QPointF) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return int(at.x() * ratio), int(at.y() * ratio)

    def _ask_words(self, at: QPoint) -> None:
        self._drop_field()
        field = self._field = _WordsField(self)
        name_widget(field, phrase("draw.words_field"), "remote.words")
        show_words(field, field.setPlaceholderText, phrase("draw.words_hint"))
        field.move(min(at.x(), max(0, self.width() - _FIELD_PX)), min(at.y(), self.height() - field.height()))
        field.returnPressed.connect(lambda: self._write(at, field.text()))
        field.cancelled.connect(self._drop_field)
        field.show()
        field.setFocus()

    def _write(self, at: QPoint, words: str) -> None:
        self._presenter.write(self._picture.placement(), *self._device(QPointF(at)), words)
        self._drop_field()

    def _drop_field(self) -> None:
        field, self._field = self._field, None
        if field is not None:
            field.hide()
            field.deleteLater()
            self._picture.setFocus()


class _WordsField(QLineEdit):
    cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedWidth(_FIELD_PX)
        self.setMaxLength(MAX_WORDS)
        self.setFixedHeight(theme().px(32))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)


class DrawTools(QObject):
    """`pointer` and `draw` for the bar; without the grant both ask for it by `ask`."""

    def __init__(self, presenter: DrawingPresenter, ask: Callable[[], None]) -> None:
        super().__init__()
        self._presenter, self._ask = presenter, ask
        self.pointer = TileButton("pointer", phrase("draw.pointer"), checkable=True, object_name="remote.pointer")
        self.draw = TileButton("pencil", phrase("draw.draw"), checkable=True, object_name="remote.draw")
        self.pointer.clicked.connect(self._point)
        self.draw.clicked.connect(self._open)
        self._forget = presenter.view.watch(lambda _view: self.show())
        self.show()

    def show(self, asked: bool = False, live: bool = True) -> None:
        """How they stand."""
        view, may = self._presenter.view.value, self._presenter.may
        for tile, on, tip in (
            (self.pointer, view.choice == "pointer", "draw.pointer_tip"),
            (self.draw, view.choice not in ("none", "pointer"), "draw.draw_tip"),
        ):
            tile.setEnabled(may or (live and not asked))
            tile.setChecked(on)
            tile.explain(phrase(tip if may else "draw.asked_tip" if asked else "draw.ask_tip"))

    def shut(self) -> None:
        """The window goes."""
        self._forget()

    def _point(self) -> None:
        if self._presenter.may:
            self._presenter.choose("pointer")
        else:
            self._ask()
        self.show()

    def _open(self) -> None:
        self.show()
        if not self._presenter.may:
            self._ask()
            return
        menu = QMenu(self.draw)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        look, view = theme(), self._presenter.view.value
        for tool in TOOLS:
            action = menu.addAction(text(f"draw.{tool}"))
            ink = look.tokens.accent if view.choice == tool else look.tokens.text
            action.setIcon(make_icon(_ICONS[tool], look.px(16), ink, look.tokens.faint))
            action.setCheckable(True)
            action.setChecked(view.choice == tool)
            action.triggered.connect(partial(self._take, tool))
        menu.addSeparator()
        for colour, ink in enumerate(COLOURS):
            action = menu.addAction(text(f"draw.colour_{colour}"))
            action.setIcon(_swatch(ink, look.px(16), view.colour == colour))
            action.setCheckable(True)
            action.setChecked(view.colour == colour)
            action.triggered.connect(partial(self._colour, colour))
        menu.addSeparator()
        for name, icon, act in (
            ("draw.undo", "undo", self._presenter.undo),
            ("draw.clear", "trash", self._presenter.clear),
        ):
            action = menu.addAction(text(name))
            action.setIcon(make_icon(icon, look.px(16), look.tokens.text, look.tokens.faint))
            action.setEnabled(bool(view.sketch.shapes))
            action.triggered.connect(act)
        menu.popup(self.draw.mapToGlobal(QPoint(0, self.draw.height() + 4)))

    def _take(self, tool: str, _checked: bool = False) -> None:
        for one in TOOLS:
            if one == tool:
                self._presenter.choose(one)

    def _colour(self, colour: int, _checked: bool = False) -> None:
        self._presenter.take_colour(colour)


def _swatch(ink: str, size: int, chosen: bool) -> QIcon:
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink))
    painter.drawEllipse(1, 1, size - 2, size - 2)
    if chosen:
        painter.setBrush(QColor("white"))
        painter.drawEllipse(size // 2 - 3, size // 2 - 3, 6, 6)
    painter.end()
    return QIcon(picture)
