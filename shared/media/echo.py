"""Keeps what the loudspeaker says out of the microphone: SpeexDSP's canceller, where its library is installed.

The library is called through ctypes: libspeexdsp (BSD licence), its functions ``speex_echo_cancellation`` and
``speex_echo_ctl`` as in speex/speex_echo.h.
"""

import ctypes
import logging
from typing import Final, Protocol

from shared.media.sound import PIECE_BYTES, PIECE_SAMPLES, RATE_HZ

logger = logging.getLogger(__name__)

_NAMES: Final = ("libspeexdsp.so.1", "libspeexdsp.dylib", "libspeexdsp.dll")
_TAIL_SAMPLES: Final = RATE_HZ // 5
"""How long after it was said something may still come back: 200 ms."""
_SET_SAMPLING_RATE: Final = 24


class Canceller(Protocol):
    """Takes the loudspeaker's sound out of the microphone's. One thread."""

    def clean(self, heard: bytes, played: bytes) -> bytes:
        """``heard`` without what is left in it of ``played`` and of the pieces before."""
        ...

    def close(self) -> None: ...


class NoCanceller:
    """Where there is no library: headphones do it."""

    def clean(self, heard: bytes, played: bytes) -> bytes:
        del played
        return heard

    def close(self) -> None: ...


class SpeexCanceller:
    """Raises OSError or AttributeError when the library is not there or not the one we know."""

    def __init__(self) -> None:
        self._library = _load()
        self._state = ctypes.c_void_p(self._library.speex_echo_state_init(PIECE_SAMPLES, _TAIL_SAMPLES))
        if not self._state:
            raise OSError("no memory for an echo canceller")
        rate = ctypes.c_int(RATE_HZ)
        self._library.speex_echo_ctl(self._state, _SET_SAMPLING_RATE, ctypes.byref(rate))
        self._out = ctypes.create_string_buffer(PIECE_BYTES)

    def clean(self, heard: bytes, played: bytes) -> bytes:
        self._library.speex_echo_cancellation(self._state, heard, played, self._out)
        return self._out.raw

    def close(self) -> None:
        if self._state:
            self._library.speex_echo_state_destroy(self._state)
            self._state = ctypes.c_void_p()


def open_canceller() -> Canceller:
    """The best there is here."""
    try:
        return SpeexCanceller()
    except (OSError, AttributeError):
        logger.info("no echo canceller on this system")
        return NoCanceller()


def _load() -> ctypes.CDLL:
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.speex_echo_state_init.restype = ctypes.c_void_p
        library.speex_echo_state_init.argtypes = [ctypes.c_int, ctypes.c_int]
        library.speex_echo_cancellation.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p]
        library.speex_echo_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
        library.speex_echo_state_destroy.argtypes = [ctypes.c_void_p]
        return library
    raise OSError("no libspeexdsp")
