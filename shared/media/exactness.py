"""What of the viewers' picture is exact to the last bit, and what has rested long enough to be made so. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from shared.media.capture.source import Rect
from shared.media.grid import CELL, Mask, boxes
from shared.media.tiles import Move

REST_S: Final = 0.15
"""Stillness before an area is made exact."""
_WIDE: Final = 4
"""Cells beside one another that are painted as one: few enough to stop within a budget, enough to be quick."""


class Exactness:
    """A grid of cells over a picture. Nothing is exact before it was painted. Times are seconds of any steady clock."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        shape = -(-height // CELL), -(-width // CELL)
        self._inexact: Mask = np.ones(shape, np.bool_)
        self._changed_at = np.full(shape, -np.inf)

    @property
    def inexact_pixels(self) -> int:
        """About how many pixels are not exact."""
        return int(np.count_nonzero(self._inexact)) * CELL * CELL

    def spoil(self) -> None:
        """Somebody knows no more than the video: nothing is exact for them, but nothing has moved either."""
        self._inexact[:] = True

    def approximated(self, rects: Iterable[Rect], now: float) -> None:
        """New content came as video."""
        for rect in rects:
            self._inexact[_touched(rect)] = True
            self._changed_at[_touched(rect)] = now

    def widened(self, rects: Iterable[Rect]) -> list[Rect]:
        """The same areas, those that lie in inexact cells grown to all of these; none twice."""
        grown = (self._cells(rect) if self._inexact[_touched(rect)].any() else rect for rect in rects)
        return list(dict.fromkeys(grown))

    def _cells(self, rect: Rect) -> Rect:
        rows, columns = _touched(rect)
        x, y = columns.start * CELL, rows.start * CELL
        return Rect(x, y, min(columns.stop * CELL, self._width) - x, min(rows.stop * CELL, self._height) - y)

    def painted(self, rects: Iterable[Rect], now: float | None = None) -> None:
        """Tiles were painted; ``now`` where their content is new."""
        for rect in rects:
            self._inexact[self._within(rect)] = False
            if now is not None:
                self._changed_at[_touched(rect)] = now

    def moved(self, moves: Sequence[Move], now: float) -> None:
        """A moved area is as exact as where it came from; to be told before what was painted after the move."""
        before = self._inexact.copy()
        for move in moves:
            rect, (across, along) = move.rect, (move.x - move.rect.x, move.y - move.rect.y)
            rows, columns = _touched(rect)
            top, bottom = _sources(rows, along, rect.y, rect.bottom)
            left, right = _sources(columns, across, rect.x, rect.right)
            found = before[np.ix_(top, left)] | before[np.ix_(top, right)]
            found |= before[np.ix_(bottom, left)] | before[np.ix_(bottom, right)]
            whole = np.zeros_like(before)
            whole[self._within(rect)] = True
            self._inexact[rows, columns] = found | (before[rows, columns] & ~whole[rows, columns])
            self._changed_at[rows, columns] = now

    def due_at(self) -> float | None:
        """When something will have rested long enough; None when all is exact."""
        if not self._inexact.any():
            return None
        return float(self._changed_at[self._inexact].min()) + REST_S

    def rested(self, now: float) -> list[Rect]:
        """What is to be made exact, in the order to do it."""
        found = self._inexact & (self._changed_at + REST_S <= now)
        return [part for box in boxes(found) for part in self._strips(box)]

    def _strips(self, box: Rect) -> Iterable[Rect]:
        for row in range(box.y, box.bottom):
            for left in range(box.x, box.right, _WIDE):
                x, y = left * CELL, row * CELL
                right = min(box.right, left + _WIDE) * CELL
                yield Rect(x, y, min(right, self._width) - x, min(y + CELL, self._height) - y)

    def _within(self, rect: Rect) -> tuple[slice, slice]:
        """The cells that lie in ``rect`` with all that they have of the picture."""
        bottom = -(-rect.bottom // CELL) if rect.bottom >= self._height else rect.bottom // CELL
        right = -(-rect.right // CELL) if rect.right >= self._width else rect.right // CELL
        return slice(-(-rect.y // CELL), bottom), slice(-(-rect.x // CELL), right)


def _touched(rect: Rect) -> tuple[slice, slice]:
    return slice(rect.y // CELL, -(-rect.bottom // CELL)), slice(rect.x // CELL, -(-rect.right // CELL))


def _sources(cells: slice, offset: int, start: int, end: int) -> tuple[list[int], list[int]]:
    """For each cell of a moved run of pixels, the first and the last cell that its pixels came from."""
    numbers = range(cells.start, cells.stop)
    first = [max(number * CELL, start) + offset for number in numbers]
    last = [min(number * CELL + CELL, end) - 1 + offset for number in numbers]
    return [each // CELL for each in first], [each // CELL for each in last]
