"""The customer's picture: paints the newest frame, turns mouse and keys into input while control is granted."""

import time
from collections import deque
from collections.abc import Callable, Collection
from typing import Final, Literal

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QFocusEvent,
    QGuiApplication,
    QHideEvent,
    QImage,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from agent_app.remote.frame_source import FrameSource
from agent_app.remote.pointing import Pointing
from shared.control.input import Input, LetGo
from shared.control.keymap import Keyboard
from shared.rules.coordinates import Area, Placement, fit, scaled, to_view
from shared.session.channel import CursorAt, CursorLooks, Stage
from shared.session.frames import FrameReady
from shared.ui.theme import theme
from shared.ui.theme.tokens import DARK
from shared.ui.words import show_words

ScaleMode = Literal["fit", "actual"]
_VEIL: Final = 0.5
_PAINTS_KEPT: Final = 300


class PictureView(QWidget):
    """`sent(tuple[Input, ...])` while `set_control(True)`; `released` when Ctrl+Alt+Home gave the keys back,
    `pointed(y)` as the pointer moves."""

    sent = Signal(object)
    released = Signal()
    pointed = Signal(int)

    def __init__(self, name: Callable[[], str]) -> None:
        self._control = self._dim = self._has_keys = False  # before Qt asks: `event` is called from the constructor on
        super().__init__()
        self._frames = FrameSource()
        self._mode: ScaleMode = "fit"
        self._part: Area | None = None
        self._part_of = (0, 0)
        self._scroll = (0, 0)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setObjectName("remote.picture")
        show_words(self, self.setAccessibleName, name)
        self._keys, self._pointing = Keyboard(), Pointing()
        self._keys_down: set[int] = set()
        self._cursor_at = CursorAt(x=0, y=0, visible=False)
        self._cursor_looks: CursorLooks | None = None
        self._cursor_image = QImage()
        self._paint_ms: deque[float] = deque(maxlen=_PAINTS_KEPT)
        self._whole_ms: deque[float] = deque(maxlen=_PAINTS_KEPT)
        self._ahead_us: int | None = None
        self._painted_number = 0

    # What it is told

    def show_frame(self, ready: FrameReady) -> None:
        """A new picture is in the file."""
        if self._frames.follow(ready):
            self.updateGeometry()
            self.update()
            return
        if not ready.dirty:
            self.update()
        for area in ready.dirty:
            self.update(self._on_view(*area))

    def show_cursor(self, cursor: CursorAt | CursorLooks) -> None:
        """The customer's pointer moved or looks different."""
        self.update(self._cursor_rect())
        if isinstance(cursor, CursorLooks):
            self._cursor_looks = cursor
            self._cursor_image = QImage(
                cursor.pixels, cursor.width, cursor.height, cursor.width * 4, QImage.Format.Format_ARGB32_Premultiplied
            ).copy()
            self._show_own_pointer()
        else:
            self._cursor_at = cursor
        self.update(self._cursor_rect())

    def set_control(self, control: bool) -> None:
        """Whether mouse and keys go to the customer's computer."""
        if control != self._control:
            if not control:
                self.let_go()
            self._control = control
            self._take_keys(control and self.hasFocus())
            self._show_own_pointer()
            self.update()

    def set_dim(self, dim: bool) -> None:
        """The picture is old: the connection is lost, paused or over."""
        if dim != self._dim:
            self._dim = dim
            self.update()

    def show_part(self, part: Area | None, of: tuple[int, int]) -> None:
        """Only this part of a picture of this size; None: all of it. A picture of another size is shown whole."""
        if (part, of) != (self._part, self._part_of):
            self.let_go()
            self._part, self._part_of = part, of
            self._scroll = (0, 0)
            self.updateGeometry()
            self.update()

    def set_mode(self, mode: ScaleMode) -> None:
        """The whole picture, or each of its pixels as one of ours."""
        self._mode = mode
        self._scroll = (0, 0)
        self.update()

    def chord(self, *names: str) -> None:
        """Send a combination that this computer would keep for itself."""
        self._send(self._keys.chord(*names))

    def let_go(self) -> None:
        """Everything that is held down comes up."""
        if self._keys_down or self._pointing.holds:
            self._send(self._keys.let_go())
        else:
            self._keys.let_go()
        self._pointing.let_go()
        self._keys_down.clear()

    def painted(self) -> Stage | None:
        """How long painting took lately; None before the first picture."""
        return _stage(self._paint_ms)

    def since_capture(self) -> Stage | None:
        """From the grab over there until it was painted here; None while their clock is not known."""
        return _stage(self._whole_ms)

    def set_clock(self, ahead_us: int | None) -> None:
        """How far the clock that stamps the pictures is ahead of ours."""
        self._ahead_us = ahead_us

    def close_frames(self) -> None:
        """Let the picture's memory go."""
        self._frames.close()

    @override
    def sizeHint(self) -> QSize:
        part = self._shown_part()
        width, height = part.width, part.height
        return QSize(width or 960, height or 600)

    # Painting

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        started = time.perf_counter()
        painter = QPainter(self)
        image = self._frames.newest()
        if image is None:
            painter.fillRect(event.rect(), theme().colour("sunken"))
            return
        self._paint_picture(painter, event, image)
        if self._frames.torn():
            self.update(event.rect())
        self._paint_ms.append((time.perf_counter() - started) * 1000)
        self._note_shown()

    def _note_shown(self) -> None:
        """The first painting of a picture counts for how old it was then."""
        shown = self._frames.shown
        if shown is not None and shown.number != self._painted_number:
            self._painted_number = shown.number
            if self._ahead_us is not None:
                self._whole_ms.append((time.monotonic_ns() // 1000 - shown.captured_us + self._ahead_us) / 1000)

    def _paint_picture(self, painter: QPainter, event: QPaintEvent, image: QImage) -> None:
        placement = self.placement()
        ratio = self.devicePixelRatioF()
        painter.setClipRegion(event.region())
        whole = QRect(placement.x, placement.y, placement.width, placement.height)
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        exposed = QRect(0, 0, round(self.width() * ratio) + 1, round(self.height() * ratio) + 1)
        for bar in _around(exposed, whole):
            painter.fillRect(bar, theme().colour("sunken"))
        part = QRect(placement.left, placement.top, placement.picture_width, placement.picture_height)
        exact = placement.width == placement.picture_width and placement.height == placement.picture_height
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
        if exact:
            painter.drawImage(whole.topLeft(), image, part)
        else:
            painter.drawImage(whole, image, part)
        if self._cursor_at.visible and not self._control and not self._cursor_image.isNull():
            self._paint_cursor(painter, placement)
        painter.restore()
        if self._dim:
            veil = QColor(DARK.bg)
            veil.setAlphaF(_VEIL)
            painter.fillRect(event.rect(), veil)

    def _paint_cursor(self, painter: QPainter, placement: Placement) -> None:
        looks = self._cursor_looks
        if looks is not None and self._shown_part().holds(self._cursor_at.x, self._cursor_at.y):
            at = to_view(placement, self._cursor_at.x, self._cursor_at.y)
            painter.drawImage(at.x - looks.hot_x, at.y - looks.hot_y, self._cursor_image)

    def _cursor_rect(self) -> QRect:
        looks = self._cursor_looks
        if looks is None or not self._frames.size[0]:
            return QRect()
        at, ratio = to_view(self.placement(), self._cursor_at.x, self._cursor_at.y), self.devicePixelRatioF()
        left, top = (at.x - looks.hot_x) / ratio, (at.y - looks.hot_y) / ratio
        return QRect(int(left) - 2, int(top) - 2, round(looks.width / ratio) + 4, round(looks.height / ratio) + 4)

    def _show_own_pointer(self) -> None:
        looks = self._cursor_looks
        if not self._control or looks is None or self._cursor_image.isNull():
            self.unsetCursor()
            return
        self.setCursor(QCursor(QPixmap.fromImage(self._cursor_image), looks.hot_x, looks.hot_y))

    # Where things are

    def _shown_part(self) -> Area:
        width, height = self._frames.size
        whole = Area(0, 0, width, height)
        return (self._part.clipped(whole) or whole) if self._part and self._part_of == (width, height) else whole

    def placement(self) -> Placement:
        """Where the picture lies, in device pixels of this widget."""
        ratio = self.devicePixelRatioF()
        part = self._shown_part()
        width, height = max(1, part.width), max(1, part.height)
        view_width, view_height = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        if self._mode == "fit":
            return fit(view_width, view_height, width, height).of_part(part, self._frames.size)
        left = (view_width - width) // 2 if width <= view_width else -self._scroll[0]
        top = (view_height - height) // 2 if height <= view_height else -self._scroll[1]
        return scaled(left, top, width, height).of_part(part, self._frames.size)

    def _on_view(self, x: int, y: int, width: int, height: int) -> QRect:
        placement, ratio = self.placement(), self.devicePixelRatioF()
        across, along = placement.width / placement.picture_width, placement.height / placement.picture_height
        x, y = x - placement.left, y - placement.top
        left, top = (placement.x + x * across) / ratio, (placement.y + y * along) / ratio
        right, bottom = left + width * across / ratio, top + height * along / ratio
        return QRect(int(left) - 1, int(top) - 1, int(right - left) + 4, int(bottom - top) + 4)

    def _device(self, at: QPointF) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return int(at.x() * ratio), int(at.y() * ratio)

    def _scroll_by(self, across: int, along: int) -> None:
        """In 1:1 without control the wheel moves the picture."""
        ratio, part = self.devicePixelRatioF(), self._shown_part()
        room = (
            max(0, part.width - round(self.width() * ratio)),
            max(0, part.height - round(self.height() * ratio)),
        )
        self._scroll = (
            max(0, min(room[0], self._scroll[0] - across)),
            max(0, min(room[1], self._scroll[1] - along)),
        )
        self.update()

    # Input

    def _send(self, inputs: tuple[Input, ...]) -> None:
        if inputs and (self._control or isinstance(inputs[0], LetGo)):
            self.sent.emit(inputs)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(int(event.position().y()))
        if self._control:
            self._send(self._pointing.move(self.placement(), *self._device(event.position())))
        elif self._mode == "actual":
            self._follow_edge(event.position())

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._control:
            placement, at = self.placement(), self._device(event.position())
            moved = self._pointing.move(placement, *at)
            self._send((*moved, *self._pointing.press(placement, *at, event.button().value)))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._control:
            at = self._device(event.position())
            self._send(self._pointing.release(self.placement(), *at, event.button().value))

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        angle = event.angleDelta()
        if not self._control:
            self._scroll_by(angle.x(), angle.y())
            return
        at = self._device(event.position())
        self._send(self._pointing.wheel(self.placement(), *at, angle.x(), angle.y()))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._control:
            super().keyPressEvent(event)
            return
        if _gives_back(event):
            self.let_go()
            self.released.emit()
            return
        self._send(self._keys.press(event.key(), event.text(), event.modifiers().value, event.isAutoRepeat()))
        self._keys_down.add(event.key())

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._control:
            super().keyReleaseEvent(event)
            return
        self._send(self._keys.release(event.key(), event.isAutoRepeat()))
        if not event.isAutoRepeat():
            self._keys_down.discard(event.key())

    @override
    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if self._control and event.commitString():
            self._send(self._keys.commit(event.commitString()))
        event.accept()

    @override
    def event(self, event: QEvent) -> bool:
        """Shortcuts of this program and Tab belong to the customer's computer while it is controlled."""
        if self._control and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if self._control and isinstance(event, QKeyEvent) and event.key() in {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}:
            (self.keyPressEvent if event.type() == QEvent.Type.KeyPress else self.keyReleaseEvent)(event)
            return True
        return super().event(event)

    def _take_keys(self, take: bool) -> None:
        """Also those that this desktop keeps for itself (Alt+Tab, Super). Only X11 lets a program have them."""
        window = self.window()
        if take != self._has_keys and window.internalWinId() and QGuiApplication.platformName() == "xcb":
            granted = window.windowHandle().setKeyboardGrabEnabled(take)
            self._has_keys = take and granted

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._take_keys(self._control)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._take_keys(False)
        self.let_go()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._take_keys(False)
        self.let_go()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update()

    def _follow_edge(self, at: QPointF) -> None:
        edge = 24
        across = edge if at.x() < edge else -edge if at.x() > self.width() - edge else 0
        along = edge if at.y() < edge else -edge if at.y() > self.height() - edge else 0
        if across or along:
            self._scroll_by(across, along)


def _stage(times_ms: Collection[float]) -> Stage | None:
    if not times_ms:
        return None
    ordered = sorted(times_ms)
    last = len(ordered) - 1
    return Stage(p50_ms=ordered[last // 2], p95_ms=ordered[round(last * 0.95)], count=len(ordered))


def _gives_back(event: QKeyEvent) -> bool:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return event.key() == Qt.Key.Key_Home and event.modifiers() & both == both


def _around(room: QRect, hole: QRect) -> list[QRect]:
    """What of `room` lies outside `hole`."""
    bars = [
        QRect(room.left(), room.top(), room.width(), hole.top() - room.top()),
        QRect(room.left(), hole.bottom() + 1, room.width(), room.bottom() - hole.bottom()),
        QRect(room.left(), hole.top(), hole.left() - room.left(), hole.height()),
        QRect(hole.right() + 1, hole.top(), room.right() - hole.right(), hole.height()),
    ]
    return [bar for bar in bars if bar.width() > 0 and bar.height() > 0]
