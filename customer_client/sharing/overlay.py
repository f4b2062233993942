"""Banner and frame on everything that is shared, and where our windows are, told to the session process."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import structs
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid
from typing_extensions import override

from customer_client.parts.application import application
from customer_client.sharing.area_picker import AreaPicker
from customer_client.sharing.banner import Banner
from customer_client.sharing.change import ChangeWindow
from customer_client.sharing.cover import CoverWindow
from customer_client.sharing.drawings import Drawings
from customer_client.sharing.files import FilesPresenter, FilesView
from customer_client.sharing.files_panel import FilesPanel
from customer_client.sharing.frame import Frame
from customer_client.sharing.places import logical, native, native_of_screen, screen_of
from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.view import SharingView
from shared.rules.coordinates import Area
from shared.session.drawing_messages import AgentSketch, DrawingsShown
from shared.session.scene_messages import ProtectedWindow

_MOVES = frozenset(
    {QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowStateChange}
)
_OURS = (ChangeWindow, CoverWindow, AreaPicker)


class _Place:
    """Banner, frame and drawings of one shared part. A window's banner is on the monitor that the window is on."""

    def __init__(self, presenter: SharingPresenter, view: SharingView) -> None:
        self.banner, self.frame = Banner(presenter), Frame()
        self.drawings: Drawings | None = None
        self._frame_room = self._banner_room = QRect()
        self._area: Area | None = None
        self.banner.show_view(view)

    def stay_on(self, area: Area, *, window: bool) -> None:
        """Lie over this part of the screen."""
        screen = screen_of(area)
        framed, room = logical(area), screen.geometry()
        if room != self._banner_room:
            self._banner_room = room
            self.banner.stay_on(room)
        framed = framed if window else room
        if framed != self._frame_room:
            self._frame_room = framed
            self.frame.stay_on(framed)
        if area != self._area:
            self._area = area
            self._close_drawings()
            self.drawings = Drawings(framed, area)

    def show_view(self, view: SharingView) -> None:
        self.banner.show_view(view)
        self.frame.show_view(view)
        self.frame.set_shown(not view.away and not view.gone)
        if not self.banner.isVisible():
            self.banner.show()
            self.banner.raise_()

    def draw(self, sketches: Sequence[AgentSketch], names: Mapping[str, str]) -> None:
        """Each pointer shows on its own part only."""
        if self.drawings is not None:
            self.drawings.show_sketches([self._within(sketch) for sketch in sketches], names)

    def _within(self, drawn: AgentSketch) -> AgentSketch:
        aim = drawn.sketch.aim
        if aim is None or (self._area is not None and self._area.holds(aim.x, aim.y)):
            return drawn
        return structs.replace(drawn, sketch=structs.replace(drawn.sketch, aim=None))

    def close(self) -> None:
        self.banner.hide()
        self.banner.deleteLater()
        self.frame.close()
        self._close_drawings()

    def _close_drawings(self) -> None:
        if self.drawings is not None:
            self.drawings.close()
            self.drawings = None


class Overlay(QObject):
    """`windows` are ours that must never be in the picture nor be reached by remote input."""

    def __init__(
        self, presenter: SharingPresenter, files: FilesPresenter, windows: Callable[[], list[QWidget]]
    ) -> None:
        super().__init__()
        self._files = files
        self._panel: FilesPanel | None = None
        self._presenter, self._windows = presenter, windows
        self._places: list[_Place] = []
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
        """Tell where our windows and the Stop buttons are now."""
        banners = [place.banner for place in self._places]
        ours: list[QWidget] = [window for window in QApplication.topLevelWidgets() if isinstance(window, _OURS)]
        ours += [self._panel] if self._panel is not None else []
        shown = [*self._windows(), *banners, *ours]
        # one of them may have been deleted since the event that called for this
        shown = [each for each in shown if isValid(each) and each.isVisible() and not each.isMinimized()]
        for place in self._places:
            if place.drawings is not None:
                place.drawings.keep_out([window.frameGeometry() for window in shown])
        stops = [_on_screen(banner.stop_button) for banner in banners if banner.isVisible()]
        self._presenter.protect(tuple(map(_protected, shown)), tuple(stops))

    def close(self) -> None:
        """The program ends."""
        application().removeEventFilter(self)
        self._soon.stop()
        for forget in self._forget:
            forget()
        self._go()

    def _show(self, view: SharingView) -> None:
        if not view.live:
            self._go()
            return
        areas = [pane.area for pane in view.panes] or self._last_areas()
        while len(self._places) > len(areas):
            self._places.pop().close()
        begins = not self._places
        while len(self._places) < len(areas):
            self._places.append(_Place(self._presenter, view))
        for place, area in zip(self._places, areas, strict=True):
            place.stay_on(area, window=view.window)
            place.show_view(view)
        if begins:  # before anybody can see anything
            self._panel = FilesPanel(self._files)
            self._panel.stay_on(screen_of(areas[0]).geometry())
            self._show_files(self._files.view.value)
            self.protect()

    def _last_areas(self) -> list[Area]:
        """Nothing is shown any more, but the banner that says so stays on the first screen."""
        return [native_of_screen(QGuiApplication.primaryScreen())]

    def _show_files(self, view: FilesView) -> None:
        if self._panel is not None:
            self._panel.show_view(view)

    def _go(self) -> None:
        if self._panel is not None:
            self._panel.hide()
            self._panel.deleteLater()
            self._panel = None
        for place in self._places:
            place.close()
        self._places = []

    def _draw(self, shown: DrawingsShown) -> None:
        names = {watcher.person.id: watcher.person.name for watcher in self._presenter.view.value.watchers}
        for place in self._places:
            place.draw(shown.sketches, names)


def _on_screen(widget: QWidget) -> Area:
    return native(QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size()), widget)


def _protected(window: QWidget) -> ProtectedWindow:
    return ProtectedWindow(window_id=int(window.winId()), area=native(window.frameGeometry(), window))
