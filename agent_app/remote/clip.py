"""The clipboard of one remote session, from the agent's side.

What the agent copies leaves this computer only when they turn to this session's window, and only what they copied while
its switch is on: other customers' things and what was copied before stay here.
"""

from collections.abc import Callable

from msgspec import Struct, structs

from agent_app.remote.presenter import RemotePresenter, RemoteView, Stand
from shared.common.errors import PeerBroken
from shared.common.shown import Heard, Shown
from shared.control.clipboard.item import Item
from shared.control.clipboard.line import ClipLine
from shared.protocol.types import Capability
from shared.session import channel as s
from shared.session.clip_messages import ClipIn, ClipOut


class ClipView(Struct, frozen=True, kw_only=True):
    """How both directions stand, and whether the agent has switched them off here."""

    reads: Stand = "none"
    writes: Stand = "none"
    get: bool = True
    give: bool = True
    live: bool = False


class ClipPresenter:
    """`wanted` opens the question for a capability; `watch` turns looking at this desktop's clipboard on and off."""

    def __init__(self, remote: RemotePresenter) -> None:
        self._remote = remote
        self._line = ClipLine(self._say, self._arrived)
        self._fresh: Item | None = None
        self.wanted: Callable[[Capability], None] = lambda _: None
        self.watch: Callable[[bool], None] = lambda _: None
        self.put: Callable[[Item], None] = lambda _: None
        self.told = Heard[str]()
        """`came` or `went`, for a notice."""
        self.view = Shown(ClipView())
        self._forget = [remote.view.watch(self._remote_changed), remote.reports.watch(self._heard)]

    def copied(self, item: Item) -> None:
        """The agent has copied something, anywhere on this computer."""
        self._fresh = item if self._gives else None

    def turned_to(self) -> None:
        """The agent is in this session's window: what they copied for it goes."""
        item, self._fresh = self._fresh, None
        if item is not None and self._gives:
            self._line.put(item)
            self.told.tell("went")

    def press_get(self) -> None:
        """Ask for what the customer copies; once allowed, on and off."""
        view = self.view.value
        if view.reads == "none":
            self.wanted("clipboard.read")
        elif view.reads == "granted":
            self.view.set(structs.replace(view, get=not view.get))

    def press_give(self) -> None:
        """Ask to pass on what is copied here; once allowed, on and off."""
        view = self.view.value
        if view.writes == "none":
            self.wanted("clipboard.write")
        elif view.writes == "granted":
            self.view.set(structs.replace(view, give=not view.give))
            self._fresh = None
            self.watch(self._gives)

    def close(self) -> None:
        """The window goes."""
        self.watch(False)
        for forget in self._forget:
            forget()

    @property
    def _gives(self) -> bool:
        return self.view.value.writes == "granted" and self.view.value.give

    def _remote_changed(self, remote: RemoteView) -> None:
        before = self._gives
        now = structs.replace(
            self.view.value,
            reads=remote.stands("clipboard.read"),
            writes=remote.stands("clipboard.write"),
            live=remote.ended is None,
        )
        if now != self.view.value:
            self.view.set(now)
        if self._gives != before:
            self._fresh = None
            self.watch(self._gives)

    def _heard(self, report: s.AgentReport) -> None:
        if isinstance(report, ClipIn):
            try:
                self._line.message(report.data)
            except PeerBroken:
                self._line.stop_taking()

    def _say(self, data: bytes) -> bool:
        self._remote.order(ClipOut(data=data))
        return True

    def _arrived(self, item: Item) -> None:
        if self.view.value.reads == "granted" and self.view.value.get:
            self.put(item)
            self.told.tell("came")
