"""The queue as a table: rows stand still under the pointer while changes are counted."""

from msgspec import Struct, structs

from agent_app.desk.desk import Desk
from agent_app.desk.relay import Failed, Relay, Spawn, ask
from shared.common.shown import Heard, Shown
from shared.protocol.messages.conversations import ConversationRow, Done
from shared.protocol.messages.routing import TakeFromQueue


class QueueRow(Struct, frozen=True):
    """One waiting conversation. `offered` to somebody now; `gone` when it left while the order is held."""

    conversation_id: str
    place: int
    name: str
    vip: bool
    subject: str
    group: str
    ticket: str
    since_ms: int
    offered: bool
    gone: bool = False


class QueueView(Struct, frozen=True, kw_only=True):
    """`held_changes` counts rows that came or went while the order is held."""

    rows: tuple[QueueRow, ...] = ()
    held: bool = False
    held_changes: int = 0
    taking: str = ""
    problem: Failed | None = None


class QueuePresenter:
    """Live, but never under the person's pointer."""

    def __init__(self, desk: Desk, relay: Relay, spawn: Spawn) -> None:
        self._desk, self._relay, self._spawn = desk, relay, spawn
        self.view = Shown(QueueView())
        self.taken = Heard[str]()
        desk.queue.watch(self._fill)
        desk.groups.watch(lambda _: self._fill(desk.queue.value))

    def hold(self, held: bool) -> None:
        """The pointer or cursor is on a row (or left): its place must not change."""
        if held != self.view.value.held:
            self._change(held=held)
            if not held:
                self.update()

    def update(self) -> None:
        """Show the present order now."""
        self._change(rows=self._rows(self._desk.queue.value), held_changes=0)

    def take(self, conversation_id: str) -> None:
        """Pick one by hand."""
        if not self.view.value.taking:
            self._change(taking=conversation_id, problem=None)
            self._spawn(self._take(conversation_id), "take from queue")

    async def _take(self, conversation_id: str) -> None:
        answer = await ask(self._relay, TakeFromQueue(conversation_id=conversation_id), Done)
        failed = isinstance(answer, Failed)
        self._change(taking="", problem=answer if failed else None)
        if not failed:
            self.taken.tell(conversation_id)

    def _fill(self, rows: tuple[ConversationRow, ...]) -> None:
        if not self.view.value.held:
            self.update()
            return
        waiting = {row.conversation_id for row in rows}
        shown = {row.conversation_id for row in self.view.value.rows}
        kept = tuple(structs.replace(row, gone=row.conversation_id not in waiting) for row in self.view.value.rows)
        self._change(rows=kept, held_changes=len(waiting ^ shown))

    def _rows(self, rows: tuple[ConversationRow, ...]) -> tuple[QueueRow, ...]:
        return tuple(
            QueueRow(
                row.conversation_id,
                place,
                row.customer.name,
                row.vip_level > 0,
                row.subject,
                self._desk.group_name(row.group_id),
                row.ticket_number,
                row.since_ms,
                row.state == "offered",
            )
            for place, row in enumerate(rows, 1)
        )

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
