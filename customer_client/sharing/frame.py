"""The frame around the shared monitor: four strips that no click touches."""

from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from customer_client.sharing.banner import line_colour
from customer_client.sharing.view import SharingView
from shared.strings import phrase
from shared.ui.theme import DARK
from shared.ui.words import name_widget, show_words

THICK_PX: Final = 5
"""4 px of colour and 1 px dark on the inner side, so that it shows over anything."""
_DASH_PX: Final = 24
PASSING_FLAGS: Final = (
    Qt.WindowType.Tool
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
    | Qt.WindowType.WindowTransparentForInput
)
"""On top of everything, never with the focus, and no click touches it."""


class _Strip(QWidget):
    def __init__(self, side: str) -> None:
        super().__init__(None, PASSING_FLAGS)
        self._side = side
        self._colour, self._dashed = QColor(DARK.accent), False
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        name_widget(self, phrase("sharing.window"), f"frame.{side}")
        show_words(self, self.setWindowTitle, phrase("sharing.window"))

    def look(self, colour: str, dashed: bool) -> None:
        """Change the colour."""
        self._colour, self._dashed = QColor(colour), dashed
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._colour)
        if self._dashed:
            wide = self.width() > self.height()
            for start in range(_DASH_PX, max(self.width(), self.height()), _DASH_PX * 2):
                gap = QRect(start, 0, _DASH_PX, THICK_PX) if wide else QRect(0, start, THICK_PX, _DASH_PX)
                painter.fillRect(gap, QColor(DARK.surface))
        painter.fillRect(self._inner(), QColor(DARK.bg))

    def _inner(self) -> QRect:
        width, height = self.width(), self.height()
        inner = {
            "top": QRect(0, height - 1, width, 1),
            "bottom": QRect(0, 0, width, 1),
            "left": QRect(width - 1, 0, 1, height),
            "right": QRect(0, 0, 1, height),
        }
        return inner[self._side]


class Frame:
    """All four."""

    def __init__(self) -> None:
        self._strips = {side: _Strip(side) for side in ("top", "bottom", "left", "right")}

    def stay_on(self, room: QRect) -> None:
        """Lie along the edges of this monitor."""
        thick, inside = THICK_PX, room.height() - 2 * THICK_PX
        places = {
            "top": QRect(room.left(), room.top(), room.width(), thick),
            "bottom": QRect(room.left(), room.bottom() - thick + 1, room.width(), thick),
            "left": QRect(room.left(), room.top() + thick, thick, inside),
            "right": QRect(room.right() - thick + 1, room.top() + thick, thick, inside),
        }
        for side, strip in self._strips.items():
            strip.setGeometry(places[side])

    def show_view(self, view: SharingView) -> None:
        """Take the colour of how things stand."""
        for strip in self._strips.values():
            strip.look(line_colour(view), view.tone == "paused")

    def set_shown(self, shown: bool) -> None:
        """Appear or go."""
        for strip in self._strips.values():
            strip.setVisible(shown)

    def close(self) -> None:
        """Go for good."""
        for strip in self._strips.values():
            strip.close()
            strip.deleteLater()
