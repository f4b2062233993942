"""The window with the customer's screen: facts at the top, picture first, tools that hide in full screen."""

from collections.abc import Callable
from typing import Final, get_args

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.parts.tile_button import TileButton
from agent_app.remote.clip_tool import ClipTool
from agent_app.remote.code_strip import CodeStrip, show_chip
from agent_app.remote.drawing import DrawingPresenter
from agent_app.remote.facts_panel import FactsPanel
from agent_app.remote.figures import FiguresPanel
from agent_app.remote.parts import PartTabs
from agent_app.remote.pencil import DrawTools, Pencil
from agent_app.remote.picture_view import PictureView
from agent_app.remote.presenter import RemotePresenter, RemoteView
from agent_app.remote.talk_tools import TalkTools
from agent_app.remote.tray import FilesTray
from shared.control.input import Quality
from shared.strings import phrase, text, timer
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, Chip, IconMark, Label, Rule, Strip
from shared.ui.words import name_widget, show_words

_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "key_ctrl_alt_delete": ("ctrl", "alt", "delete"),
    "key_alt_tab": ("alt", "tab"),
    "key_alt_f4": ("alt", "f4"),
    "key_super": ("super",),
    "key_escape": ("escape",),
    "key_print": ("print",),
}
_EDGE: Final = 12
_LEAST_PANEL_PX: Final = 160
_BARS_MS: Final = 3000
_TOP_EDGE_PX: Final = 8


class RemoteWindow(QWidget):
    """`asked(capability)` opens the question for a reason; `closed(conversation_id)` once, when the window goes."""

    asked = Signal(str)
    closed = Signal(str)

    def __init__(self, presenter: RemotePresenter, now: Callable[[], int]) -> None:
        super().__init__()
        self._presenter, self._now = presenter, now
        self._view = presenter.view.value
        self._let_go = False
        self._tray: FilesTray | None = None
        self._facts_panel: FactsPanel | None = None
        self._clip: ClipTool | None = None
        self._hide_bars = QTimer(self)
        self._hide_bars.setSingleShot(True)
        self._hide_bars.setInterval(_BARS_MS)
        self.setObjectName("remote")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        self.setMinimumSize(640, 420)
        show_words(self, self.setWindowTitle, lambda: text("remote.title", name=self._view.name))
        self.picture = PictureView(lambda: text("remote.picture", name=self._view.name))
        self._drawing = DrawingPresenter(presenter)
        self._pencil = Pencil(self.picture, self._drawing)
        self._talk = TalkTools(presenter.voice, lambda: self.asked.emit("audio"))
        self._draw_tools = DrawTools(self._drawing, lambda: self.asked.emit("point"))
        self._facts = self._make_facts()
        self._tools = self._make_tools()
        self._said = Strip("quiet", object_name="remote.said")
        self._state = Strip("warn", object_name="remote.state")
        self._problem = Strip("danger", object_name="remote.problem")
        self._compare = CodeStrip()
        self._figures = FiguresPanel(self)
        self._figures.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self._facts, self._tools, self._compare, self._state, self._problem, self._said):
            column.addWidget(widget)
        column.addWidget(self.picture, 1)
        self._connect()
        self._forget = [
            presenter.view.watch(self._show),
            presenter.frames.watch(self.picture.show_frame),
            presenter.cursor.watch(self.picture.show_cursor),
        ]

    def add_tool(self, tool: QWidget, shut: Callable[[], None]) -> None:
        """One more tool, before the figures; `shut` is called when the window goes."""
        self._tool_row.insertWidget(self._tool_row.indexOf(self._show_figures), tool)
        self._forget.append(shut)

    def tick(self) -> None:
        """A second has passed: countdowns and figures."""
        self._show(self._presenter.view.value)

    @property
    def conversation_id(self) -> str:
        """Whose screen it shows."""
        return self._view.conversation_id

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_panels()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window ends the session: nothing is watched that nobody sees."""
        self.picture.let_go()
        for forget in self._forget:
            forget()
        for one in (self._pencil, self._draw_tools, self._drawing, self._talk):
            one.shut()
        for one in (self._tray, self._clip, self._facts_panel):
            if one is not None:
                one.stop()
        self._presenter.end()
        self._presenter.close()
        self.picture.close_frames()
        super().closeEvent(event)
        self.closed.emit(self._view.conversation_id)

    def add_tray(self, tray: FilesTray) -> None:
        """The files' tool and list; files can be dropped on the picture."""
        self._tray = tray
        self._tool_row.insertWidget(self._tool_row.indexOf(self._special), tray.tool)
        tray.accept_drops(self.picture)
        tray.resized.connect(self._place_panels)
        self._place_panels()

    def add_facts(self, panel: FactsPanel) -> None:
        """What the customer's computer says about itself."""
        self._facts_panel = panel
        self._tool_row.insertWidget(self._tool_row.indexOf(self._show_figures), panel.tool)
        panel.resized.connect(self._place_panels)
        self._place_panels()

    def add_clipboard(self, clip: ClipTool) -> None:
        """The clipboard's tool."""
        self._clip = clip
        self._tool_row.insertWidget(self._tool_row.indexOf(self._special), clip.button)

    # Building

    def _make_facts(self) -> QWidget:
        bar = _bar()
        self._parts = PartTabs()
        self._secure = Chip(phrase("remote.not_connected"), "neutral", icon="lock")
        self._trust = Chip(phrase("trust.introducing"), "neutral", icon="shield")
        self._trust.setObjectName("remote.trust")
        self._left = Label("", "small", tone="muted")
        self._end = Button(phrase("remote.end"), "danger-outline", "tiny", icon="x-circle", object_name="remote.end")
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACE_S, 0, SPACE_S, 0)
        row.setSpacing(SPACE_M)
        row.addWidget(self._parts)
        row.addStretch(1)
        row.addWidget(self._trust)
        row.addWidget(self._secure)
        row.addWidget(IconMark("clock", 14, "muted"))
        row.addWidget(self._left)
        row.addWidget(self._end)
        bar.setFixedHeight(theme().px(36))
        return bar

    def _make_tools(self) -> QWidget:
        bar = _bar()
        name_widget(bar, phrase("remote.toolbar"), "remote.toolbar")
        self._fit = TileButton("fit", phrase("remote.fit"), checkable=True, object_name="remote.fit")
        self._actual = TileButton("screenshot", phrase("remote.actual"), checkable=True, object_name="remote.actual")
        self._full = TileButton("window", phrase("remote.full"), checkable=True, object_name="remote.full")
        self._control = TileButton("mouse", phrase("remote.control_ask"), width_px=144, object_name="remote.control")
        self._special = TileButton("keyboard", phrase("remote.keys"), object_name="remote.keys")
        self._quality = TileButton("gauge", phrase("remote.quality"), object_name="remote.quality")
        self._quality.explain(phrase("remote.quality_tip"))
        self._show_figures = TileButton("chart", phrase("remote.figures"), checkable=True, object_name="remote.figures")
        self._fit.setChecked(True)
        self._special.explain(phrase("remote.keys_tip"))
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACE_L, 4, SPACE_L, 4)
        row.setSpacing(4)
        row.addStretch(1)
        self._tool_row = row
        drawing = (self._draw_tools.pointer, self._draw_tools.draw)
        for widget in (self._fit, self._actual, self._full, _line(), self._control, *drawing, self._special, _line()):
            row.addWidget(widget)
        for widget in (self._talk.talk, self._talk.levels, self._talk.devices, _line()):
            row.addWidget(widget)
        for widget in (self._quality, self._show_figures):
            row.addWidget(widget)
        row.addStretch(1)
        return bar

    def _connect(self) -> None:
        self._fit.clicked.connect(lambda: self._set_mode(fit=True))
        self._actual.clicked.connect(lambda: self._set_mode(fit=False))
        self._full.clicked.connect(self._toggle_full)
        self._control.clicked.connect(self._press_control)
        self._special.clicked.connect(self._open_keys)
        self._quality.clicked.connect(self._open_qualities)
        self._show_figures.toggled.connect(self._toggle_figures)
        self._end.clicked.connect(self._end_or_close)
        self._problem.dismissed.connect(self._problem.hide)
        self._compare.same.connect(self._presenter.confirm_code)
        self._compare.differs.connect(self._presenter.deny_code)
        self._parts.chosen.connect(self.picture.show_part)
        self.picture.sent.connect(self._presenter.send)
        self.picture.released.connect(self._give_back)
        self.picture.pointed.connect(self._near_top)
        self._hide_bars.timeout.connect(self._drop_bars)
        QShortcut(QKeySequence("Ctrl+Alt+Home"), self).activated.connect(self._give_back)

    # Acting

    def _show_bars(self) -> None:
        self._hide_bars.stop()
        for bar in (self._facts, self._tools):
            bar.show()
        if self.isFullScreen():
            self._hide_bars.start()

    def _drop_bars(self) -> None:
        """In full screen the picture has everything; the bars come back at the upper edge or with Ctrl+Alt+Home."""
        if self.isFullScreen() and not any(bar.underMouse() for bar in (self._facts, self._tools)):
            for bar in (self._facts, self._tools):
                bar.hide()
        elif self.isFullScreen():
            self._hide_bars.start()

    def _near_top(self, y: int) -> None:
        if self._tools.isHidden() and y <= _TOP_EDGE_PX:
            self._show_bars()

    def _set_mode(self, *, fit: bool) -> None:
        self._fit.setChecked(fit)
        self._actual.setChecked(not fit)
        self.picture.set_mode("fit" if fit else "actual")

    def _toggle_full(self) -> None:
        full = not self.isFullScreen()
        self.showFullScreen() if full else self.showNormal()
        self._hide_bars.start() if full else self._show_bars()
        self._full.setChecked(full)
        self._full.set_words(phrase("remote.full_leave" if full else "remote.full"))

    def _press_control(self) -> None:
        stand = self._view.stands("control")
        if stand == "none":
            self.asked.emit("control")
        elif stand == "granted":
            if self._let_go:
                self.picture.setFocus()
            self._let_go = not self._let_go
            self._show(self._view)

    def _give_back(self) -> None:
        self._let_go = True
        self._show_bars()
        self.picture.let_go()
        self._control.setFocus()
        self._show(self._view)

    def _open_keys(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for key, names in _KEYS.items():
            menu.addAction(text(f"remote.{key}")).triggered.connect(self._sender(names))
        menu.popup(self._special.mapToGlobal(QPoint(0, self._special.height() + 4)))

    def _sender(self, names: tuple[str, ...]) -> Callable[[], None]:
        return lambda: self.picture.chord(*names)

    def _open_qualities(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for quality in get_args(Quality):
            action = menu.addAction(text(f"remote.quality_{quality}"))
            action.setCheckable(True)
            action.setChecked(quality == self._view.quality)
            action.triggered.connect(self._chooser(quality))
        menu.popup(self._quality.mapToGlobal(QPoint(0, self._quality.height() + 4)))

    def _chooser(self, quality: Quality) -> Callable[[], None]:
        return lambda: self._presenter.choose_quality(quality)

    def _toggle_figures(self, shown: bool) -> None:
        self._figures.setVisible(shown)
        self._place_panels()

    def _end_or_close(self) -> None:
        if self._view.ended is None:
            self._presenter.end()
        else:
            self.close()

    def _place_panels(self) -> None:
        height = self._figures.sizeHint().height()
        self._figures.setGeometry(_EDGE, self.height() - height - _EDGE, self._figures.width(), height)
        self._figures.raise_()
        if self._tray is not None:
            left, top = self.width() - self._tray.width() - _EDGE, self.picture.y() + _EDGE
            self._tray.setGeometry(left, top, self._tray.width(), self._tray.sizeHint().height())
            self._tray.raise_()
        if self._facts_panel is not None:
            top = self.picture.y() + _EDGE
            room = self.height() - top - _EDGE - (height + _EDGE if self._figures.isVisible() else 0)
            tall = max(_LEAST_PANEL_PX, min(self._facts_panel.sizeHint().height(), room))
            self._facts_panel.setGeometry(_EDGE, top, self._facts_panel.width(), tall)
            self._facts_panel.raise_()

    # Showing

    def _show(self, view: RemoteView) -> None:
        old, self._view = self._view, view
        if view.name != old.name:
            self.setWindowTitle(text("remote.title", name=view.name))
            self.picture.setAccessibleName(text("remote.picture", name=view.name))
        if view.stands("control") != "granted":
            self._let_go = False
        live = view.phase in {"playing", "paused"}
        self._parts.show_view(view)
        self._secure.set_words(phrase("remote.encrypted" if live else "remote.not_connected"))
        self._secure.set_tone("ok" if live else "neutral", "lock" if live else "wifi-off")
        left_s = max(0, (view.until_ms - self._now()) // 1000) if view.until_ms else 0
        self._left.set_words(phrase("remote.left", time=timer(left_s)) if view.until_ms else "")
        self._end.set_words(phrase("remote.close_window" if view.ended else "remote.end"))
        self._compare.show_trust(view.trust)
        show_chip(self._trust, view.trust)
        self._show_control(view)
        self._show_state(view)
        self._problem.setVisible(view.problem is not None)
        if view.problem is not None:
            self._problem.say(view.problem)
        if view.figures is not None:
            self.picture.set_clock(view.figures.ahead_us)
        if self._figures.isVisible():
            self._figures.show_figures(view.figures, self.picture.painted(), self.picture.since_capture())

    def _show_control(self, view: RemoteView) -> None:
        active = self._presenter.controls and not self._let_go
        self.picture.set_control(active)
        button, stand = self._control, view.stands("control")
        button.setEnabled(view.ended is None and stand != "asked" and view.phase == "playing")
        if stand == "asked":
            left_s = max(0, (view.ask_until_ms - self._now()) // 1000)
            button.set_words(phrase("remote.control_asked", seconds=left_s))
        elif stand == "granted":
            button.set_words(phrase("remote.control_on" if not active else "remote.control_release_short"))
        else:
            button.set_words(phrase("remote.control_ask"))
        self._special.setEnabled(active)
        talk = view.stands("audio")
        self._talk.show(talk == "granted", talk == "asked", view.ended is None and view.phase == "playing")
        self._draw_tools.show(view.stands("point") == "asked", view.ended is None and view.phase == "playing")
        self._said.setVisible(view.phase == "playing")
        if stand == "granted" and view.guarded:
            self._said.say(phrase(f"remote.guarded_{view.guarded}"), tone="warn", icon="lock")
        elif stand == "granted" and self._now() < view.waits_until_ms:
            self._said.say(phrase("remote.waits"), tone="warn", icon="hand")
        elif self._let_go:
            self._said.say(phrase("remote.let_go"), tone="notice", icon="keyboard")
        elif active and view.layout is not None and view.layout.window:
            self._said.say(phrase("remote.has_window"), tone="ok", icon="window")
        else:
            words = phrase("remote.has_control" if active else "remote.no_control")
            self._said.say(words, tone="ok" if active else "quiet", icon="mouse" if active else "eye")

    def _show_state(self, view: RemoteView) -> None:
        self.picture.set_dim(view.phase in {"paused", "lost", "restarting", "ended"})
        self._state.setVisible(view.phase != "playing" and not view.trust.waits_for_people)
        lost_s = (self._now() - view.lost_ms) / 1000 if view.lost_ms else 0
        match view.phase:
            case "ended":
                why = phrase(f"conversation.event_remote_{view.ended}")
                self._state.say(why, lead=phrase("remote.phase_ended"), tone="quiet", icon="monitor")
            case "lost":
                words = phrase("remote.lost_text", count=view.losses)
                lead = phrase("remote.phase_lost", time=timer(lost_s))
                self._state.say(words, lead=lead, tone="danger", icon="wifi-off")
            case "restarting":
                lead = phrase("remote.phase_restarting", time=timer(lost_s))
                self._state.say(phrase("remote.restarting_text"), lead=lead, tone="notice", icon="refresh")
            case "paused":
                self._state.say(phrase("remote.paused_text"), lead=phrase("remote.phase_paused"), icon="pause")
            case "starting" | "connecting":
                lead = phrase(f"remote.phase_{view.phase}")
                self._state.say(phrase("remote.connecting_text"), lead=lead, tone="notice", icon="network")
            case "playing":
                pass


def _bar() -> QWidget:
    bar = QWidget()
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    bar.setProperty("fill", "surface")
    bar.setProperty("edge", "bottom")
    return bar


def _line() -> Rule:
    rule = Rule("vertical")
    rule.setFixedHeight(theme().px(28))
    return rule
