"""Where two pictures differ, as few rectangles: found on a grid of cells, then drawn in to the pixels that changed."""

import itertools
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.media.capture.source import Rect
from shared.media.tiles import Words

CELL: Final = 64
"""Side of a cell, in pixels."""

Mask = npt.NDArray[np.bool_]
"""A truth for each pixel, or each cell; rows first."""


def update(old: Words, new: Words, rect: Rect, by: int = 0) -> list[Rect]:
    """Brings ``rect`` of ``old`` up to ``new``; what of it differed from ``old`` moved up by ``by`` rows.

    Some rows at a time: they are still in the processor's cache when they are written, and memory is what this costs.
    """
    down, across = _edges(rect.y, rect.height), _edges(rect.x, rect.width)
    columns = np.zeros((len(down) - 1, rect.width), np.bool_)
    lines = np.zeros(rect.height, np.bool_)
    band = np.empty((CELL, rect.width), np.bool_)
    part = slice(rect.x, rect.right)
    bands = list(enumerate(itertools.pairwise(down)))
    for index, (top, bottom) in bands if by >= 0 else reversed(bands):
        here = new[rect.y + top : rect.y + bottom, part]
        before = old[rect.y + top + by : rect.y + bottom + by, part]
        differs = np.not_equal(here, before, out=band[: bottom - top])
        np.any(differs, axis=0, out=columns[index])
        differing = bool(columns[index].any())
        if differing:
            np.any(differs, axis=1, out=lines[top:bottom])
        if differing or by:
            old[rect.y + top : rect.y + bottom, part] = here
    cells = np.bitwise_or.reduceat(columns.view(np.uint8), across[:-1], axis=1).astype(np.bool_)
    return [_drawn_in(rect, columns, lines, (down, across), box) for box in boxes(cells)]


def _edges(start: int, length: int) -> list[int]:
    """Where the cells of a run of pixels begin, relative to it, and its end."""
    return [0, *range(CELL - start % CELL, length, CELL), length]


def _drawn_in(rect: Rect, columns: Mask, lines: Mask, edges: tuple[list[int], list[int]], box: Rect) -> Rect:
    """The part of a box of cells that differs. ``columns`` says of each band of cells in which columns it does,
    ``lines`` in which rows."""
    down, across = edges
    left, top = across[box.x], down[box.y]
    there = np.flatnonzero(columns[box.y : box.bottom, left : across[box.right]].any(axis=0))
    rows = np.flatnonzero(lines[top : down[box.bottom]])
    left, top, width = left + int(there[0]), top + int(rows[0]), int(there[-1] - there[0]) + 1
    return Rect(rect.x + left, rect.y + top, width, int(rows[-1] - rows[0]) + 1)


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
