"""Finding what scrolled: the same rows of pixels, further up or down. Pure."""

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from shared.media.capture.source import Rect
from shared.media.tiles import Move, Words

LEAST_PIXELS: Final = 40_000
"""Smaller areas are painted anew for less than it takes to look."""
_STRIP: Final = 128
_RUN: Final = 32
"""Of each strip, so many pixels side by side stand for it."""
_LEAST_ROWS: Final = 8
_ASKED: Final = 4
"""Strips that are asked for the way; the others are only asked whether they went along."""
_WEIGHTS: Final = np.random.default_rng(1).integers(1, 1 << 32, _RUN, dtype=np.uint32) | np.uint32(1)

Hashes = npt.NDArray[np.uint32]
"""A word for each row and strip."""


def scrolled(new: Words, old: Words, area: Rect) -> Move | None:
    """The largest part of ``area`` that moved up or down as one; None when there is none worth it.

    It says what is likely: what differs from ``new`` once ``old`` has moved is for the caller to find and paint.
    """
    if area.width * area.height < LEAST_PIXELS or area.width < _STRIP:
        return None
    here, before = _hashes(new, area), _hashes(old, area)
    changed = np.count_nonzero(here != before, axis=0)
    votes: dict[int, int] = {}
    for strip in np.argsort(changed)[: -_ASKED - 1 : -1].tolist():
        shift, rows = _shift(here[:, strip], before[:, strip])
        votes[shift] = votes.get(shift, 0) + rows
    best = max(votes, key=votes.__getitem__)
    return _extent(here, before, area, best) if votes[best] else None


def _extent(here: Hashes, before: Hashes, area: Rect, shift: int) -> Move | None:
    """From the first to the last row and strip that went that way."""
    top, bottom = max(0, -shift), len(here) - max(0, shift)
    went = here[top:bottom] == before[top + shift : bottom + shift]
    went &= here[top:bottom] != before[top:bottom]
    strips = np.flatnonzero(np.count_nonzero(went, axis=0) >= _LEAST_ROWS)
    rows = np.flatnonzero(went[:, strips].any(axis=1)) if len(strips) else strips
    if not len(rows):
        return None
    left, right = area.x + int(strips[0]) * _STRIP, area.x + (int(strips[-1]) + 1) * _STRIP
    right = area.right if int(strips[-1]) + 1 == here.shape[1] else right
    first, last = area.y + top + int(rows[0]), area.y + top + int(rows[-1]) + 1
    return Move(Rect(left, first, right - left, last - first), left, first + shift)


def _hashes(picture: Words, area: Rect) -> Hashes:
    strips = area.width // _STRIP
    middle = area.x + (_STRIP - _RUN) // 2
    part = picture[area.y : area.bottom, middle:]
    runs = as_strided(part, (area.height, strips, _RUN), (part.strides[0], _STRIP * 4, 4), writeable=False)
    return np.einsum("ijk,k->ij", runs, _WEIGHTS)


def _shift(here: npt.NDArray[np.uint32], before: npt.NDArray[np.uint32]) -> tuple[int, int]:
    """How far down most rows were before, and how many say so; rows that occur more than once, as blank ones do, say
    nothing."""
    values, places, counts = np.unique(before, return_index=True, return_counts=True)
    at = np.minimum(np.searchsorted(values, here), len(values) - 1)
    rows = np.flatnonzero((values[at] == here) & (counts[at] == 1))
    shifts = places[at[rows]] - rows
    shifts = shifts[shifts != 0]
    if len(shifts) < _LEAST_ROWS:
        return 0, 0
    kinds, tally = np.unique(shifts, return_counts=True)
    most = int(tally.argmax())
    return (int(kinds[most]), int(tally[most])) if tally[most] >= _LEAST_ROWS else (0, 0)
