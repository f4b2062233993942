"""The monitors to choose from, each with a small picture of how it looks now. Blocks for milliseconds: use a thread."""

import struct
import zlib

import av
import numpy as np

from shared.media.capture import open_screen
from shared.media.capture.source import CaptureError, Monitor, Picture, ScreenSource
from shared.rules.coordinates import Area
from shared.session.channel import MonitorSeen, MonitorsFound


def find_monitors(width: int, height: int) -> MonitorsFound:
    """Thumbnails fit into `width` x `height` and keep their shape; 0: none. Never raises: `fault` says why not."""
    try:
        source = open_screen()
    except CaptureError as error:
        return MonitorsFound(monitors=(), fault=error.code)
    try:
        seen = tuple(_seen(source, monitor, width, height) for monitor in source.monitors())
        return MonitorsFound(monitors=seen)
    except CaptureError as error:
        return MonitorsFound(monitors=(), fault=error.code)
    finally:
        source.close()


def area_of(monitor: Monitor) -> Area:
    """Its place on the whole screen."""
    rect = monitor.rect
    return Area(rect.x, rect.y, rect.width, rect.height)


def _seen(source: ScreenSource, monitor: Monitor, width: int, height: int) -> MonitorSeen:
    thumbnail = b""
    if width and height:
        source.choose(monitor.id)
        source.grab()
        thumbnail = _png(source.picture, width, height)
    return MonitorSeen(
        id=monitor.id, name=monitor.name, area=area_of(monitor), primary=monitor.primary, thumbnail=thumbnail
    )


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
