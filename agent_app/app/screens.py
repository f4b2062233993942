"""The windows with customers' screens: one opens when a customer grants the view, one for each conversation."""

import functools
from collections.abc import Callable
from typing import Final

from agent_app.conversation.ask_dialog import AskDialog
from agent_app.conversation.tools import granted
from agent_app.desk.desk import Desk
from agent_app.desk.relay import Relay, Spawn, ask
from agent_app.desk.timelines import Timelines
from agent_app.platform.choices import data_dir
from agent_app.recordings.bringer import Bringer
from agent_app.recordings.record_tool import RecordMark, RecordTool
from agent_app.recordings.recorder import RecorderPresenter
from agent_app.remote.clip import ClipPresenter
from agent_app.remote.clip_tool import ClipTool
from agent_app.remote.facts import FactsPresenter
from agent_app.remote.facts_panel import FactsPanel
from agent_app.remote.files import FilesPresenter
from agent_app.remote.introduction import Introduction
from agent_app.remote.presenter import RemotePresenter
from agent_app.remote.restart import RestartTool
from agent_app.remote.session import Spare
from agent_app.remote.tray import FilesTray
from agent_app.remote.window import RemoteWindow
from shared.common.shown import Forget
from shared.protocol.messages import remote as x
from shared.protocol.messages.conversations import Done
from shared.protocol.types import Capability
from shared.rules.timeline import Timeline
from shared.strings import phrase
from shared.ui.clipboard.board import Board
from shared.ui.platform.downloads import landing_folder
from shared.ui.platform.geometry import WindowPlaces

_PLACE: Final = "remote"


class Screens:
    """Watches this agent's conversations. A grant that is older than this run belongs to a process that is gone."""

    def __init__(
        self,
        desk: Desk,
        relay: Relay,
        timelines: Timelines,
        spare: Spare,
        introduce: Callable[[], Introduction],
        bringer: Bringer,
        spawn: Spawn,
        places: WindowPlaces,
    ) -> None:
        self._introduce = introduce
        self._desk, self._relay, self._timelines = desk, relay, timelines
        self._spare, self._bringer, self._spawn, self._places = spare, bringer, spawn, places
        self._started_ms = 0
        self._watched: dict[str, Forget] = {}
        self._windows: dict[str, RemoteWindow] = {}
        self._begun: set[str] = set()
        self._board = Board()
        desk.conversations.on_change(self._follow)

    def start(self) -> None:
        """Somebody has signed in."""
        self._started_ms = self._started_ms or self._desk.now_ms()
        self._follow()

    def show(self, conversation_id: str) -> None:
        """Bring a conversation's screen to the front."""
        window = self._windows.get(conversation_id)
        if window is not None:
            window.showNormal() if window.isMinimized() else window.show()
            window.raise_()
            window.activateWindow()

    def tick(self) -> None:
        """A second has passed."""
        for window in tuple(self._windows.values()):
            window.tick()

    def close_all(self) -> None:
        """Every session ends with its window."""
        for window in tuple(self._windows.values()):
            window.close()

    def _follow(self) -> None:
        rows = self._desk.conversations.value
        for conversation_id in tuple(self._watched):
            if conversation_id not in rows and conversation_id not in self._windows:
                self._watched.pop(conversation_id)()
                self._timelines.close(conversation_id)
        for conversation_id in rows:
            if conversation_id not in self._watched:
                self._watched[conversation_id] = lambda: None
                self._watched[conversation_id] = self._timelines.watch(conversation_id, self._fold_changed)
        if any(row.state == "active" for row in rows.values()):
            self._spawn(self._prepare(), "prepare session process")

    async def _prepare(self) -> None:
        try:
            await self._spare.prepare()
        except OSError:
            return  # said when a screen is really granted

    def _fold_changed(self, timeline: Timeline) -> None:
        remote = timeline.remote
        if remote is None or remote.session_id in self._begun or not granted(timeline, self._desk.my_id, "view"):
            return
        self._begun.add(remote.session_id)
        if _granted_ms(timeline, remote.session_id) < self._started_ms:
            command = x.EndRemote(session_id=remote.session_id, reason="session_process_lost")
            self._spawn(self._end_stale(command), "end stale session")
        else:
            self._open(timeline.conversation_id)

    async def _end_stale(self, command: x.EndRemote) -> None:
        await ask(self._relay, command, Done)

    def _open(self, conversation_id: str) -> None:
        old = self._windows.pop(conversation_id, None)
        if old is not None:
            old.close()
        presenter = RemotePresenter(
            self._desk,
            self._relay,
            self._timelines,
            self._spare,
            self._introduce(),
            self._spawn,
            conversation_id,
        )
        window = RemoteWindow(presenter, self._desk.now_ms)
        window.asked.connect(self._asker(window, presenter))
        files = FilesPresenter(presenter, landing_folder(), data_dir() / "transfers", self._desk.now_ms)
        files.wanted = window.asked.emit
        clip = ClipPresenter(presenter)
        clip.wanted = window.asked.emit
        window.add_clipboard(ClipTool(clip, self._board, window))
        window.add_tray(FilesTray(files, window))
        self._add_recorder(window, presenter)
        facts = FactsPresenter(presenter, self._relay, self._spawn)
        window.add_facts(FactsPanel(facts, lambda: window.asked.emit("sysinfo"), window))
        restart = RestartTool(presenter, lambda: window.asked.emit("restart"))
        window.add_tool(restart, restart.stop)
        window.closed.connect(self._closed)
        self._windows[conversation_id] = window
        if not self._places.restore(window, _PLACE):
            window.resize(1180, 780)
        window.show()

    def _add_recorder(self, window: RemoteWindow, presenter: RemotePresenter) -> None:
        recorder = RecorderPresenter(presenter, self._desk, self._timelines, self._bringer)
        tool = RecordTool(recorder, lambda: window.asked.emit("record"))
        mark = RecordMark(window.picture, recorder)

        def shut() -> None:
            tool.shut()
            mark.shut()
            recorder.close()

        window.add_tool(tool, shut)

    def _asker(self, window: RemoteWindow, presenter: RemotePresenter) -> Callable[[Capability], None]:
        def open_dialog(capability: Capability) -> None:
            key = capability.replace(".", "_")
            subject = self._timelines.open(presenter.view.value.conversation_id).value.subject
            dialog = AskDialog(
                window,
                phrase(f"conversation.ask_title_{key}", name=presenter.view.value.name),
                phrase(f"conversation.ask_reason_{key}", subject=subject),
            )
            dialog.asked.connect(functools.partial(presenter.ask, capability))
            dialog.open()

        return open_dialog

    def _closed(self, conversation_id: str) -> None:
        window = self._windows.pop(conversation_id, None)
        if window is not None:
            self._places.keep(window, _PLACE)
            window.deleteLater()
        self._follow()


def _granted_ms(timeline: Timeline, session_id: str) -> int:
    moments = (
        entry.at_ms
        for entry in timeline.entries
        if isinstance(entry.event, x.ConsentAnswered) and entry.event.session_id == session_id and entry.event.grants
    )
    return max(moments, default=0)
