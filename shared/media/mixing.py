"""Sound added up, and how loud it is. Pure; pieces are those of ``shared.media.sound``."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from shared.media.sound import PIECE_BYTES, SILENCE

QUIET_DB: Final = -60.0
"""The least that a level says."""
_FULL: Final = 32768.0
_LEAST, _MOST = -32768, 32767


def mixed(pieces: Sequence[bytes]) -> bytes:
    """All of them at once, cut off where they add up to more than there is room for."""
    if not pieces:
        return SILENCE
    if len(pieces) == 1:
        return pieces[0]
    total = np.zeros(PIECE_BYTES // 2, np.int32)
    for piece in pieces:
        total += np.frombuffer(piece, np.int16)
    return np.clip(total, _LEAST, _MOST).astype(np.int16).tobytes()


def level_db(piece: bytes) -> float:
    """How loud a piece is: its root mean square against the loudest possible, in dB, from -60 to 0."""
    samples = np.frombuffer(piece, np.int16).astype(np.float64)
    power = float(np.mean(samples * samples)) if samples.size else 0.0
    return max(QUIET_DB, 10 * math.log10(power / _FULL**2)) if power > 0 else QUIET_DB
