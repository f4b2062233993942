"""Cheap looks at parts of a screen, so that watching a program start does not slow it."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from shared.media.capture.x11 import ShmPicture
from shared.media.capture.xlib import Display
from tests.e2e.driver.geometry import Rect


@dataclass(frozen=True)
class Look:
    """How a part of the screen looked: BGR."""

    rect: Rect
    pixels: npt.NDArray[np.uint8]


@dataclass
class Glance:
    """Looks at one display."""

    name: str
    _display: Display = field(init=False)
    _pictures: dict[tuple[int, int], ShmPicture] = field(default_factory=dict[tuple[int, int], ShmPicture])

    def __enter__(self) -> Self:
        self._display = Display(self.name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for picture in self._pictures.values():
            picture.close()
        self._display.close()

    def look(self, rect: Rect) -> Look:
        """How it looks now."""
        return Look(rect, self._see(rect).copy())

    def off(self, wanted: Look) -> int:
        """How many pixels look otherwise than they did."""
        return int((self._see(wanted.rect) != wanted.pixels).any(axis=2).sum())

    def _see(self, rect: Rect) -> npt.NDArray[np.uint8]:
        size = (rect.width, rect.height)
        if size not in self._pictures:
            self._pictures[size] = ShmPicture(self._display, *size)
        picture = self._pictures[size]
        if not picture.fetch(rect.x, rect.y, 0, rect.height):
            raise RuntimeError(f"the screen shows nothing at {rect}")
        pixels = np.frombuffer(picture.pixels, np.uint8).reshape(rect.height, picture.stride // 4, 4)
        return pixels[:, : rect.width, :3]
