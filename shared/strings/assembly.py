"""Joins the rooms' tables into one and refuses a key that two rooms claim."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType


def assemble(tables: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """One read-only table from many. Raises ValueError when a key is defined twice."""
    words: dict[str, str] = {}
    for table in tables:
        if doubled := words.keys() & table.keys():
            raise ValueError(f"keys defined in two tables: {sorted(doubled)}")
        words.update(table)
    return MappingProxyType(words)
