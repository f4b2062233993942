"""Paints a table cell as a chip; the model gives words and tone."""

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from shared.ui.item_view import AnyIndex, option_rect, option_state
from shared.ui.theme import Tone, theme

ROLE_CHIP: Final = int(Qt.ItemDataRole.UserRole) + 1
"""(fill tone, ink tone) of a cell that is a chip; None for plain words."""


class ChipDelegate(QStyledItemDelegate):
    """Cells without a chip are painted as always."""

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        tones: tuple[Tone, Tone] | None = index.data(ROLE_CHIP)
        if tones is None:
            super().paint(painter, option, index)
            return
        look, rect, words = theme(), option_rect(option), str(index.data())
        state = option_state(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.colour("accent_soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.colour("sunken"))
        painter.setPen(look.colour("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setFont(look.font("small", 500))
        width = min(painter.fontMetrics().horizontalAdvance(words) + 12, rect.width() - 12)
        height = look.px(20)
        plate = QRectF(rect.x() + 8, rect.center().y() - height / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(tones[0]))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(look.colour(tones[1]))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()
