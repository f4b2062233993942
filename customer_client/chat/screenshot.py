"""A picture of the screen this window is on, without this window; shown before anything is sent."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from shared.strings import phrase
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, Card, Label
from shared.ui.words import name_widget

_AWAY_MS = 350
"""How long window systems take to paint what is behind a window that has gone."""
_PREVIEW_PX = (320, 160)


class Screenshot(Card):
    """Docked above the composer while a picture waits for its yes; `chosen(QImage)` is that yes."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__("floating", pad=SPACE_M, spacing=SPACE_S)
        self._pixmap = QPixmap()
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name_widget(self._picture, phrase("talk.screenshot"), "screenshot.preview")
        send = Button(phrase("talk.screenshot_send"), "primary", "small", object_name="screenshot.send")
        self._drop = Button(phrase("talk.screenshot_drop"), "secondary", "small", object_name="screenshot.drop")
        send.clicked.connect(self._send)
        self._drop.clicked.connect(self.hide)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(send)
        buttons.addWidget(self._drop)
        buttons.addStretch(1)
        self.box.addWidget(Label(phrase("talk.screenshot_title"), "body", weight=600))
        self.box.addWidget(self._picture)
        self.box.addWidget(Label(phrase("talk.screenshot_words"), "small", tone="muted", wrap=True))
        self.box.addLayout(buttons)
        self.hide()

    def take(self, window: QWidget) -> None:
        """Step aside, take the picture, come back with it."""
        window.hide()
        QTimer.singleShot(_AWAY_MS, self, lambda: self._grab(window))

    def _grab(self, window: QWidget) -> None:
        screen = window.screen() or QGuiApplication.primaryScreen()
        self._pixmap = screen.grabWindow(0)
        window.show()
        window.activateWindow()
        if self._pixmap.isNull():
            return
        width, height = (theme().px(side) for side in _PREVIEW_PX)
        aspect, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        self._picture.setPixmap(self._pixmap.scaled(width, height, aspect, smooth))
        self.show()
        self._drop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _send(self) -> None:
        self.hide()
        self.chosen.emit(self._pixmap.toImage())
        self._pixmap = QPixmap()
