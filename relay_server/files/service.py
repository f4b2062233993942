"""Files brought and fetched over HTTP: bounded, typed by their first bytes, under random names in one directory."""

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from relay_server.engine import lock
from relay_server.engine.journal import Journal
from relay_server.engine.raw import Rows, rows_of
from relay_server.files import rules
from relay_server.files import store as blobs
from relay_server.identity.actors import Actor
from relay_server.identity.permissions import Relation, may, refuse, roles_of
from shared.common.ids import new_id
from shared.protocol.frames import Refused
from shared.protocol.types import Attachment

_log = logging.getLogger(__name__)

Relations = Callable[[Rows, Actor, int], tuple[Relation, ...]]
"""How somebody is tied to the conversation with a key; known in a higher room, given from above."""


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A file that may be sent to who asked."""

    path: Path
    media_type: str
    size_bytes: int
    name: str


@dataclass(frozen=True, slots=True)
class _Received:
    size_bytes: int
    sha256: str
    head: bytes


_REMOVED_AT_ONCE: Final = 100


class Files:
    """The blob directory and its rows."""

    def __init__(self, journal: Journal, directory: Path, relations: Relations) -> None:
        self._journal = journal
        self._directory = directory
        self._relations = relations

    async def store(
        self, actor: Actor, chunks: AsyncIterator[bytes], name: str, declared_type: str
    ) -> Attachment | Refused:
        """Keeps a file, whatever its sender calls it. Refused: `blob_too_large`, `blob_type_refused`, `store_full`."""
        del declared_type
        if refused := refuse(actor, "blob.upload"):
            return refused
        blob_id = new_id()
        part = self._directory / f"{blob_id}.part"
        try:
            return await self._keep(actor, chunks, name, blob_id, part)
        except OSError:
            return Refused(code="store_full")
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def open(self, actor: Actor, blob_id: str) -> StoredBlob | Refused:
        """A file that the actor brought, or that a conversation of theirs shows. Refused: `not_found`,
        `blob_missing` (this relay does not see the file)."""
        found = await self._journal.read(lambda sql: self._readable(rows_of(sql), actor, blob_id))
        if found is None:
            return Refused(code="not_found")
        shown = found.shown
        if not await asyncio.to_thread((self._directory / shown.blob_id).is_file):
            _log.error(
                "blob %s is in the store and not in %s: do all relays share files_dir?", blob_id, self._directory
            )
            return Refused(code="blob_missing")
        return StoredBlob(self._directory / shown.blob_id, shown.media_type, shown.size_bytes, shown.name)

    async def remove_discarded(self) -> int:
        """Takes away the files of blobs that were discarded, a hundred at most; how many, none while a backup reads.
        Again is no harm, so a crash between file and row is none either."""
        found = await self._journal.read(lambda sql: blobs.to_remove(rows_of(sql), _REMOVED_AT_ONCE))
        if found:
            if not await asyncio.to_thread(_take_away, self._directory, found):
                return 0
            await self._journal.write(lambda tx: [blobs.removed(tx, blob_id) for blob_id in found])
        return len(found)

    async def _keep(
        self, actor: Actor, chunks: AsyncIterator[bytes], name: str, blob_id: str, part: Path
    ) -> Attachment | Refused:
        received = await self._receive(chunks, part)
        if isinstance(received, Refused):
            return received
        kind = rules.kind_of(received.head)
        if kind is None:
            return Refused(code="blob_type_refused")
        shown = Attachment(
            blob_id=blob_id,
            name=rules.safe_name(name, kind.media_type),
            media_type=kind.media_type,
            size_bytes=received.size_bytes,
            width_px=kind.width_px,
            height_px=kind.height_px,
        )
        await asyncio.to_thread(_settle, part, self._directory / blob_id)
        kept = await self._journal.write(lambda tx: blobs.insert(tx, shown, actor.id, received.sha256))
        if isinstance(kept, Refused):
            await asyncio.to_thread((self._directory / blob_id).unlink, missing_ok=True)
            return kept
        return shown

    async def _receive(self, chunks: AsyncIterator[bytes], part: Path) -> _Received | Refused:
        digest, size, head = hashlib.sha256(), 0, b""
        file = await asyncio.to_thread(_create, part)
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > rules.MAX_BYTES:
                    return Refused(code="blob_too_large", params={"max_mb": str(rules.MAX_BYTES // 2**20)})
                if len(head) < rules.HEAD_BYTES:
                    head = (head + chunk)[: rules.HEAD_BYTES]
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_flush, file)
        finally:
            await asyncio.to_thread(file.close)
        return _Received(size, digest.hexdigest(), head)

    def _readable(self, rows: Rows, actor: Actor, blob_id: str) -> blobs.BlobRow | None:
        found = blobs.by_id(rows, blob_id)
        if found is None:
            return None
        ties: set[Relation] = {"uploader"} if found.uploader_id == actor.id else set()
        for key in blobs.uses(rows, blob_id):
            ties.update(self._relations(rows, actor, key))
        return found if may(roles_of(actor), "blob.read", tuple(ties)) else None


def _create(part: Path) -> BinaryIO:
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _settle(part: Path, place: Path) -> None:
    """Renamed only when whole on the disk, so that a name never stands for half a file."""
    part.replace(place)
    _sync(place.parent)


def _take_away(directory: Path, blob_ids: tuple[str, ...]) -> bool:
    with lock.may_remove(directory.parent) as free:
        if free:
            for blob_id in blob_ids:
                (directory / blob_id).unlink(missing_ok=True)
            if directory.is_dir():
                _sync(directory)
        return free


def _sync(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
