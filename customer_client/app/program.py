"""The life of the window process: first paint, then keys and link, then whatever the person does, then the end."""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from customer_client.app.config import PROGRAM, Config
from customer_client.app.pages import Pages
from customer_client.app.rooms import Rooms
from customer_client.app.window import MainWindow
from customer_client.consent.presenter import ConsentView
from customer_client.desk.desk import LIVE_STATES, Desk, LinkView
from customer_client.desk.line import Line
from customer_client.desk.relay import Failed
from customer_client.desk.words import Person
from customer_client.facts.presenter import FactsView
from customer_client.platform.folders import data_folder, documents_folder
from customer_client.platform.preferences import PreferenceFile, Preferences
from customer_client.platform.restart import SystemRestart
from customer_client.platform.system import summary
from customer_client.platform.version import program_version
from customer_client.restart.presenter import RestartView
from customer_client.sharing.introductions import Introductions
from customer_client.sharing.port import SessionPort
from customer_client.sharing.view import SharingView
from shared.common.clock import now_ms
from shared.net.keybook import KeyBook
from shared.net.outbox import Outbox
from shared.protocol.frames import CustomerCommand
from shared.protocol.messages.conversations import ChatPosted
from shared.protocol.messages.remote import Receipt, ReceiptEntry
from shared.rules.timeline import Timeline
from shared.session.channel import CustomerReport
from shared.strings import language, phrase, set_language, system_language, text
from shared.ui.platform.downloads import landing_folder
from shared.ui.platform.geometry import WindowPlaces
from shared.ui.platform.instance import SingleInstance
from shared.ui.platform.tray import Tray
from shared.ui.theme import theme

_log = logging.getLogger(__name__)
_REFRESH_AGAIN_S = 2.0


class Program:
    """One run. Every task belongs to `tasks` and is ended by `live`."""

    def __init__(
        self, config: Config, preferences: PreferenceFile, instance: SingleInstance, tasks: asyncio.TaskGroup
    ) -> None:
        self._config, self._preferences, self._tasks = config, preferences, tasks
        self._running: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._private = b""
        self._language_kept = preferences.value.language
        self._places = WindowPlaces(PROGRAM)
        decode = msgspec.json.Decoder[CustomerCommand](CustomerCommand).decode
        self._outbox = Outbox[CustomerCommand](data_folder() / "outbox.sqlite", decode)
        self._line = Line(self._outbox)
        self._desk = Desk(self._line, now_ms)
        self._rooms = Rooms(
            self._desk,
            self._line,
            preferences,
            spawn=self._spawn,
            later=self._later,
            soon=self._loop.call_soon,
            start_session=self._start_session,
            sign=self._sign,
            introductions=Introductions(_key_book(config), lambda: self._private, now_ms),
            system=self._system,
            documents=documents_folder(),
            landing=landing_folder(),
            kept=data_folder() / "transfers",
            server=config.server,
            restarter=SystemRestart(config.started_with),
            returns=data_folder() / "return.json",
        )
        self._tray = Tray(self._tray_words)
        self._pages = Pages(self._rooms, now_ms, self._tray.present)
        self.window = MainWindow(self._pages, self._desk, self._rooms.routes)
        self._sheet: QWidget | None = None
        self._facts_sheet: QWidget | None = None
        self._restart_sheet: QWidget | None = None
        self._quit = asyncio.Event()
        self._told_tray = False
        self._states: dict[str, str] = {}
        self._seen: dict[str, int] = {}
        self._join(instance)

    def show(self) -> None:
        """Open the window where it was."""
        self._places.restore(self.window, "main")
        self.window.show()
        self._pages.enter()

    async def live(self) -> None:
        """Until the person quits."""
        try:
            await self._connect()
            await self._quit.wait()
        finally:
            self._places.keep(self.window, "main")
            self._places.save()
            await self._rooms.sharing.close()
            self._close_overlay()
            self._tray.close()
            for task in tuple(self._running):
                task.cancel()
            self._outbox.close()
            self.window.hide()
            self.window.deleteLater()

    # Joining

    def _join(self, instance: SingleInstance) -> None:
        self._overlay: Callable[[], None] = _nothing
        self.window.closing.connect(self._close_asked)
        instance.called.connect(self.window.come)
        self._tray.opened.connect(self.window.come)
        self._tray.set_menu(self._tray_menu())
        self._preferences.shown.watch(self._apply)
        self._desk.link.watch(self._link_changed)
        self._rooms.consent.view.watch(self._ask_consent)
        self._rooms.sharing.view.watch(self._show_sharing)
        self._rooms.facts.view.watch(self._show_facts)
        self._rooms.restart.view.watch(self._show_restart)
        self._rooms.timelines.changed.watch(self._announce)
        theme().language_changed.connect(self._rooms.chat.refresh)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._tasks.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _later(self, delay_s: float, call: Callable[[], None]) -> Callable[[], None]:
        return self._loop.call_later(delay_s, call).cancel

    async def _connect(self) -> None:
        """Everything that the first paint does not need is imported here."""
        await asyncio.sleep(0)
        from shared.common import plainlogs

        plainlogs.set_up(self._config.log_level)
        from customer_client.app.keys import open_device_key

        key = await asyncio.to_thread(open_device_key, PROGRAM)
        self._private = key.private
        self._rooms.settings.key_kept(key.kept)
        if not key.kept:
            self.window.say_key_for_run()
        from customer_client.app.connection import Connection

        chosen = self._preferences.value
        who = (chosen.name, chosen.email)
        on_event = self._rooms.timelines.on_event
        connection = Connection(self._config, key.private, who, self._outbox, self._desk, on_event)
        self._line.attach(connection.link, connection.blobs)
        self._spawn(connection.run(), "link")

    def _link_changed(self, link: LinkView) -> None:
        if link.phase == "ready":
            self._spawn(self._refresh(), "refresh")

    async def _refresh(self) -> None:
        while isinstance(failed := await self._desk.refresh(), Failed):
            if self._desk.link.value.phase != "ready":
                return
            _log.info("the first page could not be fetched: %s", failed.code)
            await asyncio.sleep(_REFRESH_AGAIN_S)

    async def _start_session(
        self, on_report: Callable[[CustomerReport], None], on_ended: Callable[[], None]
    ) -> SessionPort:
        from shared.session.spawn import start_customer_session

        return await start_customer_session(
            self._tasks, on_report=on_report, on_ended=lambda _: on_ended(), ca_file=self._config.ca_file
        )

    def _sign(
        self, *, session_id: str, conversation_id: str, ticket_number: str, entries: tuple[ReceiptEntry, ...]
    ) -> Receipt:
        from shared.rules.receipt import sign

        return sign(
            self._private,
            session_id=session_id,
            conversation_id=conversation_id,
            ticket_number=ticket_number,
            entries=entries,
        )

    def _system(self) -> dict[str, str]:
        screens = [(screen.size() * screen.devicePixelRatio()) for screen in QGuiApplication.screens()]
        sizes = [f"{size.width()} x {size.height()}" for size in screens]
        return summary(sizes, language(), program_version())

    # The look

    def _apply(self, chosen: Preferences) -> None:
        if chosen.language != self._language_kept:
            self._language_kept = chosen.language
            set_language(chosen.language or system_language(os.environ))
        theme().set_mode(chosen.colours)
        theme().set_scale_percent(chosen.text_percent)

    # Consent and sharing

    def _ask_consent(self, view: ConsentView) -> None:
        if view.asked is not None and self._sheet is None:
            from customer_client.consent.sheet import ConsentSheet

            self._sheet = ConsentSheet(self._rooms.consent)
        if view.asked is not None and view.left_s == view.total_s:
            self._tray.notify(
                self.window, phrase("client.ask_title"), phrase("consent.title", who=view.asked.agent.name)
            )

    def _join_clipboard(self) -> None:
        from shared.ui.clipboard.board import Board

        board = Board(self.window)
        self._rooms.clip.put = board.put
        self._rooms.clip.watch = lambda on: board.watch(self, on)
        board.copied.connect(self._rooms.clip.copied)

    def _show_sharing(self, view: SharingView) -> None:
        if view.live and self._overlay is _nothing:
            self._join_clipboard()
            from customer_client.sharing.overlay import Overlay

            self._overlay = Overlay(self._rooms.sharing, self._rooms.files, self._own_windows).close
        self._tray.set_tooltip(self._tray_words)

    def _show_facts(self, view: FactsView) -> None:
        if view.agent is not None and self._facts_sheet is None:
            from customer_client.facts.sheet import FactsSheet

            self._facts_sheet = FactsSheet(self._rooms.facts)

    def _show_restart(self, view: RestartView) -> None:
        if (view.agent is not None or view.failed) and self._restart_sheet is None:
            from customer_client.restart.sheet import RestartSheet

            self._restart_sheet = RestartSheet(self._rooms.restart)

    def _own_windows(self) -> list[QWidget]:
        return [self.window, *self._sheets()]

    def _sheets(self) -> list[QWidget]:
        return [each for each in (self._sheet, self._facts_sheet, self._restart_sheet) if each is not None]

    def _close_overlay(self) -> None:
        self._overlay()
        for sheet in self._sheets():
            sheet.hide()
            sheet.deleteLater()

    # Tray and notifications

    def _tray_words(self) -> str:
        if self._rooms.sharing.view.value.live:
            return text("client.tray_sharing")
        waiting = any(each.conversation_state in ("queued", "offered") for each in self._desk.requests.value)
        return text("client.tray_waiting" if waiting else "client.tray_idle")

    def _tray_menu(self) -> QMenu:
        menu = QMenu(self.window)
        for key, act in (
            ("client.tray_open", self.window.come),
            ("client.tray_stop", self._rooms.sharing.stop),
            ("client.tray_quit", self._quit.set),
        ):
            menu.addAction(_action(menu, key, act))
        return menu

    def _announce(self, timeline: Timeline) -> None:
        before = self._states.get(timeline.conversation_id)
        self._states[timeline.conversation_id] = timeline.state
        seen = self._seen.get(timeline.conversation_id, timeline.public_seq)
        self._seen[timeline.conversation_id] = timeline.public_seq
        if self.window.isActiveWindow():
            return
        owner = timeline.owner
        if timeline.state == "active" and before in ("new", "queued", "offered") and owner and self._tells():
            title, who = phrase("client.turn_title"), Person(owner)()
            self._tray.notify(self.window, title, phrase("client.turn_words", who=who))
            return
        fresh = [each.event for each in timeline.entries if each.seq > seen and isinstance(each.event, ChatPosted)]
        author = next((event.author for event in fresh if event.author.kind == "agent"), None)
        if author is not None:
            words = phrase("client.message_words", who=Person(author)())
            self._tray.notify(self.window, phrase("client.message_title"), words)

    def _tells(self) -> bool:
        return self._preferences.value.tell_turn

    def _close_asked(self) -> None:
        """Closing goes to the tray while somebody is waited for or talked to; without a tray it is the end."""
        busy = any(each.conversation_state in LIVE_STATES for each in self._desk.requests.value)
        if not (self._tray.present and busy):
            self._quit.set()
            return
        self.window.hide()
        if not self._told_tray:
            self._told_tray = True
            self._tray.notify(self.window, phrase("client.tray_idle"), phrase("client.in_tray"))


def _action(menu: QMenu, key: str, act: Callable[[], None]) -> QAction:
    action = QAction(text(key), menu)
    action.triggered.connect(lambda: act())
    theme().language_changed.connect(lambda: action.setText(text(key)))
    return action


def _key_book(config: Config) -> KeyBook:
    """One book a relay: what one relay's people are called says nothing about another's."""
    tag = hashlib.sha256(config.server.encode()).hexdigest()[:16]
    return KeyBook(data_folder() / f"keys-{tag}.json", config.organisation_key)


def _nothing() -> None:
    pass
