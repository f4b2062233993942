"""The newest picture of the session process as a QImage on its memory, without a copy."""

from PySide6.QtGui import QImage

from shared.session.frames import FrameFileError, FrameReader, FrameReady, FrameView


class FrameSource:
    """Keeps the file of the newest picture open: the last one stays paintable after its writer has gone."""

    def __init__(self) -> None:
        self._reader: FrameReader | None = None
        self._path = ""
        self._view: FrameView | None = None
        self._image: QImage | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture; (0, 0) before the first."""
        return (self._reader.width, self._reader.height) if self._reader else (0, 0)

    def follow(self, ready: FrameReady) -> bool:
        """A picture is ready. True when it has another size or file than before: paint everything."""
        if ready.path == self._path:
            return False
        try:
            reader = FrameReader(ready.path)
        except (FileNotFoundError, FrameFileError):
            return False  # a newer file is on its way
        self.close()
        self._reader, self._path = reader, ready.path
        return True

    @property
    def shown(self) -> FrameView | None:
        """What `newest` gave last: its number, and when it was captured by the clock over there."""
        return self._view

    def newest(self) -> QImage | None:
        """The newest whole picture there is; valid until the next call or `close`."""
        reader = self._reader
        if reader is None:
            return None
        view = reader.latest()
        if view is not None and (self._view is None or view.number != self._view.number):
            self._release()
            self._view = view
            self._image = QImage(view.pixels, reader.width, reader.height, reader.stride, QImage.Format.Format_RGB32)
        return self._image

    def torn(self) -> bool:
        """Whether the writer began to overwrite what `newest` gave: what was painted since must be painted again."""
        return self._view is not None and self._reader is not None and not self._reader.still_valid(self._view)

    def close(self) -> None:
        """Let the file go."""
        self._release()
        if self._reader is not None:
            self._reader.close()
            self._reader, self._path = None, ""

    def _release(self) -> None:
        self._image = None
        if self._view is not None:
            self._view.pixels.release()
            self._view = None
