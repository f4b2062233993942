"""Tables to and from files."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from relay_server.app import Adapters
from relay_server.commands.api_key import carried_out
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.engine import audit
from relay_server.exchange import outward
from relay_server.exchange.inward import ImportReport, Inward
from relay_server.exchange.reading import Format
from relay_server.exchange.tables import Kind
from relay_server.settings import Settings
from shared.protocol.types import PersonRef

_CLI: Final = PersonRef(id="cli", name="Threeline", kind="system")
_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What `export` was given."""

    kind: Kind | Literal["conversations"]
    to: Path
    format: Format
    notes: bool


@dataclass(frozen=True, slots=True)
class Incoming:
    """What `import` was given."""

    kind: Kind
    file: Path
    format: Format
    dry_run: bool


async def export(settings: Settings, adapters: Adapters, asked: Outgoing) -> None:
    """Writes a new file that only its owner reads. Raises CommandRefused."""
    if asked.to.exists():
        raise CommandRefused("file_exists", path=str(asked.to))
    async with opened(settings, adapters) as journal:
        detail = "with notes" if asked.notes else ""
        settled(await journal.write(lambda tx: audit.record(tx, "cli", "exported", asked.kind, detail)))
        if asked.kind == "conversations":
            pieces = outward.export_conversations(journal, asked.format, notes=asked.notes)
        else:
            pieces = outward.export(journal, asked.kind, asked.format)
        await _write(asked.to, pieces)


async def take(settings: Settings, adapters: Adapters, asked: Incoming) -> ImportReport:
    """Reads a file in. Raises CommandRefused."""
    async with opened(settings, adapters) as journal:
        inward = Inward(journal, asked.kind, _CLI, dry_run=asked.dry_run)
        return carried_out(await inward.take(_read(asked.file), asked.format))


async def _write(path: Path, pieces: AsyncIterator[bytes]) -> None:
    place = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(place, "wb") as file:
        async for piece in pieces:
            file.write(piece)


async def _read(path: Path) -> AsyncIterator[bytes]:
    place = os.open(path, os.O_RDONLY)
    with os.fdopen(place, "rb") as file:
        while piece := file.read(_PIECE):
            yield piece
