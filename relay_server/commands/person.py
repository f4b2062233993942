"""`threeline-relay person`: a customer's record found, handed out, erased, or held against erasing."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from relay_server.admin import export, person
from relay_server.app import Adapters
from relay_server.commands.retention import retention_of
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.engine import audit, traces
from relay_server.engine.fold import FoldRunner
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import rows_of
from relay_server.recordings.service import Recordings
from relay_server.remote import follow_up as remote
from relay_server.settings import Settings
from relay_server.tickets import follow_up as tickets
from shared.protocol.frames import Refused

T = TypeVar("T")


async def find(settings: Settings, adapters: Adapters, said: str) -> list[person.Found]:
    """Customers whom the words fit; that somebody looked is an audit row."""
    async with opened(settings, adapters) as journal:
        settled(await journal.write(lambda tx: audit.record(tx, "cli", "persons_searched")))
        return await journal.read(lambda sql: person.find(rows_of(sql), said))


async def write_out(settings: Settings, adapters: Adapters, customer_id: str, target: Path) -> int:
    """Everything the store holds about a customer, as one new zip, 0600; how many rows. Raises CommandRefused."""

    def work(sql: Connection) -> int:
        if not export.exists(sql, customer_id):
            raise CommandRefused("no_such_person", what=customer_id)
        return export.write(target, sql, customer_id, settings.blob_dir, settings.recording_dir)

    async with opened(settings, adapters) as journal:
        settled(await journal.write(lambda tx: audit.record(tx, "cli", "person_exported", customer_id)))
        with _fresh(target):
            return await journal.read(work)


async def erase(settings: Settings, adapters: Adapters, customer_id: str) -> tuple[person.Erased, bool]:
    """Takes a customer out of the record. False: something waits for the relay's next look. Raises CommandRefused."""
    async with opened(settings, adapters) as journal:
        for fold in (remote.FOLD, tickets.FOLD):  # what they have not seen yet would be copied after it was erased
            if not await FoldRunner(journal, adapters.bus, fold).catch_up():
                raise CommandRefused("bad_setting", detail="busy")
        erased = _done(await journal.write(lambda tx: person.erase(tx, customer_id)))
        clean = await retention_of(settings, journal).work_off()
        await Recordings(journal, settings.recording_dir).sweep()
        traces.forget_upgrade_copies(settings.store_file)
        return erased, clean


async def hold(settings: Settings, adapters: Adapters, customer_id: str, reason: str) -> None:
    """Nothing of this customer is erased. Raises CommandRefused."""
    await _change(settings, adapters, lambda tx: person.hold(tx, customer_id, reason))


async def release(settings: Settings, adapters: Adapters, customer_id: str) -> None:
    """The hold is over. Raises CommandRefused."""
    await _change(settings, adapters, lambda tx: person.release(tx, customer_id))


async def _change(settings: Settings, adapters: Adapters, work: Callable[[Transaction], person.Kept | None]) -> None:
    async with opened(settings, adapters) as journal:
        _done(await journal.write(work))


def _done(answer: T | person.Kept | Refused) -> T:
    if isinstance(answer, Refused):
        raise CommandRefused("bad_setting", detail=answer.code)
    if isinstance(answer, person.Kept):
        raise CommandRefused(answer.code, what=answer.what)
    return answer


@contextmanager
def _fresh(target: Path) -> Generator[None]:
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise CommandRefused("file_exists", path=str(target)) from error
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise
