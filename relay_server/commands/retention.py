"""`threeline-relay retention`: for how long what is kept, and one look at what has had its time."""

from functools import partial

from relay_server.admin.retention import Retention
from relay_server.app import Adapters
from relay_server.commands.store import CommandRefused, opened, settled
from relay_server.conversations.access import relations_by_key
from relay_server.engine import audit, traces
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import rows_of
from relay_server.files.service import Files
from relay_server.organisation import store as organisation
from relay_server.organisation.store import Kept
from relay_server.recordings.service import Recordings
from relay_server.settings import Settings
from shared.common.clock import now_ms


async def schedule(settings: Settings, adapters: Adapters) -> dict[str, int]:
    """Days by kind; 0: for ever."""
    async with opened(settings, adapters) as journal:
        policy = await journal.read(lambda sql: organisation.policy(rows_of(sql)))
    return {
        "recording": policy.recording_days,
        "file": policy.file_days,
        "message": policy.message_days,
        "conversation": policy.conversation_days,
        "ticket": policy.ticket_days,
        "audit": policy.audit_days,
    }


async def keep(settings: Settings, adapters: Adapters, kind: Kept, days: int) -> None:
    """Raises CommandRefused: recordings are kept for a day at least and ten years at most."""
    if kind == "recording" and not 1 <= days <= 3650:
        raise CommandRefused("bad_setting", detail="recording: 1-3650")

    def work(tx: Transaction) -> None:
        organisation.set_days(tx, kind, days)
        audit.record(tx, "cli", "retention_set", kind, str(days))

    async with opened(settings, adapters) as journal:
        settled(await journal.write(work))


async def sweep(settings: Settings, adapters: Adapters) -> None:
    """What the relay does every ten minutes, now."""
    async with opened(settings, adapters) as journal:
        await retention_of(settings, journal).sweep()
        await Recordings(journal, settings.recording_dir).sweep()


def retention_of(settings: Settings, journal: Journal) -> Retention:
    """Retention for one command."""
    files = Files(journal, settings.blob_dir, relations_by_key)
    return Retention(journal, files, partial(traces.clear, settings), now_ms)
