"""What can be seen: a picture of each monitor and window to choose from, taken by the session process."""

from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.parts.page import drop
from customer_client.parts.pictures import decode
from customer_client.sharing.choosing import Choice, Choosing
from shared.session.scene_messages import MonitorSeen, WindowSeen
from shared.strings import Words, error_text, phrase, render, text
from shared.ui.icons import paint_icon
from shared.ui.theme import RADIUS, SPACE_M, SPACE_S, theme
from shared.ui.widgets import Label
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import name_widget

_THUMB = QSize(148, 84)
_MOST = QSize(960, 540)
_RADIO_PX = 16
_COLUMNS = 2
Seen = MonitorSeen | WindowSeen


class Sources(QWidget):
    """One tile a monitor, of which several may be chosen, or one of the windows. Nothing is chosen for the person
    unless there is only one monitor."""

    def __init__(self, choosing: Choosing) -> None:
        super().__init__()
        self._choosing = choosing
        self._shared: Words = ""
        self._say = Label("", "small", tone="muted", wrap=True)
        self._monitors = _Tiles(choosing)
        self._window_head = Label(phrase("consent.one_window"), "small", tone="muted", wrap=True)
        self._windows = _Tiles(choosing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(Label(phrase("consent.seen"), "body", weight=600))
        for widget in (self._say, self._monitors, self._window_head, self._windows):
            column.addWidget(widget)
        forget = choosing.view.watch(self._show)
        self.destroyed.connect(lambda: forget())

    def show_shared(self, shared: Words) -> None:
        """This is shared already: there is nothing to choose before it is changed."""
        self._shared = shared
        self._show(self._choosing.view.value)

    def _show(self, choice: Choice) -> None:
        if self._shared:
            self._say.set_words(partial(_already, self._shared))
        elif choice.fault:
            self._say.set_words(error_text(choice.fault))
        elif len(choice.monitors) > 1:
            self._say.set_words(phrase("consent.whole_monitors"))
        else:
            self._say.set_words(phrase("consent.whole_monitor" if choice.monitors else "consent.looking"))
        self._monitors.show_sources(() if self._shared else choice.monitors, choice)
        windows = () if self._shared else choice.windows
        self._window_head.setVisible(bool(windows))
        self._windows.setVisible(bool(windows))
        self._windows.show_sources(windows, choice)


class _Tiles(QWidget):
    def __init__(self, choosing: Choosing) -> None:
        super().__init__()
        self._choosing = choosing
        self._tiles: dict[str | int, _Tile] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACE_M)
        self._grid.setColumnStretch(_COLUMNS, 1)

    def show_sources(self, sources: tuple[Seen, ...], choice: Choice) -> None:
        if {source.id for source in sources} != set(self._tiles):
            self._rebuild(sources)
        for source in sources:
            self._tiles[source.id].show_source(source, choice)

    def _rebuild(self, sources: tuple[Seen, ...]) -> None:
        for tile in self._tiles.values():
            drop(tile)
        self._tiles = {source.id: self._tile(source, place) for place, source in enumerate(sources)}

    def _tile(self, source: Seen, place: int) -> "_Tile":
        tile = _Tile(place + 1, source)
        if isinstance(source, MonitorSeen):
            tile.clicked.connect(partial(self._choosing.toggle_monitor, source.id))
        else:
            tile.clicked.connect(partial(self._choosing.choose_window, source.id))
        self._grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)
        return tile


def _already(shared: Words) -> str:
    return text("consent.already", monitor=render(shared))


class _Tile(QAbstractButton):
    """148 x 84 with a radio below."""

    def __init__(self, number: int, source: Seen) -> None:
        super().__init__()
        self._image = QImage()
        self._many = False
        self._label: Words = phrase("consent.monitor", number=number)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if isinstance(source, MonitorSeen):
            width, height, name = source.area.width, source.area.height, text("consent.monitor", number=number)
            spoken = phrase("consent.monitor_size", name=name, width=width, height=height)
            name_widget(self, spoken, f"consent.monitor.{number}")
            self.setToolTip(source.name)
        else:
            name_widget(self, phrase("consent.window_named", title=source.title), f"consent.window.{number}")
        ring_on_focus(self, RADIUS)
        theme().changed.connect(self.updateGeometry)

    def show_source(self, source: Seen, choice: Choice) -> None:
        """Show how it looks now, and whether it is chosen."""
        if source.thumbnail:
            self._image = decode(source.thumbnail, _MOST)
        if isinstance(source, WindowSeen):
            self._label = source.title
            self.setToolTip(f"{source.title}\n{source.app}")
        else:
            self._many = len(choice.monitors) > 1
        self.setChecked(choice.shows(source))
        self.update()

    @override
    def nextCheckState(self) -> None:
        """The presenter says what is chosen."""

    @override
    def sizeHint(self) -> QSize:
        look = theme()
        return QSize(look.px(_THUMB.width()), look.px(_THUMB.height() + 28))

    @override
    def event(self, e: QEvent) -> bool:
        if e.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(e)

    @override
    def paintEvent(self, e: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(1, 1, self.width() - 2, look.px(_THUMB.height()) - 2)
        painter.setPen(QPen(look.colour("accent" if self.isChecked() else "faint"), 2))
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        if not self._image.isNull():
            room = box.adjusted(4, 4, -4, -4)
            size = self._image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            left = room.left() + (room.width() - size.width()) / 2
            top = room.top() + (room.height() - size.height()) / 2
            painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)
        self._paint_choice(painter)

    def _paint_choice(self, painter: QPainter) -> None:
        look = theme()
        side = look.px(_RADIO_PX)
        top = self.height() - look.px(24)
        mark = QRectF(1, top + (look.px(24) - side) / 2, side, side).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(look.colour("accent" if self.isChecked() else "faint"), 1.5))
        painter.setBrush(look.colour("accent" if self.isChecked() else "surface"))
        if self._many:
            painter.drawRoundedRect(mark, 4, 4)
        else:
            painter.drawEllipse(mark)
        if self.isChecked() and self._many:
            paint_icon(painter, "check", mark.adjusted(2, 2, -2, -2), look.colour("on_accent").name())
        elif self.isChecked():
            painter.setBrush(look.colour("on_accent"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(mark.center(), side / 5, side / 5)
        painter.setPen(look.colour("text"))
        painter.setFont(look.font("body", 600 if self.isChecked() else 400))
        place = QRectF(side + 8, top, self.width() - side - 8, look.px(24))
        words = painter.fontMetrics().elidedText(render(self._label), Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
