"""Recordings on the relay: taken chunk by chunk, handed out to who opened one, deleted when their time is over."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import Rows, rows_of
from relay_server.identity.actors import Actor, AgentActor
from relay_server.organisation import store as organisation
from relay_server.recordings import rules, steps, store
from relay_server.recordings.rules import Standing
from relay_server.recordings.shelf import Shelf
from shared.common.clock import now_ms
from shared.common.sealed.heads import About, Damaged, Head, read_about, read_head
from shared.protocol.frames import Refused
from shared.protocol.messages import recordings as r
from shared.protocol.messages.conversations import Done

MAX_READ: Final = 4 * 1024 * 1024
_SWEEP_S: Final = 3600.0
_log = logging.getLogger(__name__)


class Recordings:
    """The directory of recordings and their rows."""

    def __init__(self, journal: Journal, directory: Path, clock: Callable[[], int] = now_ms) -> None:
        self._journal = journal
        self._shelf = Shelf(directory)
        self._clock = clock
        self._busy: set[str] = set()

    # Chunks in

    async def put_chunk(
        self, actor: Actor, recording_id: str, sequence: int, chunk: bytes
    ) -> r.RecordingStored | Refused:
        """Adds a chunk; one that is there already is no harm. The answer says what the relay has.

        Refused: `not_found`, `not_allowed`, `recording_damaged`, `recording_gap`, `recording_too_large`, `wrong_state`,
        `store_full`, `busy` (another chunk of the same recording is being written).
        """
        if not isinstance(actor, AgentActor):
            return Refused(code="not_allowed")
        try:
            head = read_head(chunk)
            about = read_about(chunk) if sequence == 0 else None
        except Damaged:
            return Refused(code="recording_damaged")
        if head.sequence != sequence or head.size != len(chunk):
            return Refused(code="recording_damaged")
        if recording_id in self._busy:
            return Refused(code="busy")
        self._busy.add(recording_id)
        try:
            return await self._put(actor, recording_id, head, chunk, about)
        finally:
            self._busy.discard(recording_id)

    async def close(self, actor: Actor, recording_id: str) -> r.RecordingStored | Refused:
        """Says that nothing more comes. Refused: `not_found`, `not_allowed`."""

        def work(tx: Transaction) -> r.RecordingStored | Refused:
            found = _own(tx.rows, actor, recording_id)
            if isinstance(found, Refused):
                return found
            steps.close_cut(tx, found)
            state: r.RecordingState = "cut" if found.state == "open" else found.state
            return r.RecordingStored(chunks=found.chunks, size_bytes=found.size_bytes, state=state)

        return await self._journal.write(work)

    async def _put(
        self, actor: AgentActor, recording_id: str, head: Head, chunk: bytes, about: About | None
    ) -> r.RecordingStored | Refused:
        before = await self._journal.read(lambda sql: _standing(rows_of(sql), actor, recording_id, about))
        if isinstance(before, Refused):
            return before
        if head.sequence < before.chunks:
            return r.RecordingStored(chunks=before.chunks, size_bytes=before.size_bytes, state=before.state)
        if refused := rules.judge_chunk(before, head):
            return refused
        try:
            await asyncio.to_thread(self._shelf.put, recording_id, before.size_bytes, chunk)
        except OSError as error:
            _log.error("a recording could not be written: %s", type(error).__name__)
            return Refused(code="store_full")
        if about is not None:
            return await self._journal.write(lambda tx: steps.begin(tx, actor, about, head))
        return await self._journal.write(lambda tx: steps.add(tx, recording_id, before, head))

    # What is there

    async def list_recordings(self, actor: AgentActor, command: r.ListRecordings) -> r.Recordings | Refused:
        """Refused: `not_found`, `not_allowed`."""
        return await self._journal.write(lambda tx: steps.list_all(tx, actor, command))

    async def open_recording(self, actor: AgentActor, command: r.OpenRecording) -> r.RecordingOpened | Refused:
        """Refused: `not_found`, `not_allowed`."""
        return await self._journal.write(lambda tx: steps.open_one(tx, actor, command))

    async def hold_recording(self, actor: AgentActor, command: r.HoldRecording) -> Done | Refused:
        """Refused: `not_found`, `not_allowed`."""
        return await self._journal.write(lambda tx: steps.hold(tx, actor, command))

    async def delete_recording(self, actor: AgentActor, command: r.DeleteRecording) -> Done | Refused:
        """Refused: `not_found`, `not_allowed`, `recording_held`."""
        done = await self._journal.write(lambda tx: steps.delete_by_hand(tx, actor, command))
        if not isinstance(done, Refused):
            await asyncio.to_thread(self._shelf.remove, command.recording_id)
        return done

    async def read(self, actor: Actor, recording_id: str, opening_id: str, at: int) -> bytes | Refused:
        """The bytes from `at` on, at most `MAX_READ`; none at the end. Refused: `not_found`, `not_allowed`."""
        since_ms = self._clock() - rules.OPENING_MS

        def look(rows: Rows) -> store.Recording | Refused:
            found = steps.find(rows, actor, recording_id, "recording.play")
            if isinstance(found, Refused):
                return found
            mine = store.opened_by(rows, opening_id, recording_id, actor.id, since_ms)
            return found if mine else Refused(code="not_allowed")

        found = await self._journal.read(lambda sql: look(rows_of(sql)))
        if isinstance(found, Refused):
            return found
        wanted = max(0, min(MAX_READ, found.size_bytes - at))
        try:
            return await asyncio.to_thread(self._shelf.get, recording_id, at, wanted) if wanted else b""
        except FileNotFoundError:
            _log.error("recording %s is in the store and not here: do all relays share files_dir?", recording_id)
            return Refused(code="blob_missing")

    # Retention

    async def run(self) -> None:
        """Deletes what has had its time, until cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(_SWEEP_S)

    async def sweep(self) -> None:
        """One look: recordings that nobody added to for a day were cut off, those whose time is over go."""
        at_ms = self._clock()
        if await self._journal.read(lambda sql: bool(_due(rows_of(sql), at_ms))):
            await self._journal.write(_delete_due)
        if await self._journal.read(lambda sql: bool(store.quiet_since(rows_of(sql), at_ms - rules.QUIET_MS))):
            await self._journal.write(_close_quiet)
        there = await asyncio.to_thread(self._shelf.ids)
        if there:
            gone = await self._journal.read(lambda sql: store.deleted_ids(rows_of(sql)))
            for recording_id in there & gone:
                await asyncio.to_thread(self._shelf.remove, recording_id)


def _standing(rows: Rows, actor: AgentActor, recording_id: str, about: About | None) -> Standing | Refused:
    found = _own(rows, actor, recording_id)
    if not isinstance(found, Refused):
        return found.standing
    if about is None or found.code != "not_found":
        return found
    return steps.judge_begin(rows, actor, recording_id, about) or Standing(0, 0, "open")


def _own(rows: Rows, actor: Actor, recording_id: str) -> store.Recording | Refused:
    """Whoever recorded it brings it, nobody else, however long that takes."""
    found = store.by_id(rows, recording_id)
    if found is None:
        return Refused(code="not_found")
    return found if found.agent.id == actor.id else Refused(code="not_allowed")


def _due(rows: Rows, at_ms: int) -> list[store.Recording]:
    days = organisation.policy(rows).recording_days
    return [
        each
        for each in store.not_held(rows)
        if rules.delete_ms(each.updated_ms, each.keep_days, days, held=each.held) <= at_ms
    ]


def _delete_due(tx: Transaction) -> None:
    for found in _due(tx.rows, tx.now_ms):
        steps.delete(tx, found, steps.RELAY, "retention")


def _close_quiet(tx: Transaction) -> None:
    for found in store.quiet_since(tx.rows, tx.now_ms - rules.QUIET_MS):
        steps.close_cut(tx, found)
