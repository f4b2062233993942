"""Remote sessions on the relay: words about the screen, never the screen."""

import asyncio
from collections.abc import Callable
from typing import Final

from relay_server.conversations import access
from relay_server.conversations import store as conversations
from relay_server.customers import store as customers
from relay_server.engine import audit
from relay_server.engine.bus import Bus, Committed, ToPerson
from relay_server.engine.fold import Fold
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.raw import Rows, rows_of
from relay_server.identity.actors import Actor, AgentActor, CustomerActor
from relay_server.remote import follow_up, rules, steps, store, turn
from shared.common.clock import now_ms
from shared.protocol.frames import Refused
from shared.protocol.messages import remote as x
from shared.protocol.messages.conversations import Done
from shared.rules import receipt as receipts

_LOOK_S: Final = 5.0
"""How late the record may be about a session whose grants ran out; the customer's machine is exact."""


class Remote:
    """Questions, answers, signals, receipts."""

    def __init__(
        self, journal: Journal, bus: Bus, clock: Callable[[], int] = now_ms, helpers: turn.Helpers = turn.NO_HELPERS
    ) -> None:
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._helpers = helpers
        self.fold: Fold = follow_up.FOLD
        """Run by the relay as long as it lives."""

    def use_helpers(self, helpers: turn.Helpers) -> None:
        """From now on credentials are made so."""
        self._helpers = helpers

    async def ask_capabilities(self, actor: AgentActor, command: x.AskCapabilities) -> Done | Refused:
        """Refused: `not_found`, `not_allowed`, `wrong_state`."""
        return await self._journal.write(lambda tx: steps.ask(tx, actor, command))

    async def withdraw_ask(self, actor: AgentActor, command: x.WithdrawAsk) -> Done | Refused:
        """Refused: `not_found`, `not_allowed`."""
        return await self._journal.write(lambda tx: steps.withdraw(tx, actor, command))

    async def answer_consent(self, actor: CustomerActor, command: x.AnswerConsent) -> Done | Refused:
        """Refused: `not_found`, `wrong_state`, `consent_expired`, `not_allowed`."""
        return await self._journal.write(lambda tx: steps.answer(tx, actor, command))

    async def report_grant_ended(self, actor: CustomerActor, command: x.ReportGrantEnded) -> Done | Refused:
        """Refused: `not_found`."""
        return await self._journal.write(lambda tx: steps.report_ended(tx, actor, command))

    async def end_remote(self, actor: Actor, command: x.EndRemote) -> Done | Refused:
        """Refused: `not_found`, `not_allowed`."""
        return await self._journal.write(lambda tx: steps.end_by_hand(tx, actor, command))

    async def send_signal(self, actor: Actor, command: x.SendSignal) -> Done | Refused:
        """Handed to the other end, never kept. Refused: `not_found`, `not_allowed`, `wrong_state`."""
        at_ms = self._clock()
        found = await self._journal.read(lambda sql: _signal(rows_of(sql), actor, command, at_ms))
        if isinstance(found, Refused):
            return found
        push = x.SignalArrived(
            session_id=command.session_id,
            conversation_id=found.conversation_id,
            sender=actor.person,
            signal=command.signal,
        )
        self._bus.publish(Committed(notes=(ToPerson(command.to, push),)))
        return Done()

    async def get_ice_servers(self, actor: Actor, command: x.GetIceServers) -> x.IceServers | Refused:
        """With credentials of the asker's own, for as long as the settings say. Refused: `not_found`, `not_allowed`."""
        found = await self._journal.read(lambda sql: _of_session(rows_of(sql), actor, command.session_id))
        if isinstance(found, Refused):
            return found
        return x.IceServers(servers=self._helpers.servers(actor.id, self._clock()))

    async def store_receipt(self, actor: CustomerActor, command: x.StoreReceipt) -> Done | Refused:
        """Refused: `not_found`, `receipt_invalid`."""
        whole = await asyncio.to_thread(receipts.verify, command.receipt)
        if not whole:
            return Refused(code="receipt_invalid")

        def work(tx: Transaction) -> Done | Refused:
            return steps.keep_receipt(tx, actor, command.receipt, customers.device_keys(tx.rows, actor.id))

        return await self._journal.write(work)

    async def get_receipts(self, actor: Actor, command: x.GetReceipts) -> x.Receipts | Refused:
        """That an agent read some is an audit row. Refused: `not_found`, `not_allowed`, `busy`, `store_full`."""

        def look(rows: Rows) -> x.Receipts | Refused:
            found = access.find(rows, actor, command.conversation_id, "receipt.read")
            return found if isinstance(found, Refused) else x.Receipts(receipts=store.receipts(rows, found.key))

        found = await self._journal.read(lambda sql: look(rows_of(sql)))
        if isinstance(found, Refused) or not found.receipts or not isinstance(actor, AgentActor):
            return found
        read = (actor.id, "receipts_read", command.conversation_id)
        refused = await self._journal.write(lambda tx: audit.record(tx, *read))
        return refused or found

    async def run(self) -> None:
        """Ends sessions on record whose grants have all run out, until cancelled."""
        while True:
            await self.end_run_out()
            await asyncio.sleep(_LOOK_S)

    async def end_run_out(self) -> None:
        """One look."""
        at_ms = self._clock()
        if await self._journal.read(lambda sql: store.run_out(rows_of(sql), at_ms)):
            await self._journal.write(_end_run_out)


def _end_run_out(tx: Transaction) -> None:
    for session_id in store.run_out(tx.rows, tx.now_ms):
        session = store.session(tx.rows, session_id)
        conversation = conversations.by_key(tx.rows, session.conversation_key) if session else None
        if session is not None and conversation is not None:
            steps.end(tx, conversation, session, conversation.customer, "expired")


def _signal(rows: Rows, actor: Actor, command: x.SendSignal, at_ms: int) -> conversations.Conversation | Refused:
    found = _of_session(rows, actor, command.session_id)
    if isinstance(found, Refused):
        return found
    session = store.session(rows, command.session_id)
    if session is None or session.state != "live":
        return Refused(code="wrong_state", params={"state": "ended", "event": "signal"})
    grants = store.grants(rows, command.session_id)
    if not rules.may_signal(grants, found.customer_id, actor.id, command.to, at_ms):
        return Refused(code="not_allowed")
    return found


def _of_session(rows: Rows, actor: Actor, session_id: str) -> conversations.Conversation | Refused:
    session = store.session(rows, session_id)
    found = conversations.by_key(rows, session.conversation_key) if session else None
    if found is None:
        return Refused(code="not_found")
    return access.check(rows, actor, found, "remote.signal") or found
