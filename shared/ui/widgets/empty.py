"""What a list shows when there is nothing in it: why, and what comes next."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from shared.ui.icons import paint_icon
from shared.ui.theme import RADIUS_LARGE, SPACE_M, SPACE_XL, theme
from shared.ui.widgets.button import Button
from shared.ui.widgets.label import Label
from shared.ui.words import Words


class _Plate(QWidget):
    """A tinted square of 64 px with an icon of 32."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self._icon = icon
        self.setFixedSize(self.sizeHint())
        theme().changed.connect(self.update)

    @override
    def sizeHint(self) -> QSize:
        return QSize(64, 64)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent_soft"))
        painter.drawRoundedRect(self.rect(), RADIUS_LARGE, RADIUS_LARGE)
        paint_icon(painter, self._icon, QRectF(16, 16, 32, 32), look.colour("accent_strong").name())


class EmptyState(QWidget):
    """Icon, title, sentence and (where given) one button, whose click is `acted`."""

    acted = Signal()

    def __init__(
        self,
        icon: str,
        title: Words,
        sentence: Words,
        *,
        action: Words | None = None,
        action_icon: str | None = None,
        object_name: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self._title = Label(title, "title", weight=600, wrap=True)
        self._sentence = Label(sentence, "body", tone="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_XL, SPACE_XL, SPACE_XL, SPACE_XL)
        column.setSpacing(SPACE_M)
        column.addStretch(1)
        column.addWidget(_Plate(icon), 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self._title, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        if action is not None:
            button = Button(action, "primary", "small", icon=action_icon)
            button.clicked.connect(self.acted)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def say(self, title: Words, sentence: Words) -> None:
        """Show another reason."""
        self._title.set_words(title)
        self._sentence.set_words(sentence)
