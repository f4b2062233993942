"""The life of the window process: sign-in, desk, windows, end."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from msgspec import structs
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication

from agent_app.app.account import Account, load_network
from agent_app.app.config import Config
from agent_app.app.doorstep import Doorstep
from agent_app.app.identity import Identity
from agent_app.app.rooms import AccountRoom, Pages, Rooms
from agent_app.app.screens import Screens
from agent_app.desk.desk import Desk
from agent_app.desk.line import Line
from agent_app.desk.relay import Failed
from agent_app.desk.timelines import Timelines
from agent_app.frame.presenter import FrameView
from agent_app.frame.window import DeskFrame, MainWindow
from agent_app.offer.card import OfferPanel
from agent_app.offer.presenter import OfferCard
from agent_app.platform.choices import PROGRAM, Choices, config_dir, data_dir, keep_choices
from agent_app.platform.keeper import TokenKeeper
from agent_app.recordings.bringer import Bringer
from agent_app.recordings.copy import Process
from agent_app.recordings.library import Library
from agent_app.remote.introduction import Introduction
from agent_app.remote.session import OnEnded, OnReport, Session, Spare
from agent_app.signin.page import SignInPage
from agent_app.signin.presenter import SignInPresenter
from shared.common.clock import now_ms
from shared.net.keybook import KeyBook
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import AgentProfile
from shared.session.channel import PlayerReport
from shared.strings import language, phrase, set_language
from shared.strings.language import LanguageCode
from shared.ui.platform.geometry import WindowPlaces
from shared.ui.platform.instance import SingleInstance
from shared.ui.platform.tray import Tray
from shared.ui.theme import theme
from shared.ui.theme.theme import ColourMode

_LAST_WORDS_S: Final = 2


class Program:
    """One run. Every task belongs to `tasks` and is ended by `live`."""

    def __init__(self, config: Config, choices: Choices, instance: SingleInstance, tasks: asyncio.TaskGroup) -> None:
        self._config, self._choices, self._tasks = config, choices, tasks
        self._running: set[asyncio.Task[None]] = set()
        self._places = WindowPlaces(PROGRAM)
        line = Line(self._spawn, version=config.version, locale=language)
        self._desk = Desk(line, now_ms)
        self._timelines = Timelines(line, asyncio.get_running_loop().call_soon)
        self._doorstep = Doorstep(self._spawn, _browse, ca_file=config.ca_file, version=config.version)
        self._account = Account(
            self._desk,
            line,
            self._timelines,
            self._spawn,
            ca_file=config.ca_file,
            data_dir=data_dir(),
            doorstep=self._doorstep,
        )
        self._identity = Identity(self._desk, line)
        library = Library(line, self._account, self._start_player, self._spawn)
        self._rooms = Rooms(self._desk, line, self._timelines, self._account, library, self._spawn)
        self._spare = Spare(self._start_session)
        self._bringer = Bringer(self._account, lambda: self._account.recordings_dir)
        self._screens = Screens(
            self._desk,
            line,
            self._timelines,
            self._spare,
            self._introduction,
            self._bringer,
            self._spawn,
            self._places,
        )
        self._signin = SignInPresenter(self._account, self._desk.now_ms, server=config.server, username=config.username)
        self.window = MainWindow()
        self._signin_page = SignInPage(self._signin, self._desk.now_ms, _file_name(config.ca_file))
        self._frame: DeskFrame | None = None
        self._pages = Pages(self._rooms, self._screens, self._places)
        self._account_room = AccountRoom(self._rooms.account, self._desk.now_ms)
        self._tray: Tray | None = None
        self._closed = asyncio.Event()
        self._inside = False
        self._join(instance)

    async def live(self) -> None:
        """Until the window is closed."""
        try:
            await asyncio.to_thread(load_network)
            keeper = await self._open_keyring()
            if keeper is not None:
                await self._restore(keeper)
            await self._closed.wait()
        finally:
            self._screens.close_all()
            await self._say_the_ends()
            await self._account.close()
            await self._spare.close()
            for task in tuple(self._running):
                task.cancel()
            self._places.save()

    async def _say_the_ends(self) -> None:
        """Remote sessions that were open are ended on record too, as long as that takes no longer than a moment."""
        ending = [task for task in self._running if task.get_name() == "end remote"]
        if ending:
            await asyncio.wait(ending, timeout=_LAST_WORDS_S)

    def show(self) -> None:
        """Open the window at sign-in."""
        self._places.restore(self.window, "main")
        self.window.show_page(self._signin_page)
        self.window.title_page(None)
        self.window.show()
        self._signin_page.focus_first()

    def _join(self, instance: SingleInstance) -> None:
        self.window.ticked.connect(self._tick)
        self.window.closing.connect(self._close)
        instance.called.connect(self._come_forward)
        self._account.states.watch(self._signin.on_link)
        self._doorstep.greeted.watch(lambda greeting: self._signin.on_greeted(*greeting))
        self._doorstep.offered.watch(self._signin.on_offer)
        self._doorstep.failed.watch(self._signin.on_failed)
        self._account.recovery_codes.watch(self._signin.on_codes)
        self._signin.codes_kept.watch(lambda _: self._show_frame())
        self._account.signed_in.watch(self._enter)
        self._account.ready.watch(lambda _: self._spawn(self._refresh(), "refresh desk"))
        self._account.ready.watch(lambda _: self._spawn(self._identity.identify(*self._account.identity), "identify"))
        self._account.ended.watch(self._left)
        self._rooms.offer.arrived.watch(self._announce)
        self._rooms.wrapup.closed.watch(lambda _: self._say_closed())
        self._account.ready.watch(lambda _: self._bringer.wake())
        self._spawn(self._account.keep_fresh(), "keep tokens fresh")
        self._spawn(self._bringer.run(), "bring recordings")
        for keys, do in (
            ("Ctrl+Shift+A", self._rooms.offer.accept),
            ("Ctrl+Shift+D", self._open_reasons),
        ):
            shortcut = QShortcut(QKeySequence(keys), self.window)
            shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
            shortcut.activated.connect(do)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._tasks.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _start_session(self, on_report: OnReport, on_ended: OnEnded) -> Session:
        from shared.session.spawn import start_agent_session

        return await start_agent_session(
            self._tasks,
            on_report=on_report,
            on_ended=lambda ended: on_ended(ended.expected),
            ca_file=self._config.ca_file,
        )

    def _introduction(self) -> Introduction:
        """Who a customer is, kept for each relay and user."""
        tag = hashlib.sha256("\0".join(self._account.identity).encode()).hexdigest()[:16]
        book = KeyBook(data_dir() / f"keys-{tag}.json")
        return Introduction(book, lambda: self._desk.device.value, now_ms)

    async def _start_player(
        self, on_report: Callable[[PlayerReport], None], on_ended: Callable[[bool], None]
    ) -> Process:
        from shared.session.spawn import start_player_session

        return await start_player_session(
            self._tasks, on_report=on_report, on_ended=lambda ended: on_ended(ended.expected)
        )

    # Signing in and out

    async def _open_keyring(self) -> TokenKeeper | None:
        from shared.net.secrets import open_secrets

        store = await asyncio.to_thread(open_secrets, PROGRAM)
        self._signin.on_keyring(store.persistent)
        self._identity.use_store(store if store.persistent else None)
        if not store.persistent:
            return None
        keeper = TokenKeeper(store)
        self._account.use_keeper(keeper)
        self._spawn(keeper.run(), "token keeper")
        return keeper

    async def _restore(self, keeper: TokenKeeper) -> None:
        server, username = self._config.server, self._config.username
        if not server or not username or self._signin.view.value.busy:
            return
        token = await keeper.load(server, username)
        if token and not self._signin.view.value.busy and self._desk.me.value is None:
            self._signin.restore()
            self._account.restore(server, username, token)

    def _enter(self, me: AgentProfile) -> None:
        if self._inside:
            return
        self._inside = True
        self._signin.signed_in()
        self._rooms.conversation.outgoing.load()
        server, username = self._account.identity
        self._choose(server=server, username=username)
        if not self._signin.view.value.codes:
            self._show_frame()

    def _show_frame(self) -> None:
        if not self._inside:
            return
        if self._frame is None:
            self._frame = self._make_frame()
        self.window.show_page(self._frame)
        self._follow_page(self._rooms.frame.view.value)

    def _make_frame(self) -> DeskFrame:
        frame = DeskFrame(self._rooms.frame, self._pages.makers(), self._desk.now_ms, self._config.version)
        frame.top.sign_out_asked.connect(self._account.sign_out)
        frame.top.account_asked.connect(lambda: self._account_room.open(self.window))
        frame.top.language_asked.connect(self._set_language)
        frame.top.look_asked.connect(self._set_look)
        self._offer_panel = OfferPanel(frame, self._rooms.offer, self._desk.now_ms)
        self._rooms.frame.view.watch(self._follow_page)
        self._tray = Tray(phrase("common.product"), self.window)
        self._tray.opened.connect(self._come_forward)
        return frame

    async def _refresh(self) -> None:
        failed = await self._desk.refresh()
        if failed is not None:
            self._rooms.frame.say(failed)
        else:
            self._screens.start()

    def _left(self, why: Refused | None) -> None:
        self._inside = False
        self._screens.close_all()
        self._account_room.close()
        self._rooms.leave()
        self._signin.reopen(Failed(why.code, dict(why.params)) if why else phrase("signin.signed_out"))
        self.window.show_page(self._signin_page)
        self.window.title_page(None)
        self._signin_page.focus_first()

    # What the windows ask for

    def _set_language(self, code: str) -> None:
        chosen: LanguageCode = "zh_CN" if code == "zh_CN" else "en"
        set_language(chosen)
        self._choose(language=chosen)

    def _set_look(self, mode: str) -> None:
        chosen: ColourMode = "light" if mode == "light" else "dark" if mode == "dark" else "system"
        theme().set_mode(chosen)
        self._choose(look=chosen)

    def _choose(self, **fields: str) -> None:
        self._choices = structs.replace(self._choices, **fields)
        keep_choices(config_dir() / "choices.json", self._choices)

    def _open_reasons(self) -> None:
        if self._frame is not None:
            self._offer_panel.open_reasons()

    def _announce(self, card: OfferCard) -> None:
        QApplication.beep()
        if self._tray is not None and not self.window.isActiveWindow():
            title = phrase("offer.alert_title", name=card.name)
            words = phrase("offer.alert_text", subject=card.subject, window=card.window_s)
            self._tray.notify(self.window, title, words)

    def _say_closed(self) -> None:
        self.window.toast.say(phrase("wrapup.done"), icon="check-circle", tone="ok")

    def _follow_page(self, view: FrameView) -> None:
        if self._inside and not self._signin.view.value.codes:
            self.window.title_page(view.page)

    def _come_forward(self) -> None:
        self.window.showNormal() if self.window.isMinimized() else self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _tick(self) -> None:
        self._account.tick()
        self._rooms.tick()
        self._screens.tick()
        if self._inside and self._frame is not None:
            self._frame.tick()
            self._pages.tick()
        else:
            self._signin_page.tick()

    def _close(self) -> None:
        self._places.keep(self.window, "main")
        if self._tray is not None:
            self._tray.close()
        self._closed.set()


def _browse(url: str) -> None:
    QDesktopServices.openUrl(QUrl(url))


def _file_name(path: Path | None) -> str:
    return path.name if path else ""
