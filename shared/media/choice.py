"""Video or tiles: which of them shows a change sooner and for less. Pure; times in seconds."""

from typing import Final

from shared.media.tiles import LEVEL, THIN_LEVEL

SMALL: Final = 16_384
"""Pixels (a line of text, a button, a caret): tiles, whatever is in them."""
LARGE: Final = 400_000
"""More than this takes longer to pack (15 ns a pixel) than to encode as video."""
PATH_S: Final = 0.05
"""How long the tiles of one change may keep the path busy."""
THIN_PATH_S: Final = 0.25
"""On a thin path: a frame of video takes as long there, and is coarse."""
LEAST_BYTES: Final = 4_000
FILM_S: Final = 0.5
"""After a change that tiles were too heavy for, larger ones are video without another try."""
LONGEST_FILM_S: Final = 4.0
"""That doubles each time the try was in vain, up to this."""

THIN_BPS: Final = 2_000_000


def byte_limit(target_bps: int) -> int:
    """The most bytes that the tiles of one change may have."""
    path_s = THIN_PATH_S if target_bps < THIN_BPS else PATH_S
    return max(LEAST_BYTES, int(target_bps * path_s / 8))


def level(target_bps: int) -> int:
    """How hard zlib is to try: on a thin path bytes cost more time than packing them well."""
    return THIN_LEVEL if target_bps < THIN_BPS else LEVEL


class Choice:
    """Remembers what did not go well."""

    def __init__(self) -> None:
        self._film_until = float("-inf")
        self._film_s = FILM_S

    def tries_tiles(self, pixels: int, now: float) -> bool:
        """Whether a change of so many pixels is to be tried as tiles."""
        return pixels <= SMALL or (pixels <= LARGE and now >= self._film_until)

    def too_heavy(self, now: float) -> None:
        """They would have been more than ``byte_limit``."""
        again = now - self._film_until < FILM_S
        self._film_s = min(2 * self._film_s, LONGEST_FILM_S) if again else FILM_S
        self._film_until = now + self._film_s
