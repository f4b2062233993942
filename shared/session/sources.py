"""What there is to share, each with a small picture of how it looks now. Blocks for milliseconds: use a thread."""

import struct
import zlib

import av
import numpy as np

from shared.media.capture import open_screen
from shared.media.capture.source import CaptureError, Monitor, Picture, ScreenSource, View, Window
from shared.rules.sharing import Hidden, Share, SharedMonitors, SharedWindow
from shared.session.scene_messages import MonitorSeen, SourcesFound, WindowSeen

_MOST_BYTES = 3 * 1024 * 1024
"""Of all small pictures together, so that they fit into one message; what comes later has none."""


def find_sources(width: int, height: int, hidden: Hidden) -> SourcesFound:
    """Thumbnails fit into `width` x `height`, keep their shape and show nothing of what is hidden; 0: none.

    Never raises: `fault` says why not.
    """
    try:
        source = open_screen()
    except CaptureError as error:
        return SourcesFound(monitors=(), fault=error.code)
    try:
        photographer = _Photographer(source, width, height, hidden)
        monitors = tuple(photographer.monitor(monitor) for monitor in source.monitors())
        windows = tuple(photographer.window(window) for window in source.windows())
        return SourcesFound(monitors=monitors, windows=windows)
    except CaptureError as error:
        return SourcesFound(monitors=(), fault=error.code)
    finally:
        source.close()


def find_view(share: Share) -> View:
    """Where this lies now. Raises CaptureError."""
    source = open_screen()
    try:
        return source.choose(share)
    finally:
        source.close()


class _Photographer:
    def __init__(self, source: ScreenSource, width: int, height: int, hidden: Hidden) -> None:
        self._source, self._hidden = source, hidden
        self._width, self._height = width, height
        self._left = _MOST_BYTES

    def monitor(self, monitor: Monitor) -> MonitorSeen:
        picture = self._picture(SharedMonitors((monitor.id,)))
        return MonitorSeen(
            id=monitor.id, name=monitor.name, area=monitor.rect, primary=monitor.primary, thumbnail=picture
        )

    def window(self, window: Window) -> WindowSeen:
        try:
            picture = self._picture(SharedWindow(window.id))
        except CaptureError as error:
            if error.code == "capture.lost":
                raise
            picture = b""  # it has just gone, or cannot be captured: the next look tells
        return WindowSeen(id=window.id, title=window.title, app=window.app, area=window.rect, thumbnail=picture)

    def _picture(self, share: Share) -> bytes:
        if not self._width or not self._height:
            return b""
        self._source.choose(share)
        self._source.grab(self._hidden)
        made = _png(self._source.picture, self._width, self._height)
        self._left -= len(made)
        return made if self._left >= 0 else b""


def _png(picture: Picture, width: int, height: int) -> bytes:
    scale = min(width / picture.width, height / picture.height, 1.0)
    small_width, small_height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    rows = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.stride)
    pixels = np.ascontiguousarray(rows[:, : picture.width * 4]).reshape(picture.height, picture.width, 4)
    frame = av.VideoFrame.from_ndarray(pixels, format="bgra")
    small = frame.reformat(small_width, small_height, "rgb24", interpolation="AREA")
    return _encoded(small_width, small_height, np.ascontiguousarray(small.to_ndarray()).tobytes())


def _encoded(width: int, height: int, rgb: bytes) -> bytes:
    """A PNG (W3C PNG, sections 5 and 11): 8-bit RGB, rows without a filter."""
    stride = width * 3
    rows = b"".join(b"\x00" + rgb[at : at + stride] for at in range(0, len(rgb), stride))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 3)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
