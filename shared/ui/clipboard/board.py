"""This desktop's clipboard through Qt: what people copy is told; what came from elsewhere is set, and not told again.

What a password manager marks as secret is never read. The X11 primary selection is left alone.
"""

import hashlib
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QObject, Signal
from PySide6.QtGui import QClipboard, QGuiApplication, QImage, QImageReader

from shared.control.clipboard.item import MAX_PIXELS, Item, bounded
from shared.ui.chat.png import PngEncoder

MARK: Final = "application/x-threeline-clipboard"
"""On everything that was set here for another computer."""
_SECRETS: Final = (
    "x-kde-passwordManagerHint",
    "application/x-nspasteboard-concealed-type",
    "org.nspasteboard.ConcealedType",
    "org.nspasteboard.TransientType",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"',
    'application/x-qt-windows-mime;value="Clipboard Viewer Ignore"',
)
_DENIALS: Final = (
    'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"',
    'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"',
)
_MAX_DECODED_MB: Final = MAX_PIXELS * 4 // 1_000_000 + 1


class Board(QObject):
    """`copied(Item)` for each fresh thing that a person copied, while `watch` is on; one for a whole program."""

    copied = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watching: set[int] = set()
        self._last = b""
        self._text: tuple[str, str] = ("", "")
        self._encoder = PngEncoder(self)
        self._encoder.encoded.connect(self._encoded)
        _clipboard().dataChanged.connect(self._changed)

    def watch(self, who: object, on: bool) -> None:
        """Somebody wants to know, or no more; nothing is read while nobody does."""
        if on:
            self._watching.add(id(who))
        else:
            self._watching.discard(id(who))

    def put(self, item: Item) -> None:
        """Sets what came from another computer; raises nothing, sets nothing that Qt cannot read."""
        data = QMimeData()
        data.setData(MARK, QByteArray(b"1"))
        if item.text:
            data.setText(item.text)
        if item.html:
            data.setHtml(item.html)
        image = _decoded(item.png)
        if image is not None:
            data.setImageData(image)
        self._last = _digest(item.text, item.html, image)
        _clipboard().setMimeData(data)

    def _changed(self) -> None:
        if not self._watching:
            return
        data = _clipboard().mimeData()
        if data.hasFormat(MARK) or is_secret(data):
            return
        text = data.text() if data.hasText() else ""
        html = data.html() if data.hasHtml() else ""
        image = _image(data)
        found = _digest(text, html, image)
        if found == self._last:
            return
        self._last = found
        self._text = (text, html)
        if image is not None:
            self._encoder.encode(image)
        else:
            self._tell(b"")

    def _encoded(self, png: bytes) -> None:
        self._tell(png)

    def _tell(self, png: bytes) -> None:
        text, html = self._text
        item = bounded(Item(text, html, png))
        if item is not None and self._watching:
            self.copied.emit(item)


def is_secret(data: QMimeData) -> bool:
    """Whether whoever put it there asked that nobody keep or pass it on."""
    if any(data.hasFormat(each) for each in _SECRETS):
        return True
    return any(data.hasFormat(each) and not any(bytes(data.data(each).data())) for each in _DENIALS)


def _image(data: QMimeData) -> QImage | None:
    """A picture that was copied as one; a document's preview beside its text is not worth the bytes."""
    if not data.hasImage() or data.hasText():
        return None
    image = QImage(data.imageData())
    return image if not image.isNull() and image.width() * image.height() <= MAX_PIXELS else None


def _decoded(png: bytes) -> QImage | None:
    if not png:
        return None
    QImageReader.setAllocationLimit(max(QImageReader.allocationLimit(), _MAX_DECODED_MB))
    buffer = QBuffer()
    buffer.setData(QByteArray(png))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    image = QImageReader(buffer, b"png").read()
    return None if image.isNull() else image


def _digest(text: str, html: str, image: QImage | None) -> bytes:
    found = hashlib.sha256(f"{len(text)}:{text}".encode(errors="replace"))
    if image is not None:
        pixels = image.convertToFormat(QImage.Format.Format_RGBA8888)
        found.update(f"{pixels.width()}x{pixels.height()}".encode())
        found.update(bytes(pixels.constBits()))
    elif not text:
        found.update(html.encode(errors="replace"))
    return found.digest()


def _clipboard() -> QClipboard:
    return QGuiApplication.clipboard()
