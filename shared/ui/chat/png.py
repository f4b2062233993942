"""Pictures to PNG away from the UI thread, which a large screenshot would block for a third of a second."""

from PySide6.QtCore import QBuffer, QIODevice, QObject, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageWriter
from typing_extensions import override

MAX_SIDE_PX = 8192


class _Done(QObject):
    made = Signal(bytes)


class _Encoding(QRunnable):
    def __init__(self, image: QImage, done: _Done) -> None:
        super().__init__()
        self._image, self._done = image, done

    @override
    def run(self) -> None:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, b"PNG").write(self._image)
        self._done.made.emit(bytes(buffer.data().data()))


class PngEncoder(QObject):
    """`encoded(bytes)` comes for each picture given, in no promised order. Larger ones are scaled to `MAX_SIDE_PX`."""

    encoded = Signal(bytes)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._done = _Done()
        self._done.made.connect(self.encoded, Qt.ConnectionType.QueuedConnection)

    def encode(self, image: QImage) -> None:
        """Start encoding; nothing happens for an empty picture."""
        if image.isNull():
            return
        if max(image.width(), image.height()) > MAX_SIDE_PX:
            image = image.scaled(MAX_SIDE_PX, MAX_SIDE_PX, Qt.AspectRatioMode.KeepAspectRatio)
        QThreadPool.globalInstance().start(_Encoding(image, self._done))
