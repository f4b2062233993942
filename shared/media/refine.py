"""Where the path is thin, what has come to rest is first made legible as video, then exact as tiles. Pure.

Elsewhere tiles follow at once: a page of text is 230 kB of them, a tenth of a second at 20 Mbit/s.
"""

from typing import Final

MOVING_CRF: Final = 23.0
TILES_S: Final = 1.0
"""A path is thin when tiles for all that is inexact would take it longer than this."""
LIMITED: Final = 0.6
"""A frame that took this share of its allowance or more was made coarser than its quality asked for."""
MAX_COARSE: Final = 24
FRAME_BYTES: Final = 2800
"""Less is not worth a frame: on a thin path rather fewer of them."""
_KEPT: Final = 0.8


class Refinement:
    """Whether the last video was coarse, and what tiles have cost."""

    def __init__(self) -> None:
        self._bytes_a_pixel = 0.15
        self._coarse = 0

    def filmed(self, size: int, allowance: float, *, moving: bool) -> None:
        """A frame of video was made, of ``size`` bytes where ``allowance`` were allowed."""
        if size < LIMITED * allowance and not moving:
            self._coarse = 0
        elif moving:
            self._coarse = MAX_COARSE if size >= LIMITED * allowance else self._coarse
        else:
            self._coarse -= 1

    def tiled(self, size: int, pixels: int) -> None:
        """Tiles for ``pixels`` took ``size`` bytes."""
        if pixels:
            self._bytes_a_pixel = _KEPT * self._bytes_a_pixel + (1 - _KEPT) * size / pixels

    def wants_video(self, inexact_pixels: int, target_bps: int) -> bool:
        """Whether what rests is to be refined as video first."""
        return self._coarse > 0 and inexact_pixels * self._bytes_a_pixel * 8 > target_bps * TILES_S
