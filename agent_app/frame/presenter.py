"""What the frame shows: which page, this agent's state, the connection, the queue in one line."""

from typing import Final, Literal

from msgspec import Struct, structs

from agent_app.desk.desk import Desk, LinkView
from agent_app.desk.relay import Failed, Relay, Spawn, ask
from shared.common.shown import Shown
from shared.protocol.messages.conversations import Done
from shared.protocol.messages.organisation import AgentStateView
from shared.protocol.messages.routing import SetState
from shared.protocol.types import AgentState

Page = Literal["inbox", "queue", "tickets", "knowledge"]
PAGES: Final[tuple[Page, ...]] = ("inbox", "queue", "tickets", "knowledge")
BreakReason = Literal["lunch", "training", "meeting", "other"]
BREAK_REASONS: Final[tuple[BreakReason, ...]] = ("lunch", "training", "meeting", "other")


class FrameView(Struct, frozen=True, kw_only=True):
    """`oldest_ms` is when the longest waiting customer asked; 0 with an empty queue."""

    page: Page = "inbox"
    name: str = ""
    group: str = ""
    organisation: str = ""
    sample: bool = False
    state: AgentStateView
    link: LinkView
    inbox_waiting: int = 0
    queue: int = 0
    oldest_ms: int = 0
    pending: int = 0
    changing: bool = False
    problem: Failed | None = None


class FramePresenter:
    """Follows the desk."""

    def __init__(self, desk: Desk, relay: Relay, spawn: Spawn) -> None:
        self._desk, self._relay, self._spawn = desk, relay, spawn
        self.view = Shown(FrameView(state=desk.state.value, link=desk.link.value))
        desk.me.watch(lambda _: self._show())
        desk.organisation.watch(lambda _: self._show())
        desk.groups.watch(lambda _: self._show())
        desk.state.watch(lambda _: self._show())
        desk.link.watch(lambda _: self._show())
        desk.queue.watch(lambda _: self._show())

    def go(self, page: Page) -> None:
        """Another page."""
        self._change(page=page)

    def count_waiting(self, waiting: int) -> None:
        """How many conversations wait for this agent."""
        self._change(inbox_waiting=waiting)

    def set_state(self, state: AgentState, reason: str = "", *, now: bool = False) -> None:
        """Change this agent's state; with work in hand it begins when that ends unless `now`."""
        self._change(changing=True, problem=None)
        self._spawn(self._set_state(SetState(state=state, reason=reason, now=now)), "set state")

    def try_now(self) -> None:
        """Do not wait for the next try to connect."""
        self._relay.try_now()

    def dismiss_problem(self) -> None:
        """The person has read it."""
        self._change(problem=None)

    def say(self, problem: Failed) -> None:
        """Something that belongs to no page failed."""
        self._change(problem=problem)

    async def _set_state(self, command: SetState) -> None:
        answer = await ask(self._relay, command, Done)
        self._change(changing=False, problem=answer if isinstance(answer, Failed) else None)

    def _show(self) -> None:
        desk = self._desk
        me, organisation, queue = desk.me.value, desk.organisation.value, desk.queue.value
        self._change(
            name=me.person.name if me else "",
            group=next((desk.group_name(group_id) for group_id in me.group_ids), "") if me else "",
            organisation=organisation.name if organisation else "",
            sample=organisation.sample if organisation else False,
            state=desk.state.value,
            link=desk.link.value,
            queue=len(queue),
            oldest_ms=min((row.since_ms for row in queue), default=0),
        )

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
