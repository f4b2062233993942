"""A person as initials on a disc. The tint says the tier, never the person."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from shared.ui.initials import initials
from shared.ui.theme import Theme, Tone, theme

AvatarTone = Literal["customer", "vip", "tier1", "tier2", "tier3", "guest", "self"]

_TONES: dict[AvatarTone, tuple[Tone, Tone]] = {
    "customer": ("sunken", "text"),
    "vip": ("vip_soft", "vip"),
    "tier1": ("info_soft", "info"),
    "tier2": ("accent_soft", "accent_strong"),
    "tier3": ("note_soft", "note"),
    "guest": ("warn_soft", "warn"),
    "self": ("accent_soft", "accent_strong"),
}


def paint_avatar(painter: QPainter, look: Theme, left: int, top: int, side: int, name: str, tone: AvatarTone) -> None:
    """Draw a disc of `side` pixels with a name's initials."""
    fill, ink = _TONES[tone]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour(fill))
    painter.drawEllipse(left, top, side, side)
    font = look.font("body", 600)
    font.setPixelSize(max(9, round(side * 0.42)))
    painter.setFont(font)
    painter.setPen(look.colour(ink))
    painter.drawText(left, top, side, side, Qt.AlignmentFlag.AlignCenter, initials(name))


class Avatar(QWidget):
    """24, 32 or 48 px. The name is what screen readers say."""

    def __init__(
        self, name: str, tone: AvatarTone, side_px: Literal[24, 32, 48] = 32, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._side_px = side_px
        theme().changed.connect(self._restyle)
        self.set_person(name, tone)

    def set_person(self, name: str, tone: AvatarTone) -> None:
        """Show someone else."""
        self._name = name
        self._tone: AvatarTone = tone
        self.setAccessibleName(name)
        self._restyle()

    @override
    def sizeHint(self) -> QSize:
        side = theme().px(self._side_px)
        return QSize(side, side)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        paint_avatar(QPainter(self), theme(), 0, 0, self.width(), self._name, self._tone)

    def _restyle(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()
