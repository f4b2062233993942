"""What can be seen: a picture of each monitor to choose from, taken by the session process."""

from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.consent.presenter import ConsentPresenter, ConsentView
from customer_client.parts.page import drop
from customer_client.parts.pictures import decode
from shared.session.channel import MonitorSeen
from shared.strings import Words, error_text, phrase, render, text
from shared.ui.theme import RADIUS, SPACE_M, SPACE_S, theme
from shared.ui.widgets import Label
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import name_widget

_THUMB = QSize(148, 84)
_MOST = QSize(960, 540)
_RADIO_PX = 16
_COLUMNS = 2


class Sources(QWidget):
    """One tile a monitor; nothing is chosen for the person unless there is only one."""

    def __init__(self, presenter: ConsentPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._tiles: dict[str, _Tile] = {}
        self._say = Label("", "small", tone="muted", wrap=True)
        self._grid = QGridLayout()
        self._grid.setSpacing(SPACE_M)
        self._grid.setColumnStretch(_COLUMNS, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(Label(phrase("consent.seen"), "body", weight=600))
        column.addWidget(self._say)
        column.addLayout(self._grid)

    def show_view(self, view: ConsentView) -> None:
        """Show the monitors as they look now."""
        if view.sharing:
            self._say.set_words(partial(_already, view.sharing))
        elif view.fault:
            self._say.set_words(error_text(view.fault))
        else:
            self._say.set_words(phrase("consent.whole_monitor" if view.monitors else "consent.looking"))
        monitors = () if view.sharing else view.monitors
        if [monitor.id for monitor in monitors] != list(self._tiles):
            self._rebuild(monitors)
        for monitor in monitors:
            self._tiles[monitor.id].show_monitor(monitor, monitor.id == view.monitor_id)

    def _rebuild(self, monitors: tuple[MonitorSeen, ...]) -> None:
        for tile in self._tiles.values():
            drop(tile)
        self._tiles = {monitor.id: self._tile(monitor, place) for place, monitor in enumerate(monitors)}

    def _tile(self, monitor: MonitorSeen, place: int) -> "_Tile":
        tile = _Tile(place + 1, monitor)
        tile.clicked.connect(lambda: self._presenter.choose_monitor(monitor.id))
        self._grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)
        return tile


def _already(monitor: Words) -> str:
    return text("consent.already", monitor=render(monitor))


class _Tile(QAbstractButton):
    """148 x 84 with a radio below."""

    def __init__(self, number: int, monitor: MonitorSeen) -> None:
        super().__init__()
        self._number = number
        self._image = QImage()
        area = monitor.area
        name = phrase("consent.monitor", number=number)
        self._label = name
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        spoken = phrase(
            "consent.monitor_size", name=text("consent.monitor", number=number), width=area.width, height=area.height
        )
        name_widget(self, spoken, f"consent.monitor.{number}")
        self.setToolTip(monitor.name)
        ring_on_focus(self, RADIUS)
        theme().changed.connect(self.updateGeometry)

    def show_monitor(self, monitor: MonitorSeen, chosen: bool) -> None:
        """Show how it looks now, and whether it is the one."""
        if monitor.thumbnail:
            self._image = decode(monitor.thumbnail, _MOST)
        self.setChecked(chosen)
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
        radio = look.px(_RADIO_PX)
        top = self.height() - look.px(24)
        ring = QRectF(1, top + (look.px(24) - radio) / 2, radio, radio).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(look.colour("accent" if self.isChecked() else "faint"), 1.5))
        painter.setBrush(look.colour("accent" if self.isChecked() else "surface"))
        painter.drawEllipse(ring)
        if self.isChecked():
            painter.setBrush(look.colour("on_accent"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(ring.center(), radio / 5, radio / 5)
        painter.setPen(look.colour("text"))
        painter.setFont(look.font("body", 600 if self.isChecked() else 400))
        place = QRectF(radio + 8, top, self.width() - radio - 8, look.px(24))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self._label())
