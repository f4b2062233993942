"""Finding what scrolled: the same rows of pixels, further up or down. Pure."""

from typing import Final

import numpy as np
import numpy.typing as npt

from shared.media.capture.source import Rect
from shared.media.tiles import Move, Words

LEAST_PIXELS: Final = 40_000
"""Smaller areas are painted anew for less than it takes to look."""
_STRIP: Final = 128
_STEP: Final = 3
"""Of a strip's columns, every so many are looked at."""
_LEAST_ROWS: Final = 8
_WEIGHTS: Final = np.random.default_rng(1).integers(1, 1 << 32, -(-_STRIP // _STEP), dtype=np.uint32) | np.uint32(1)

Hashes = npt.NDArray[np.uint32]


def scrolled(new: Words, old: Words, area: Rect) -> Move | None:
    """The largest part of ``area`` that moved up or down as one; None when there is none worth it.

    It says what is likely: what differs from ``new`` once ``old`` has moved is for the caller to find and paint.
    """
    if area.width * area.height < LEAST_PIXELS:
        return None
    lefts = range(area.x, area.right, _STRIP)
    found = [_shift(*(_hashes(each, area, left) for each in (new, old))) for left in lefts]
    votes: dict[int, int] = {}
    for shift, rows in found:
        votes[shift] = votes.get(shift, 0) + len(rows)
    votes.pop(0, None)
    if not votes:
        return None
    best = max(votes, key=votes.__getitem__)
    strips = [i for i, (shift, _) in enumerate(found) if shift == best]
    rows = np.concatenate([found[i][1] for i in strips])
    left, right = area.x + strips[0] * _STRIP, min(area.right, area.x + (strips[-1] + 1) * _STRIP)
    top, bottom = area.y + int(rows.min()), area.y + int(rows.max()) + 1
    return Move(Rect(left, top, right - left, bottom - top), left, top + best)


def _hashes(picture: Words, area: Rect, left: int) -> Hashes:
    """One word for each row of a strip of ``area``."""
    part = picture[area.y : area.bottom, left : min(left + _STRIP, area.right) : _STEP]
    return np.einsum("ij,j->i", part, _WEIGHTS[: part.shape[1]])


def _shift(new: Hashes, old: Hashes) -> tuple[int, npt.NDArray[np.intp]]:
    """How far down in ``old`` most rows of ``new`` are found, and which rows those are; rows that occur more than
    once, as blank ones do, say nothing. 0 where too few are found."""
    values, places, counts = np.unique(old, return_index=True, return_counts=True)
    at = np.minimum(np.searchsorted(values, new), len(values) - 1)
    rows = np.flatnonzero((values[at] == new) & (counts[at] == 1))
    shifts = places[at[rows]] - rows
    rows, shifts = rows[shifts != 0], shifts[shifts != 0]
    if len(rows) < _LEAST_ROWS:
        return 0, rows[:0]
    kinds, tally = np.unique(shifts, return_counts=True)
    best = int(kinds[tally.argmax()])
    rows = rows[shifts == best]
    return (best, rows) if len(rows) >= _LEAST_ROWS else (0, rows[:0])
