"""A remark that lies over a window for a while and goes by itself; it takes no focus."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from shared.ui.theme import SPACE_L, SPACE_S, Tone
from shared.ui.widgets.card import Card
from shared.ui.widgets.icon_mark import IconMark
from shared.ui.widgets.label import Label
from shared.ui.words import Words, render

_SHOWN_MS = 6000


class Toast(Card):
    """Made once for a window; `say` shows it at the lower edge, above the foot."""

    def __init__(self, window: QWidget, *, above_px: int = SPACE_L) -> None:
        super().__init__("floating", pad=12, spacing=SPACE_S, horizontal=True, parent=window)
        self._window = window
        self._above_px = above_px
        self._mark = IconMark("info", 16, "muted")
        self._label = Label("", "body", wrap=True)
        self.box.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self.box.addWidget(self._label, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    def say(self, words: Words, *, icon: str = "info", tone: Tone = "info") -> None:
        """Show words for six seconds and have them read out."""
        self._label.set_words(words)
        self._mark.set_icon(icon, tone)
        self.setAccessibleName(render(words))
        self._place()
        self.show()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        self._timer.start(_SHOWN_MS)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        window = self._window
        width = min(432, window.width() - 2 * SPACE_L)
        self.setFixedWidth(width)
        height = self.box.totalHeightForWidth(width)
        self.setGeometry((window.width() - width) // 2, window.height() - height - self._above_px, width, height)
