"""Files taken in: a hundred documents a unit of work, what is wrong told by its line, what is right kept."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final

from msgspec import Struct

from relay_server.engine import audit
from relay_server.engine.journal import Journal, Transaction
from relay_server.exchange.reading import Bad, Format, Read, Unreadable, documents
from relay_server.exchange.tables import TABLES, Kind, Table
from shared.protocol.frames import Refused
from shared.protocol.types import PersonRef

BATCH: Final = 100
ERRORS_SHOWN: Final = 100
ERRORS_MAX: Final = 1000
"""After so many the file is not read on."""


class LineError(Struct, frozen=True, kw_only=True):
    """What is wrong with the record that begins on a line: a refusal's code, and what it is about."""

    line: int
    code: str
    detail: str = ""


class ImportReport(Struct, frozen=True, kw_only=True):
    """What became of a file. `same` were here already; of `failed` the first hundred are in `errors`."""

    dry_run: bool
    created: int
    changed: int
    same: int
    failed: int
    errors: tuple[LineError, ...]
    whole: bool
    """False: the rest of the file was not read."""


class Inward:
    """One file on its way in; with `dry_run` everything is tried and nothing kept."""

    def __init__(self, journal: Journal, kind: Kind, by: PersonRef, *, dry_run: bool) -> None:
        self._journal = journal
        self._kind: Kind = kind
        self._table: Table = TABLES[kind]
        self._by = by
        self._dry_run = dry_run
        self._counts: Counter[str] = Counter()
        self._errors: list[LineError] = []
        self._whole = True

    async def take(self, pieces: AsyncIterator[bytes], form: Format) -> ImportReport | Refused:
        """Reads to the end. Refused: `busy`, `store_full` (what was kept before stays kept)."""
        batch: list[Read[Any]] = []
        try:
            async for each in documents(pieces, self._table.document, form):
                if isinstance(each, Bad):
                    self._wrong(LineError(line=each.line, code="malformed", detail=each.detail))
                else:
                    batch.append(each)
                if len(batch) >= BATCH:
                    if refused := await self._keep(batch):
                        return refused
                    batch = []
                if self._counts["failed"] >= ERRORS_MAX:
                    self._whole = False
                    break
        except Unreadable as error:
            self._wrong(LineError(line=error.line, code="malformed", detail=error.detail))
            self._whole = False
        if refused := await self._keep(batch):
            return refused
        return await self._told()

    async def _keep(self, batch: list[Read[Any]]) -> Refused | None:
        outcomes: list[tuple[int, str | Refused]] = []

        def work(tx: Transaction) -> Refused | None:
            outcomes[:] = [(each.line, self._table.put(tx, each.document, self._by)) for each in batch]
            return Refused(code="internal") if self._dry_run else None

        refused = await self._journal.write(work) if batch else None
        if refused is not None and not (self._dry_run and refused.code == "internal"):
            return refused
        for line, outcome in outcomes:
            if isinstance(outcome, Refused):
                detail = " ".join(f"{name}={value}" for name, value in outcome.params.items())
                self._wrong(LineError(line=line, code=outcome.code, detail=detail))
            else:
                self._counts[outcome] += 1
        return None

    def _wrong(self, error: LineError) -> None:
        self._counts["failed"] += 1
        if len(self._errors) < ERRORS_SHOWN:
            self._errors.append(error)

    async def _told(self) -> ImportReport | Refused:
        counts = self._counts
        report = ImportReport(
            dry_run=self._dry_run,
            created=counts["created"],
            changed=counts["changed"],
            same=counts["same"],
            failed=counts["failed"],
            errors=tuple(sorted(self._errors, key=lambda each: each.line)),
            whole=self._whole,
        )
        if self._dry_run:
            return report
        detail = f"created {report.created}, changed {report.changed}, failed {report.failed}"
        done = await self._journal.write(lambda tx: audit.record(tx, self._by.id, "imported", self._kind, detail))
        return done if isinstance(done, Refused) else report
