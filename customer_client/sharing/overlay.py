"""Banner and frame as sharing goes on, and where our windows are, told to the session process at every change."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from customer_client.parts.application import application
from customer_client.sharing.banner import Banner
from customer_client.sharing.drawings import Drawings
from customer_client.sharing.files import FilesPresenter, FilesView
from customer_client.sharing.files_panel import FilesPanel
from customer_client.sharing.frame import Frame
from customer_client.sharing.presenter import SharingPresenter, SharingView
from shared.rules.coordinates import Area
from shared.session.channel import ProtectedWindow
from shared.session.drawing_messages import DrawingsShown

_MOVES = frozenset(
    {QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowStateChange}
)


class Overlay(QObject):
    """`windows` are ours that must never be in the picture nor be reached by remote input."""

    def __init__(
        self, presenter: SharingPresenter, files: FilesPresenter, windows: Callable[[], list[QWidget]]
    ) -> None:
        super().__init__()
        self._files = files
        self._panel: FilesPanel | None = None
        self._presenter, self._windows = presenter, windows
        self._banner: Banner | None = None
        self._frame: Frame | None = None
        self._drawings: Drawings | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.protect)
        self._forget = [
            presenter.view.watch(self._show),
            presenter.drawings.watch(self._draw),
            files.view.watch(self._show_files),
        ]
        application().installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES and isinstance(watched, QWidget) and watched.isWindow():
            self._soon.start()
        return False

    def protect(self) -> None:
        """Tell where our windows and the Stop button are now."""
        if not self._presenter.view.value.live:
            return
        ours = (self._banner, self._panel)
        shown = [*self._windows(), *(each for each in ours if each is not None)]
        shown = [window for window in shown if window.isVisible() and not window.isMinimized()]
        windows = tuple(map(_protected, shown))
        if self._drawings is not None:
            self._drawings.keep_out([window.frameGeometry() for window in shown])
        stop = None
        if self._banner is not None and self._banner.isVisible():
            button = self._banner.stop_button
            stop = native(QRect(button.mapToGlobal(QPoint(0, 0)), button.size()), button)
        self._presenter.protect(windows, stop)

    def close(self) -> None:
        """The program ends."""
        application().removeEventFilter(self)
        for forget in self._forget:
            forget()
        self._go()

    def _show(self, view: SharingView) -> None:
        if not view.live:
            self._go()
            return
        if self._banner is None or self._frame is None:
            self._come(view)
        if self._banner is not None and self._frame is not None:
            self._banner.show_view(view)
            self._frame.show_view(view)

    def _come(self, view: SharingView) -> None:
        self._banner, self._frame = Banner(self._presenter), Frame()
        self._banner.show_view(view)
        room = monitor_room(view.area)
        self._frame.stay_on(room)
        self._drawings = Drawings(room, view.area or native(room, self._banner))
        self._frame.set_shown(True)
        self._banner.stay_on(room)
        self._banner.show()
        self._banner.raise_()
        self._panel = FilesPanel(self._files)
        self._panel.stay_on(room)
        self._show_files(self._files.view.value)
        self.protect()

    def _show_files(self, view: FilesView) -> None:
        if self._panel is not None:
            self._panel.show_view(view)

    def _go(self) -> None:
        if self._panel is not None:
            self._panel.hide()
            self._panel.deleteLater()
            self._panel = None
        if self._banner is not None:
            self._banner.hide()
            self._banner.deleteLater()
            self._banner = None
        if self._frame is not None:
            self._frame.close()
            self._frame = None
        if self._drawings is not None:
            self._drawings.close()
            self._drawings = None

    def _draw(self, shown: DrawingsShown) -> None:
        if self._drawings is not None and self._banner is not None:
            names = {watcher.person.id: watcher.person.name for watcher in self._presenter.view.value.watchers}
            self._drawings.show_sketches(shown.sketches, names)


def monitor_room(area: Area | None) -> QRect:
    """The monitor that lies where `area` (native pixels) does, in logical pixels; else the first one."""
    primary = QGuiApplication.primaryScreen()
    if area is not None:
        for screen in QGuiApplication.screens():
            ratio = screen.devicePixelRatio()
            place = screen.geometry()
            if round(place.x() * ratio) == area.x and round(place.y() * ratio) == area.y:
                return place
        ratio = primary.devicePixelRatio()
        return QRect(
            round(area.x / ratio), round(area.y / ratio), round(area.width / ratio), round(area.height / ratio)
        )
    return primary.geometry()


def native(place: QRect, widget: QWidget) -> Area:
    """A global logical rectangle in native pixels."""
    ratio = widget.devicePixelRatioF()
    return Area(
        round(place.x() * ratio), round(place.y() * ratio), round(place.width() * ratio), round(place.height() * ratio)
    )


def _protected(window: QWidget) -> ProtectedWindow:
    return ProtectedWindow(window_id=int(window.winId()), area=native(window.frameGeometry(), window))
