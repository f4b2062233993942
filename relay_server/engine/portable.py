"""What statements need to mean the same on SQLite and PostgreSQL.

Statements are written with `?` for parameters; PostgreSQL knows them as `$1`, `$2`.
"""

import re
from functools import lru_cache
from typing import Final

MOST: Final = 16_384
"""Values in one list: both engines take twice as many parameters in a statement."""

_TOKENS: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\?""")


Value = str | int | float | bytes | None


def in_list(statement: str, *parameters: Value | tuple[Value, ...]) -> tuple[str, tuple[object, ...]]:
    """The statement and its parameters, with every list written out: `x IN ?` and a tuple give `x IN (?, ?)`.

    Nothing is in an empty list. A list is filled up to a power of two with its last value, so that lists of every
    length share few prepared statements. Raises ValueError for more than `MOST` values.
    """
    values: list[Value] = []
    sizes: list[int] = []
    for each in parameters:
        spread = _filled(each) if isinstance(each, tuple) else (each,)
        values += spread
        sizes.append(len(spread) if isinstance(each, tuple) else -1)
    return _spread(statement, tuple(sizes)), tuple(values)


def _filled(values: tuple[Value, ...]) -> tuple[Value, ...]:
    if len(values) > MOST:
        raise ValueError(f"{len(values)} values in a list")
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values)) if values else ()


@lru_cache(maxsize=1024)
def _spread(statement: str, sizes: tuple[int, ...]) -> str:
    left = iter(sizes)

    def place(found: re.Match[str]) -> str:
        size = next(left) if found[0] == "?" else -1
        return found[0] if size < 0 else f"({', '.join('?' * size) or 'NULL'})"

    return _TOKENS.sub(place, statement)


@lru_cache(maxsize=4096)
def numbered(statement: str) -> str:
    """The same statement with `$n` for each `?` outside quotes and comments."""
    count = 0

    def place(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] != "?":
            return found[0]
        count += 1
        return f"${count}"

    return _TOKENS.sub(place, statement)
