"""Pictures of others, decoded away from the UI thread and within bounds: whoever sent them may be hostile."""

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader
from typing_extensions import override

from customer_client.desk.media import media_type

MAX_PIXELS: Final = 64_000_000
_FORMATS: Final = {"image/png": b"png", "image/jpeg": b"jpeg", "image/gif": b"gif", "image/webp": b"webp"}


def decode(data: bytes, room: QSize) -> QImage:
    """The picture, no larger than `room`; a null one for what is no picture of ours or too large."""
    kind = _FORMATS.get(media_type(data))
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(kind or b"none"))
    size = reader.size()
    if kind is None or not size.isValid() or size.width() * size.height() > MAX_PIXELS:
        return QImage()
    if size.width() > room.width() or size.height() > room.height():
        reader.setScaledSize(size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


class _Done(QObject):
    made = Signal(str, QImage)


class _Decoding(QRunnable):
    def __init__(self, key: str, data: bytes, room: QSize, done: _Done) -> None:
        super().__init__()
        self._key, self._data, self._room, self._done = key, data, room, done

    @override
    def run(self) -> None:
        self._done.made.emit(self._key, decode(self._data, self._room))


class PictureDecoder(QObject):
    """`decoded(key, image)` comes for each picture given, in no promised order."""

    decoded = Signal(str, QImage)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._done = _Done()
        self._done.made.connect(self.decoded, Qt.ConnectionType.QueuedConnection)

    def decode(self, key: str, data: bytes, room: QSize) -> None:
        """Start decoding."""
        QThreadPool.globalInstance().start(_Decoding(key, data, room, self._done))
