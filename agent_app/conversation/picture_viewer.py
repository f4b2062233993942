"""A picture at its own size, scaled down to the window, with a way to save it."""

from pathlib import Path

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from shared.strings import phrase
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button
from shared.ui.words import show_words


class _Canvas(QWidget):
    def __init__(self, image: QImage, name: str) -> None:
        super().__init__()
        self._image = image
        self.setAccessibleName(name)
        self.setMinimumSize(320, 240)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().colour("sunken"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shown = self._image.size()
        if shown.width() > self.width() or shown.height() > self.height():
            shown.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - shown.width()) // 2, (self.height() - shown.height()) // 2
        painter.drawImage(self.rect().adjusted(left, top, left + shown.width() - self.width(),
                                               top + shown.height() - self.height()), self._image)  # fmt: skip


def decode(data: bytes) -> QImage | None:
    """A picture from a file's bytes; None for what is none. Any thread."""
    image = QImage.fromData(data)
    return None if image.isNull() else image


class PictureViewer(QDialog):
    """Opened with `open()`. `data` is the file as it was sent."""

    def __init__(self, parent: QWidget, name: str, data: bytes, image: QImage) -> None:
        super().__init__(parent)
        self._name, self._data = name, data
        self.setObjectName("picture")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        show_words(self, self.setWindowTitle, name or phrase("conversation.picture"))
        save = Button(phrase("conversation.save_picture"), "secondary", "small", icon="download")
        save.setObjectName("picture.save")
        save.clicked.connect(self._save)
        close = Button(phrase("desk.close"), "secondary", "small", object_name="picture.close")
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.addStretch(1)
        row.addWidget(save)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(_Canvas(image, name), 1)
        column.addLayout(row)
        self.resize(theme().px(800), theme().px(600))

    def _save(self) -> None:
        QFileDialog.saveFileContent(QByteArray(self._data), Path(self._name or "picture.png").name)
