"""Where two pictures differ, as few rectangles: found on a grid of cells, then drawn in to the pixels that changed."""

from typing import Final

import numpy as np
import numpy.typing as npt

from shared.media.capture.source import Rect
from shared.media.tiles import Words

CELL: Final = 64
"""Side of a cell, in pixels."""
_SMALL: Final = 2 * CELL * CELL
"""An area of no more pixels than this is looked at as one."""

Mask = npt.NDArray[np.bool_]
"""A truth for each pixel, or each cell; rows first."""


def differing(new: Words, old: Words, rect: Rect) -> list[Rect]:
    """What of ``rect`` differs; none of them overlap."""
    part = slice(rect.y, rect.bottom), slice(rect.x, rect.right)
    differs = new[part] != old[part]
    if rect.width * rect.height <= _SMALL:
        found = _tight(differs, rect)
        return [] if found is None else [found]
    down, across = _edges(rect.y, rect.height), _edges(rect.x, rect.width)
    cells = np.bitwise_or.reduceat(differs.view(np.uint8), down[:-1], axis=0)
    cells = np.bitwise_or.reduceat(cells, across[:-1], axis=1).astype(np.bool_)
    found = (_in_pixels(differs, rect, down, across, box) for box in boxes(cells))
    return [each for each in found if each is not None]


def _edges(start: int, length: int) -> npt.NDArray[np.intp]:
    """Where the cells of a run of pixels begin, relative to it, and its end."""
    first = CELL - start % CELL
    return np.array([0, *range(first, length, CELL), length], np.intp)


def _in_pixels(
    differs: Mask, rect: Rect, down: npt.NDArray[np.intp], across: npt.NDArray[np.intp], box: Rect
) -> Rect | None:
    top, bottom = int(down[box.y]), int(down[box.bottom])
    left, right = int(across[box.x]), int(across[box.right])
    inside = Rect(rect.x + left, rect.y + top, right - left, bottom - top)
    return _tight(differs[top:bottom, left:right], inside)


def _tight(differs: Mask, rect: Rect) -> Rect | None:
    """The smallest rectangle around all that differs; ``differs`` is that of ``rect``."""
    rows = np.flatnonzero(differs.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(differs.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    return Rect(rect.x + left, rect.y + top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


def boxes(cells: Mask) -> list[Rect]:
    """The true cells as rectangles (in cells): runs in a row, joined downwards where the rows below have the same."""
    done: list[Rect] = []
    standing: dict[tuple[int, int], int] = {}
    for row in range(len(cells) + 1):
        runs = set(_runs(cells[row])) if row < len(cells) else set[tuple[int, int]]()
        for (left, right), top in list(standing.items()):
            if (left, right) not in runs:
                done.append(Rect(left, top, right - left, row - top))
                del standing[left, right]
        for run in runs:
            standing.setdefault(run, row)
    return sorted(done, key=lambda box: (box.y, box.x))


def _runs(row: Mask) -> list[tuple[int, int]]:
    padded = np.concatenate(([False], row, [False]))
    turns = np.flatnonzero(padded[1:] != padded[:-1]).tolist()
    return list(zip(turns[::2], turns[1::2], strict=True))
