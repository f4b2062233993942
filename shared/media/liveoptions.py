"""Turning an open encoder's knobs: rate limit, buffer and quality, without a key frame.

FFmpeg's libx264 wrapper compares these options with the encoder's before every frame and reconfigures x264 where they
differ (libavcodec/libx264.c, reconfig_encoder). PyAV has no setter for them on an open codec, so ``av_opt_set`` is
called on its context, whose address PyAV keeps as the first member of its object. That is PyAV's private layout:
``address_of`` proves it for the pinned version before anything is touched.
"""

import ctypes
import functools
import sys
from pathlib import Path
from typing import Final

import av

PINNED_AV: Final = "18.1.0"
_CONTEXT_OFFSET: Final = 24
"""CPython's object header (16 bytes), Cython's method table (8), then ``AVCodecContext *``."""
_SEARCH_CHILDREN: Final = 1


class LiveOptionsError(Exception):
    """This PyAV is not the one whose layout is known."""


@functools.cache
def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    """libavcodec and libavutil, the very files PyAV has loaded."""
    package = Path(av.__file__).parent
    folders = (package.parent / "av.libs", package / ".dylibs", package)
    found: list[ctypes.CDLL] = []
    for name in ("avcodec", "avutil"):
        paths = (path for folder in folders for path in sorted(folder.glob(f"*{name}[-.]*")) if path.is_file())
        path = next(paths, None)
        if path is None:
            raise LiveOptionsError(f"no {name} beside PyAV")
        found.append(ctypes.CDLL(str(path)))
    codec, util = found
    codec.avcodec_get_class.restype = ctypes.c_void_p
    util.av_opt_set.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
    return codec, util


def address_of(context: av.VideoCodecContext) -> int:
    """The address of the AVCodecContext of a PyAV codec.

    Raises LiveOptionsError unless PyAV is the pinned one and the context's first member is libavcodec's class, as it
    is in every AVCodecContext.
    """
    if av.__version__ != PINNED_AV or sys.implementation.name != "cpython":
        raise LiveOptionsError(f"PyAV {av.__version__} is not {PINNED_AV}")
    codec, _ = _libraries()
    address = ctypes.c_size_t.from_address(id(context) + _CONTEXT_OFFSET).value
    if not address or ctypes.c_size_t.from_address(address).value != codec.avcodec_get_class():
        raise LiveOptionsError("the codec context is not where it was")
    return address


class LiveOptions:
    """Sets options of one open codec. Raises LiveOptionsError at the start if that cannot be done safely."""

    def __init__(self, context: av.VideoCodecContext) -> None:
        self._context = context
        self._address = address_of(context)
        _, self._util = _libraries()

    def set(self, **values: float) -> None:
        """Sets each named option (``maxrate`` in bit/s, ``bufsize`` in bits, ``crf``...); the next frame obeys."""
        for name, value in values.items():
            text = f"{value:g}" if isinstance(value, float) else str(value)
            if self._util.av_opt_set(self._address, name.encode(), text.encode(), _SEARCH_CHILDREN) < 0:
                raise LiveOptionsError(f"cannot set {name} to {text}")
