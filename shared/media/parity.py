"""Parity over a group of packets: any k of them that are lost come back from k parity packets (Reed-Solomon).

The arithmetic is that of GF(256) with the polynomial 0x11D. The code is a Cauchy matrix (every square part of it can be
inverted), its columns scaled so that the first parity packet is the plain exclusive or. Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

MAX_GROUP: Final = 24
"""Packets that one parity packet covers at most."""
MAX_PARITY: Final = 12
_POLYNOMIAL: Final = 0x11D

Bytes = npt.NDArray[np.uint8]

SHARES: Final[tuple[tuple[float, float], ...]] = ((0.05, 0.35), (0.015, 0.20), (0.001, 0.10))
"""(loss at least, parity packets for each packet): the first row that fits counts."""


def packets_for(count: int, loss: float, *, busy: bool) -> int:
    """How many parity packets a group of ``count`` gets. On an idle path one, even when nothing was lost so far."""
    share = next((share for least, share in SHARES if loss >= least), 0.0)
    wanted = -int(-count * share // 1)
    return min(max(wanted, 0 if busy else 1), MAX_PARITY)


def _exponents() -> tuple[list[int], list[int]]:
    powers, logs = [0] * 512, [0] * 256
    value = 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value = value << 1 ^ (_POLYNOMIAL if value & 0x80 else 0)
    return powers, logs


_POWERS, _LOGS = _exponents()


def _times(a: int, b: int) -> int:
    return _POWERS[_LOGS[a] + _LOGS[b]] if a and b else 0


def _inverse(a: int) -> int:
    return _POWERS[255 - _LOGS[a]]


def _product_table() -> Bytes:
    return np.array([[_times(a, b) for b in range(256)] for a in range(256)], np.uint8)


def _cauchy() -> list[list[int]]:
    plain = [[_inverse(row ^ (128 + column)) for column in range(MAX_GROUP)] for row in range(MAX_PARITY)]
    return [[_times(each, _inverse(top)) for each, top in zip(row, plain[0], strict=True)] for row in plain]


_PRODUCTS: Final = _product_table()
_CODE: Final = _cauchy()
_CODE_ARRAY: Final = np.array(_CODE, np.uint8)


def protect(shards: Sequence[bytes], count: int) -> list[bytes]:
    """``count`` parity shards, each as long as the longest of ``shards`` (1 to ``MAX_GROUP``), shorter ones padded."""
    block = _block(shards, max(map(len, shards)))
    return [_combined(block, _CODE_ARRAY[row, : len(shards)]).tobytes() for row in range(count)]


def recover(size: int, known: Mapping[int, bytes], parity: Mapping[int, bytes]) -> dict[int, bytes]:
    """The missing shards of a group of ``size``, padded, by their index; empty where they cannot be had.

    ``known`` and ``parity`` are shards by their index; parity shards of another length than the first one are left out.
    """
    missing = [index for index in range(size) if index not in known]
    width = len(next(iter(parity.values()), b""))
    rows = [row for row, shard in parity.items() if len(shard) == width and 0 <= row < MAX_PARITY][: len(missing)]
    if (
        not missing
        or size > MAX_GROUP
        or len(rows) < len(missing)
        or any(len(shard) > width for shard in known.values())
    ):
        return {}
    indices = sorted(index for index in known if 0 <= index < size)
    rest = _block([parity[row] for row in rows], width)
    if indices:
        block = _block([known[index] for index in indices], width)
        rest = rest ^ np.stack([_combined(block, _CODE_ARRAY[row, indices]) for row in rows])
    solved = _inverted([[_CODE[row][column] for column in missing] for row in rows])
    found = [_combined(rest, np.array(line, np.uint8)).tobytes() for line in solved]
    return dict(zip(missing, found, strict=True))


def _block(shards: Sequence[bytes], width: int) -> Bytes:
    joined = b"".join(shard.ljust(width, b"\0") for shard in shards)
    return np.frombuffer(joined, np.uint8).reshape(len(shards), width)


def _combined(block: Bytes, factors: Bytes) -> Bytes:
    """The sum of the rows, each times its factor."""
    scaled = block if (factors == 1).all() else _PRODUCTS[factors[:, None], block]
    return np.bitwise_xor.reduce(scaled, axis=0)


def _inverted(square: list[list[int]]) -> list[list[int]]:
    """The inverse of a matrix that has one (Gauss and Jordan)."""
    size = len(square)
    lines = [row + [int(column == index) for column in range(size)] for index, row in enumerate(square)]
    for column in range(size):
        pivot = next(line for line in range(column, size) if lines[line][column])
        lines[column], lines[pivot] = lines[pivot], lines[column]
        scale = _inverse(lines[column][column])
        lines[column] = [_times(scale, each) for each in lines[column]]
        for line in range(size):
            factor = lines[line][column]
            if line != column and factor:
                top = lines[column]
                lines[line] = [a ^ _times(factor, b) for a, b in zip(lines[line], top, strict=True)]
    return [line[size:] for line in lines]
