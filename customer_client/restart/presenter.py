"""An engineer wants this computer to restart: the person says when, or that it does not. No Qt."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from msgspec import Struct, structs

from customer_client.desk.desk import Desk
from customer_client.desk.relay import Later, Spawn
from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.returning import LIMIT_MS, ReturnFile
from customer_client.sharing.view import SharingView
from shared.common.shown import Heard, Shown
from shared.protocol.types import PersonRef
from shared.rules.timeline import Timeline
from shared.session import channel as ch

_log = logging.getLogger(__name__)
ANSWER_MS: Final = 60_000
"""No answer means no."""
_TICK_S: Final = 0.5


class Restarter(Protocol):
    """The system (platform.restart)."""

    @property
    def possible(self) -> bool: ...
    def come_back(self) -> None: ...
    def stay_away(self) -> None: ...
    def restart(self) -> Awaitable[bool]: ...


class RestartView(Struct, frozen=True):
    """Without `agent` there is no question. `failed`: the system would not restart."""

    agent: PersonRef | None = None
    left_s: int = 0
    total_s: int = ANSWER_MS // 1000
    failed: bool = False


class RestartPresenter:
    """`server` is the relay; a note of another one's session is not used here."""

    def __init__(
        self,
        sharing: SharingPresenter,
        desk: Desk,
        restarter: Restarter,
        file: ReturnFile,
        server: str,
        spawn: Spawn,
        later: Later,
    ) -> None:
        self._sharing, self._desk, self._restarter, self._file = sharing, desk, restarter, file
        self._server, self._spawn, self._later = server, spawn, later
        self._until_ms = 0
        self._stop_clock: Callable[[], None] = _nothing
        self._note = None if (note := file.take()) is None or not note.holds(server, desk.now_ms()) else note
        self._stay_away()
        self.view = Shown(RestartView())
        self.returned = Heard[str]()
        """A session goes on after a restart; told with its conversation."""
        sharing.reports.watch(self._heard)
        sharing.view.watch(self._shared)
        sharing.left.watch(self._left)

    def restart_now(self) -> None:
        """Yes: sharing stops, the session is written down, and the computer restarts."""
        if self.view.value.agent is None:
            return
        note = self._sharing.note(self._server, self._desk.now_ms() + LIMIT_MS)
        self._over()
        if note is None:
            return
        try:
            self._file.keep(note)
            self._restarter.come_back()
        except OSError as error:
            _log.error("coming back could not be prepared: %s", type(error).__name__)
            self._give_up()
            return
        self._sharing.leave(note)

    def not_now(self) -> None:
        """No; the permission to ask goes with it."""
        agent = self.view.value.agent
        self._over()
        if agent is not None:
            self._sharing.take_back(agent.id, "restart")

    def read(self) -> None:
        """The person has seen that it did not restart."""
        self.view.set(RestartView())

    def follow(self, timeline: Timeline) -> None:
        """After a restart: goes on with the session as soon as the relay says that it is still there."""
        note = self._note
        if note is None or timeline.conversation_id != note.conversation_id:
            return
        self._note, remote = None, timeline.remote
        same = remote is not None and remote.session_id == note.session_id and remote.ended is None
        if same and timeline.state in ("active", "held") and note.holds(self._server, self._desk.now_ms()):
            self._sharing.come_back(note)
            self.returned.tell(note.conversation_id)

    def _heard(self, report: ch.CustomerReport) -> None:
        if not isinstance(report, ch.RestartWished) or self.view.value.agent is not None:
            return
        person = self._sharing.engineer(report.agent_id)
        if person is not None and "restart" in self._sharing.held(report.agent_id):
            self._until_ms = self._desk.now_ms() + ANSWER_MS
            self.view.set(RestartView(person, ANSWER_MS // 1000))
            self._stop_clock = self._later(_TICK_S, self._tick)

    def _tick(self) -> None:
        view, left_ms = self.view.value, self._until_ms - self._desk.now_ms()
        if view.agent is None:
            return
        if left_ms <= 0 or "restart" not in self._sharing.held(view.agent.id):
            self._over()
            return
        self.view.set(structs.replace(view, left_s=-(-left_ms // 1000)))
        self._stop_clock = self._later(_TICK_S, self._tick)

    def _shared(self, view: SharingView) -> None:
        if not view.live and self.view.value.agent is not None:
            self._over()

    def _left(self, session_id: str) -> None:
        _log.info("sharing of %s rests, this computer restarts", session_id)
        self._spawn(self._restart(), "restart this computer")

    async def _restart(self) -> None:
        if not await self._restarter.restart():
            _log.error("the system would not restart")
            self._give_up()
            self._sharing.stay()

    def _give_up(self) -> None:
        self._file.drop()
        self._stay_away()
        self.view.set(RestartView(failed=True))

    def _stay_away(self) -> None:
        try:
            self._restarter.stay_away()
        except OSError as error:
            _log.error("the start after a restart could not be taken back: %s", type(error).__name__)

    def _over(self) -> None:
        self._stop_clock()
        self.view.set(RestartView())


def _nothing() -> None:
    pass
