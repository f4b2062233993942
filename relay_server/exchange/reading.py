"""A file as it comes in: pieces of bytes become lines, records and documents, each with the number of its line."""

import codecs
import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Struct

from relay_server.exchange import rules

T = TypeVar("T", bound=Struct)
Format = Literal["csv", "json"]
RECORD_MAX: Final = 512 * 1024
"""Characters of one record."""
FILE_MAX: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A document and the line it began on."""

    line: int
    document: T


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that is no such document."""

    line: int
    detail: str


class Unreadable(Exception):
    """Nothing after this line can be read: `line`, and why."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.line = line
        self.detail = detail


async def documents(pieces: AsyncIterator[bytes], kind: type[T], form: Format) -> AsyncIterator[Read[T] | Bad]:
    """Every record of the file. Raises Unreadable for what is no UTF-8, too long, or has a wrong head line."""
    names: tuple[str, ...] | None = None
    decoder = msgspec.json.Decoder(kind)
    async for line, record in _records(pieces, quoted=form == "csv"):
        if form == "csv" and names is None:
            names = _head(record, kind)
            continue
        try:
            if names is not None:
                yield Read(line, rules.document_from(rules.parsed(record), names, kind))
            else:
                yield Read(line, decoder.decode(record))
        except (msgspec.DecodeError, csv.Error) as error:
            yield Bad(line, str(error)[:300])


def _head(record: str, kind: type[Struct]) -> tuple[str, ...]:
    try:
        names = tuple(name.strip() for name in rules.parsed(record))
    except csv.Error as error:
        raise Unreadable(1, str(error)) from error
    known = rules.columns(kind)
    unknown = [name for name in names if name not in known]
    if unknown or len(set(names)) != len(names):
        raise Unreadable(1, f"columns: {', '.join(known)}")
    return names


async def _records(pieces: AsyncIterator[bytes], *, quoted: bool) -> AsyncIterator[tuple[int, str]]:
    """Non-empty records with the line each began on; in CSV a record may go over several lines inside quotes."""
    record, began, inside = "", 0, False
    number = 0
    async for line in _lines(pieces):
        number += 1
        began = began or number
        record += line
        if len(record) > RECORD_MAX:
            raise Unreadable(began, "too long")
        inside ^= quoted and line.count('"') % 2 == 1
        if not inside:
            if plain := record.removesuffix("\n").removesuffix("\r"):
                yield began, plain
            record, began = "", 0
    if inside:
        raise Unreadable(began, "a quote that is not closed")


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    rest, size, number = "", 0, 0
    try:
        async for piece in pieces:
            size += len(piece)
            if size > FILE_MAX:
                raise Unreadable(number + 1, "too large")
            *whole, rest = (rest + decoder.decode(piece)).split("\n")
            for line in whole:
                number += 1
                yield line + "\n"
            if len(rest) > RECORD_MAX:
                raise Unreadable(number + 1, "too long")
        rest += decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise Unreadable(number + 1, "not UTF-8") from error
    if rest:
        yield rest
