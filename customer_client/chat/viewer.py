"""One picture, large, over the conversation; any key or click closes it."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from shared.strings import phrase
from shared.ui.theme import SPACE_L, theme
from shared.ui.words import name_widget


class PictureView(QWidget):
    """Lies over its parent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._image = QImage()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        name_widget(self, phrase("talk.picture_view"), "chat.picture-view")
        self.hide()

    def show_image(self, image: QImage) -> None:
        """Show a picture as large as it fits."""
        parent = self.parentWidget()
        if image.isNull() or parent is None:
            return
        self._image = image
        self.setGeometry(parent.rect())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme().colour("bg"))
        room = self.rect().adjusted(SPACE_L, SPACE_L, -SPACE_L, -SPACE_L)
        size = self._image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        size = size.boundedTo(self._image.size())
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawImage(QRect(left, top, size.width(), size.height()), self._image)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.hide()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hide()
