"""The bar at the top: state, work in hand, and who is signed in."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from agent_app.frame.presenter import FrameView
from agent_app.frame.state_switch import StateSwitch
from shared.strings import LANGUAGES, NATIVE_NAMES, language, phrase, text
from shared.ui.icons import make_icon
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Avatar, Chip, ElidedLabel, Label
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import name_widget, show_words


class TopBar(QWidget):
    """`state_asked(state, reason, now)`, `sign_out_asked`, `account_asked`,
    `language_asked(code)`, `look_asked(mode)`."""

    state_asked = Signal(str, str, bool)
    sign_out_asked = Signal()
    account_asked = Signal()
    language_asked = Signal(str)
    look_asked = Signal(str)

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self.setProperty("edge", "bottom")
        self.state = StateSwitch(now)
        self.state.asked.connect(self.state_asked)
        self._units = Label("", "small", tone="muted")
        self._drafts = Chip(phrase("frame.drafts_only"), "neutral", icon="pencil")
        self._avatar = Avatar(" ", "self", 32)
        self._name = ElidedLabel("", "small", weight=600)
        self._group = ElidedLabel("", "small", tone="muted")
        self._more = QToolButton()
        name_widget(self._more, phrase("frame.me_menu"), "me-menu")
        show_words(self._more, self._more.setToolTip, phrase("frame.me_menu"))
        self._more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        ring_on_focus(self._more)
        self._menu = QMenu(self)
        self._more.clicked.connect(self._open_menu)
        self._lay_out()
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_view(self, view: FrameView) -> None:
        """State, units, person."""
        ready = view.link.phase == "ready"
        self.state.show_state(view.state, ready, view.changing)
        used, most = view.state.used_units, view.state.max_units
        self._units.setVisible(most > 0)
        self._units.set_words(phrase("frame.units", used=used, max=most))
        self._drafts.setVisible(not ready)
        self._avatar.set_person(view.name or " ", "self")
        self._name.set_words(view.name)
        self._group.set_words(view.group)

    def _lay_out(self) -> None:
        person = QVBoxLayout()
        person.setSpacing(0)
        person.addStretch(1)
        person.addWidget(self._name)
        person.addWidget(self._group)
        person.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, 0, SPACE_M, 0)
        row.setSpacing(SPACE_M)
        row.addWidget(self.state)
        row.addWidget(self._units)
        row.addWidget(self._drafts)
        row.addStretch(1)
        row.addWidget(self._avatar)
        row.addLayout(person)
        row.addSpacing(-SPACE_S)
        row.addWidget(self._more)

    def _open_menu(self) -> None:
        self._menu.clear()
        self._fill_choice(text("frame.language"), [(code, NATIVE_NAMES[code]) for code in LANGUAGES], language(),
                          self.language_asked.emit)  # fmt: skip
        looks = [(mode, text(f"frame.look_{mode}")) for mode in ("system", "light", "dark")]
        self._fill_choice(text("frame.look"), looks, theme().mode, self.look_asked.emit)
        self._menu.addSeparator()
        self._menu.addAction(text("account.menu")).triggered.connect(self.account_asked)
        self._menu.addAction(text("frame.sign_out")).triggered.connect(self.sign_out_asked)
        width = self._menu.sizeHint().width()
        self._menu.popup(self._more.mapToGlobal(QPoint(self._more.width() - width, self._more.height() + 4)))

    def _fill_choice(
        self, title: str, choices: list[tuple[str, str]], chosen: str, choose: Callable[[str], object]
    ) -> None:
        menu = self._menu.addMenu(title)
        group = QActionGroup(menu)
        for value, words in choices:
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(value == chosen)
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, value=value: choose(value))

    def _restyle(self) -> None:
        look = theme()
        self.setFixedHeight(look.px(48))
        self._more.setIcon(make_icon("chevron-down", look.px(16), look.tokens.muted, look.tokens.faint))
        self._more.setFixedSize(look.px(24), look.px(32))
