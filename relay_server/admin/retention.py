"""Retention: what has had its time is erased in small units of work, by whichever node looks first.

Nothing is claimed for longer than one unit: each picks what is due inside its own transaction on the one writer, so two
nodes that look at once only take turns. What is held or still open is never due.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from relay_server.admin import erasing, rules
from relay_server.admin.rules import Due
from relay_server.conversations import store as conversations
from relay_server.conversations.store import Conversation
from relay_server.engine import audit
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import Rows, rows_of
from relay_server.files import store as blobs
from relay_server.files.service import Files
from relay_server.organisation import store as organisation
from relay_server.tickets import store as tickets
from relay_server.tickets.store import Ticket
from shared.protocol.frames import Refused
from shared.rules.erasure import DEPTH

UNIT: Final = 10
"""Conversations or tickets in one unit of work."""
_ROWS: Final = 500
"""Audit rows or uploads in one."""
_LOOK_S: Final = 600.0
_log = logging.getLogger(__name__)


class Retention:
    """`clear` gets rid of older copies in the store's files; False: not now."""

    def __init__(self, journal: Journal, files: Files, clear: Callable[[], bool], clock: Callable[[], int]) -> None:
        self._journal = journal
        self._files = files
        self._clear = clear
        self._clock = clock

    async def run(self) -> None:
        """Looks every ten minutes, until cancelled."""
        while True:
            try:
                await self.sweep()
            except OSError as error:
                _log.error("retention: %s", error)
            await asyncio.sleep(_LOOK_S)

    async def sweep(self) -> None:
        """One look: everything that is due now, then what was begun and not finished."""
        policy = await self._journal.read(lambda sql: organisation.policy(rows_of(sql)))
        now_ms = self._clock()
        for due in rules.due_conversations(policy, now_ms):
            await self._repeat(lambda tx, due=due: _erase_due(tx, due), UNIT)
        if before_ms := rules.before(policy.ticket_days, now_ms):
            await self._repeat(lambda tx: _erase_tickets(tx, before_ms), UNIT)
        if before_ms := rules.before(policy.audit_days, now_ms):
            await self._repeat(lambda tx: audit.cut(tx, before_ms, _ROWS), _ROWS)
        await self._repeat(lambda tx: blobs.discard_unused(tx, now_ms - rules.UNUSED_MS, _ROWS), _ROWS)
        await self.work_off()
        _log.info("audit stands at %s", await self._journal.read(_head))

    async def work_off(self) -> bool:
        """Finishes what was begun: bodies, old copies, files. False when something has to wait for the next look."""
        while await self._count(erasing.step):
            pass
        clean = True
        if await self._journal.read(lambda sql: erasing.written(rows_of(sql))):
            clean = await asyncio.to_thread(self._clear)
            if clean:
                await self._count(erasing.finish)
        while await self._files.remove_discarded():
            pass
        return clean

    async def _repeat(self, unit: Callable[[Transaction], int], full: int) -> None:
        while await self._count(unit) >= full:
            pass

    async def _count(self, unit: Callable[[Transaction], int]) -> int:
        done = await self._journal.write(unit)
        return 0 if isinstance(done, Refused) else done


def _erase_due(tx: Transaction, due: Due) -> int:
    found = due_conversations(tx.rows, due, tx.now_ms, UNIT)
    for each in found:
        erasing.erase_conversation(tx, each, due.what, "retention")
    if found:
        ids = " ".join(each.conversation_id for each in found)
        audit.record(tx, "relay", f"retention_erased_{due.what}", "", ids)
    return len(found)


def _erase_tickets(tx: Transaction, before_ms: int) -> int:
    found = due_tickets(tx.rows, before_ms, UNIT)
    for each in found:
        erasing.erase_ticket(tx, each, "retention")
    if found:
        audit.record(tx, "relay", "retention_erased_ticket", "", " ".join(each.number for each in found))
    return len(found)


def due_conversations(rows: Rows, due: Due, now_ms: int, limit: int) -> list[Conversation]:
    """Ended long enough, past reopening, their ticket done, nobody's hold on them, and not that deep erased yet."""
    return conversations.select(
        rows,
        "JOIN streams s ON s.name = 'c/' || c.id || '/public' LEFT JOIN erasures e ON e.stream_id = s.id"
        " WHERE c.ended_ms > 0 AND c.ended_ms < ? AND c.state IN ('closed', 'abandoned') AND c.reopen_until_ms <= ?"
        " AND (c.ticket_id = '' OR c.ticket_state IN ('resolved', 'closed'))"
        " AND coalesce(e.depth, 0) < ?"
        " AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.customer_id = c.customer_id)"
        " ORDER BY c.ended_ms LIMIT ?",
        (due.before_ms, now_ms, DEPTH[due.what], limit),
    )


def due_tickets(rows: Rows, before_ms: int, limit: int) -> list[Ticket]:
    """Done long enough, nobody's hold on their customer, and not erased yet."""
    return tickets.select(
        rows,
        "LEFT JOIN conversations c ON c.key = t.conversation_key JOIN streams s ON s.name = 't/' || t.id"
        " LEFT JOIN erasures e ON e.stream_id = s.id"
        " WHERE t.state IN ('resolved', 'closed') AND t.updated_ms < ? AND coalesce(e.depth, 0) < ?"
        " AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.customer_id = c.customer_id"
        " OR t.customer LIKE '%\"id\":\"' || h.customer_id || '\"%')"
        " ORDER BY t.updated_ms LIMIT ?",
        (before_ms, DEPTH["everything"], limit),
    )


def _head(sql: Connection) -> str:
    found = rows_of(sql)("SELECT id, digest FROM audit ORDER BY id DESC LIMIT 1", ())
    return f"row {found[0][0]}, digest {found[0][1]}" if found else "no row"
