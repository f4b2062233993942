"""Laws of tables in and out: what goes out comes in as it was, and no cell of it is computed by a spreadsheet."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from relay_server.customers.records import CustomerDocument
from relay_server.exchange import rules
from relay_server.exchange.outward import encoded, head
from relay_server.exchange.reading import Bad, Read, Unreadable, documents

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NASTY = st.sampled_from(
    ["", "=1+1", "+86", "-1", "@x", "'", "''", "'=", "'a", "\t=1", "\r\n", '"', '","', "a\nb", "\ufeff"]
)
CELLS = WORDS | NASTY | st.builds(str.__add__, NASTY, WORDS)


@given(CELLS)
def test_a_harmless_cell_is_restored_and_computes_nothing(text: str) -> None:
    shown = rules.harmless(text)
    assert rules.restored(shown) == text
    assert shown[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"}


@given(st.lists(CELLS, min_size=2, max_size=6))
def test_a_line_of_cells_is_one_record_for_us_and_for_others(cells: list[str]) -> None:
    line = rules.csv_line(cells)
    assert rules.parsed(line.removesuffix("\r\n")) == cells
    (others,) = csv.reader(io.StringIO(line, newline=""))
    assert [rules.restored(each) for each in others] == cells


CUSTOMERS = st.builds(
    CustomerDocument,
    customer_id=st.from_regex(r"[0-9A-Za-z_-]{1,40}", fullmatch=True),
    name=CELLS.filter(lambda text: 1 <= len(text) <= 80),
    email=CELLS,
    phone=CELLS,
    organisation=CELLS,
    vip_level=st.integers(0, 9),
    first_seen_ms=st.integers(0, 2**48 - 1),
)


async def _pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def _read(data: bytes, form: str, size: int) -> list[Read[CustomerDocument] | Bad]:
    return [each async for each in documents(_pieces(data, size), CustomerDocument, form)]


@given(st.lists(CUSTOMERS, max_size=5), st.sampled_from(["csv", "json"]), st.integers(1, 40))
def test_documents_come_back_whatever_pieces_they_come_in(made: list[CustomerDocument], form: str, size: int) -> None:
    data = head(CustomerDocument, form) + encoded(made, form)
    found = asyncio.run(_read(data, form, size))
    assert [each.document for each in found if isinstance(each, Read)] == made


@given(st.binary(max_size=300), st.sampled_from(["csv", "json"]))
def test_whatever_comes_in_is_read_refused_by_line_or_ended(data: bytes, form: str) -> None:
    with suppress(Unreadable):
        assert all(each.line >= 1 for each in asyncio.run(_read(data, form, 7)))
