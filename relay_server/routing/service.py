"""Routing: commands at the door and at the desk, and the one task that watches deadlines and tells lines."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Literal, TypeVar

from sqlalchemy import Connection

from relay_server.conversations import access
from relay_server.conversations import service as talking
from relay_server.conversations import store as conversations
from relay_server.engine import leases
from relay_server.engine.bus import NODE_LOST, Bus, Committed, Wake
from relay_server.engine.journal import Journal, StoreAway, Transaction
from relay_server.engine.leases import ThisNode
from relay_server.engine.raw import rows_of
from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.identity.permissions import refuse
from relay_server.organisation import store as organisation
from relay_server.routing import attendance, claims, intake, offers, pages, passes, standing, store
from relay_server.routing.board import Board
from shared.common.clock import now_ms
from shared.common.errors import LinkLost
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import routing as q
from shared.protocol.messages.identity import AgentProfile
from shared.protocol.messages.organisation import Desk, GetDesk, GetHome, Home
from shared.protocol.types import PersonRef

T = TypeVar("T")
_BREATH_S: Final = 0.1
"""Between two looks at the lines, so that a burst of changes is told once."""
_STATUS_S: Final = 2.0
"""Between two tellings of the status to everybody."""
_RETRY_S: Final = 1.0
LONGEST_S: Final = 30.0
"""Between two looks at all: another node may have set a deadline and be gone."""
_log = logging.getLogger(__name__)


class Routing:
    """Decides who gets what; the decisions themselves are in `rules`."""

    def __init__(
        self,
        journal: Journal,
        bus: Bus,
        clock: Callable[[], int] = now_ms,
        node: ThisNode | None = None,
        grace_ms: int = 0,
    ) -> None:
        self.node = node or ThisNode()
        self._grace_ms = grace_ms
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._board = Board(pages.queue)
        self._woken = asyncio.Event()
        self._lines: set[str] = set()
        self._duty: set[str] = set()
        self._freed: set[str] = set()
        self._status: set[str] = set()
        self._customers: set[str] = set()

    # A customer at the door

    async def open_conversation(
        self, actor: CustomerActor, command: c.OpenConversation
    ) -> c.ConversationOpen | Refused:
        """Refused: `already_open`, `not_found`, `form_incomplete`, `form_invalid`, `too_large`, `nobody_on_duty`."""
        return await self._change(lambda tx: intake.ask(tx, actor, command))

    async def leave_message(self, actor: CustomerActor, command: c.LeaveMessage) -> c.ConversationOpen | Refused:
        """Refused: `not_found`, `form_incomplete`, `form_invalid`, `too_large`, `wrong_state`."""
        return await self._change(lambda tx: intake.leave_message(tx, actor, command))

    async def cancel_waiting(self, actor: CustomerActor, command: c.CancelWaiting) -> c.Done | Refused:
        """Refused: `not_found`, `wrong_state`."""
        return await self._change(lambda tx: intake.cancel(tx, actor, command))

    async def reopen(self, actor: CustomerActor, command: c.Reopen) -> c.ConversationOpen | Refused:
        """Refused: `not_found`, `wrong_state`, `reopen_too_late`, `already_open`, `nobody_on_duty`."""
        return await self._change(lambda tx: intake.reopen(tx, actor, command))

    async def get_home(self, actor: CustomerActor, command: GetHome) -> Home | Refused:
        """Everything for the first page; places follow by push."""
        del command
        if refused := refuse(actor, "home.read"):
            return refused
        at_ms = self._clock()
        home = await self._journal.read(lambda sql: pages.home(rows_of(sql), actor, at_ms))
        await self._tell_place_again(actor.id)
        return home

    # An agent at the desk

    async def get_desk(self, actor: AgentActor, command: GetDesk) -> Desk | Refused:
        """Everything an agent's window shows at the start."""
        del command
        if refused := refuse(actor, "desk.read"):
            return refused
        at_ms = self._clock()
        return await self._journal.read(lambda sql: pages.desk(rows_of(sql), actor, at_ms))

    async def set_state(self, actor: AgentActor, command: q.SetState) -> c.Done | Refused:
        """At once, or after the current work. Refused: `wrong_state` for who has not arrived."""

        def work(tx: Transaction) -> c.Done | Refused:
            return refuse(actor, "state.set") or standing.choose(tx, actor.id, command) or c.Done()

        return await self._change(work)

    async def accept_offer(self, actor: AgentActor, command: q.AcceptOffer) -> c.Done | Refused:
        """Refused: `offer_gone`, `not_found`."""

        def work(tx: Transaction) -> c.Done | Refused:
            found = conversations.by_id(tx.rows, command.conversation_id)
            if found is not None and found.owner_id == actor.id:
                return c.Done()
            if found is None or found.offered_to != actor.id or found.deadline_ms <= tx.now_ms:
                return Refused(code="offer_gone")
            return _checked(tx, actor, found) or offers.take(tx, found, actor.person) or c.Done()

        return await self._change(work)

    async def decline_offer(self, actor: AgentActor, command: q.DeclineOffer) -> c.Done | Refused:
        """Refused: `offer_gone`."""

        def work(tx: Transaction) -> c.Done | Refused:
            found = conversations.by_id(tx.rows, command.conversation_id)
            if found is None or found.offered_to != actor.id:
                return Refused(code="offer_gone")
            if refused := _checked(tx, actor, found):
                return refused
            offers.give_back(tx, found, "declined", "answered", command.reason)
            store.refuse(tx, found.key, actor.id)
            return c.Done()

        return await self._change(work)

    async def take_from_queue(self, actor: AgentActor, command: q.TakeFromQueue) -> c.Done | Refused:
        """Refused: `not_found`, `not_allowed`, `wrong_state`, `no_capacity`."""

        def work(tx: Transaction) -> c.Done | Refused:
            found = access.find(tx.rows, actor, command.conversation_id, "queue.take")
            if isinstance(found, Refused):
                return found
            if found.owner_id == actor.id:
                return c.Done()
            return _room(tx, actor, found) or offers.take(tx, found, actor.person) or c.Done()

        return await self._change(work)

    # Who comes and goes

    async def agent_connected(self, profile: AgentProfile) -> Refused | None:
        """The first link of an agent to this node is up; their state is what it was. Refused: `shutting_down`."""
        return await self._came(profile.person)

    async def agent_disconnected(self, profile: AgentProfile) -> Refused | None:
        """The last link is gone beyond the link's grace: offers go back at once, conversations after the owner's."""
        return await self._left(profile.person)

    async def customer_connected(self, person: PersonRef) -> Refused | None:
        """A customer has a link to this node: statuses and places are told to them."""
        refused = await self._came(person)
        if refused is None:
            self._customers.add(person.id)
            await self._tell_place_again(person.id)
        return refused

    async def customer_disconnected(self, person: PersonRef) -> Refused | None:
        """A customer is gone from here; their place is kept."""
        self._customers.discard(person.id)
        return await self._left(person)

    async def _came(self, person: PersonRef) -> Refused | None:
        node_id = self.node.node_id  # as it is now: what comes late must not be taken for another run's

        def work(tx: Transaction) -> Refused | None:
            return attendance.came(tx, node_id, person)

        return await (self._change(work) if person.kind == "agent" else self._journal.write(work))

    async def _left(self, person: PersonRef) -> Refused | None:
        node_id = self.node.node_id

        def work(tx: Transaction) -> None:
            attendance.left(tx, node_id, person)

        return await (self._change(work) if person.kind == "agent" else self._journal.write(work))

    # The node among nodes

    async def begin(self, *, alone: bool = False) -> Literal[True] | Refused:
        """Before the first link: nobody is connected to this node (`alone`: to any); offers stand as they were stored.

        Refused: `wrong_state` when a node that lives keeps its files elsewhere.
        """
        self._customers.clear()
        node = self.node = self.node.anew()

        def work(tx: Transaction) -> Literal[True] | Refused:
            return attendance.begin(tx, node, alone=alone) or True

        return await self._journal.write(work)

    async def end(self) -> None:
        """After the last link: who is connected nowhere else has the grace to come back."""
        await self._journal.write(lambda tx: leases.end(tx, self.node.node_id))

    async def release(self) -> int | Refused:
        """Lets go of people whose nodes have been dead for longer than the grace; how many in this step."""
        at_ms = self._clock()
        if not await self._journal.read(lambda sql: bool(leases.orphans(rows_of(sql), at_ms, self._grace_ms, 1))):
            return 0
        return await self._change(lambda tx: attendance.release(tx, self._grace_ms))

    # The one task

    async def run(self) -> None:
        """Watches deadlines, and tells lines as they change, until cancelled."""
        unsubscribe = self._bus.subscribe(self.hear)
        status_at_s = 0.0
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._woken.clear()
                wait_s = await self.tick()
                if self._status and loop.time() >= status_at_s:
                    await self.tell_status()
                    status_at_s = loop.time() + _STATUS_S
                if self._status:
                    wait_s = min(wait_s, _STATUS_S)
                await asyncio.sleep(_BREATH_S)
                await self._sleep(wait_s)
        finally:
            unsubscribe()

    async def tick(self) -> float:
        """One look: at deadlines, then at changed lines. For how many seconds nothing changes by itself."""
        freed, self._freed = self._freed, set()

        def look(tx: Transaction) -> int | None:
            for agent_id in freed:
                standing.tell(tx, agent_id)
            return passes.run(tx)

        try:
            due_ms = await self._journal.write(look)
            while due_ms == 0:  # many offers are made in several units of work, so that others get their turn
                due_ms = await self._journal.write(passes.run)
        except LinkLost:
            self._freed |= freed
            raise
        if isinstance(due_ms, Refused):
            self._freed |= freed
            _log.warning("routing waits: the store refuses (%s)", due_ms.code)
            return _RETRY_S
        await self._tell_lines()
        return LONGEST_S if due_ms is None else min(LONGEST_S, due_ms / 1000)

    async def tell_status(self) -> None:
        """Tells everybody which groups can be asked, where that changed."""
        group_ids, self._status = frozenset(self._status), set()
        people, at_ms = frozenset(self._customers), self._clock()
        notes = await self._journal.read(lambda sql: self._board.look_at_status(rows_of(sql), group_ids, people, at_ms))
        if notes:
            self._bus.publish_here(Committed(notes=notes))

    async def _tell_lines(self) -> None:
        agents, self._duty = self._duty, set()
        lines, self._lines = self._lines, set()
        at_ms = self._clock()
        if not agents and not lines:
            return

        def look(sql: Connection) -> tuple[frozenset[str], Committed]:
            rows = rows_of(sql)
            theirs = {group_id for agent_id in agents for group_id in organisation.membership(sql, agent_id).group_ids}
            group_ids = frozenset(lines | theirs)
            return group_ids, Committed(notes=self._board.look_at_lines(rows, group_ids, at_ms))

        try:
            group_ids, committed = await self._journal.read(look)
        except StoreAway:
            self._duty |= agents
            self._lines |= lines
            raise
        self._status |= group_ids
        if committed.notes:
            self._bus.publish_here(committed)

    async def _tell_place_again(self, customer_id: str) -> None:
        waiting = await self._journal.read(lambda sql: store.person_in_line(rows_of(sql), customer_id))
        if waiting:
            self._board.forget(conversation_id for conversation_id, _ in waiting)
            self._lines |= {group_id for _, group_id in waiting}
            self._woken.set()

    async def _change(self, work: Callable[[Transaction], T | Refused]) -> T | Refused:
        """A unit of work, and in the same transaction whatever follows from it."""

        def whole(tx: Transaction) -> T | Refused:
            result = work(tx)
            if not isinstance(result, Refused):
                passes.run(tx)
                tx.after_commit(Wake(passes.TOPIC))
            return result

        return await self._journal.write(whole)

    def hear(self, committed: Committed) -> None:
        """What the bus tells: which lines and whose duty to look at. `run` subscribes it."""
        for note in committed.notes:
            if not isinstance(note, Wake):
                continue
            if note.topic == claims.LINE:
                self._lines.add(note.key)
            elif note.topic == standing.DUTY:
                self._duty.add(note.key)
            elif note.topic == talking.FREED:
                self._freed.add(note.key)
            elif note.topic not in (passes.TOPIC, NODE_LOST):
                continue
            self._woken.set()

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._woken.wait()
        except TimeoutError:
            pass


def _checked(tx: Transaction, actor: AgentActor, conversation: conversations.Conversation) -> Refused | None:
    return access.check(tx.rows, actor, conversation, "offer.answer")


def _room(tx: Transaction, actor: AgentActor, conversation: conversations.Conversation) -> Refused | None:
    """Whether the agent may hold one more; an offer of this very conversation to them is counted already."""
    stands = store.standing(tx.rows, actor.id)
    if stands is None or stands.state == "offline" or not stands.connected:
        return Refused(code="wrong_state", params={"state": "offline", "event": "take"})
    used = stands.used - int(conversation.offered_to == actor.id)
    return None if used < stands.max_units else Refused(code="no_capacity")
