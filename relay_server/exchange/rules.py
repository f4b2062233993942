"""Cells that no spreadsheet takes for a formula, and documents as rows of cells and back."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T", bound=Struct)
_ACTIVE: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What makes a spreadsheet compute a cell (OWASP, CSV injection), the full-width forms too."""
_QUOTE: Final = "'"


def harmless(text: str) -> str:
    """With a quote before whatever a spreadsheet would run; `restored` takes it off again."""
    active = text[:1] in _ACTIVE if text else False
    return _QUOTE + text if active or _is_quoted(text) else text


def restored(text: str) -> str:
    """What `harmless` was given; a quote before plain words is their own."""
    return text[1:] if _is_quoted(text) else text


def columns(document: type[Struct]) -> tuple[str, ...]:
    """The names of a document's fields, in order: the first line of a CSV file."""
    return tuple(field.name for field in msgspec.structs.fields(document))


def csv_line(cells: Iterable[object]) -> str:
    """One line of CSV (RFC 4180), with its line end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(harmless(_text(each)) for each in cells)
    return out.getvalue()


def parsed(record: str) -> list[str]:
    """The cells of one record. Raises csv.Error."""
    found = list(csv.reader(io.StringIO(record, newline=""), strict=True))
    if len(found) != 1:
        raise csv.Error("a record with more than one line of cells")
    return [restored(each) for each in found[0]]


def row_of(document: Struct) -> list[object]:
    """A document's values in the order of its columns."""
    return [getattr(document, name) for name in columns(type(document))]


def document_from(cells: Sequence[str], names: Sequence[str], kind: type[T]) -> T:
    """A document of cells; an empty cell is a field left out. Raises msgspec.ValidationError."""
    if len(cells) != len(names):
        raise msgspec.ValidationError(f"{len(cells)} cells, {len(names)} columns")
    given: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    return msgspec.convert(given, kind, strict=False)


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text[0] == _QUOTE and (text[1] in _ACTIVE or text[1] == _QUOTE)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
