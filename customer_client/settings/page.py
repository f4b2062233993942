"""The settings on screen."""

from typing import Final, Literal

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from customer_client.desk.routes import Routes
from customer_client.parts.page import Page
from customer_client.parts.rows import RowCard
from customer_client.parts.stop_keys import STOP_KEYS
from customer_client.settings.presenter import SettingsPresenter, SettingsView
from shared.strings import LANGUAGES, NATIVE_NAMES, language, phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S
from shared.ui.widgets import Card, Combo, IconMark, KeyHint, Label, PageHeader, Strip, Switch, TextField
from shared.ui.words import Words, name_widget

TEXT_PERCENTS: Final = (100, 110, 125, 150)
_COMBO_PX: Final = 136
_COLOURS: Final[tuple[Literal["system", "light", "dark"], ...]] = ("system", "light", "dark")


class SettingsPage(Page):
    """Saved as they are changed."""

    def __init__(self, presenter: SettingsPresenter, routes: Routes, version: str, tray: bool) -> None:
        header = PageHeader(
            phrase("settings.title"), phrase("settings.version", version=version), object_name="settings.header"
        )
        super().__init__(header, "settings")
        self.header.back.connect(routes.back)
        self._presenter = presenter
        self._failed = Strip("warn", object_name="settings.failed")
        self.strips.addWidget(self._failed)
        self._build_look()
        self._build_tell(tray)
        self._build_who()
        self._build_safety()
        self.body.box.setSpacing(SPACE_S)
        self.body.box.addStretch(1)
        self._link_icon = IconMark("check", 16, "ok")
        self._link = Label("", "small", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        row.addWidget(self._link_icon)
        row.addWidget(self._link, 1)
        self.foot.box.addLayout(row)
        presenter.view.watch(self._show)

    def _build_look(self) -> None:
        self._language = Combo([(code, NATIVE_NAMES[code]) for code in LANGUAGES])
        name_widget(self._language, phrase("settings.language"), "settings.language")
        self._language.chosen.connect(self._choose_language)
        self._colours = Combo([(each, phrase(f"settings.{each}")) for each in _COLOURS])
        name_widget(self._colours, phrase("settings.colours"), "settings.colours")
        self._colours.chosen.connect(self._choose_colours)
        self._text = Combo([(str(percent), f"{percent}%") for percent in TEXT_PERCENTS])
        name_widget(self._text, phrase("settings.text"), "settings.text")
        self._text.chosen.connect(lambda: self._presenter.choose_text(int(self._text.value())))
        for combo in (self._language, self._colours, self._text):
            combo.setFixedWidth(_COMBO_PX)
        rows = [
            _row("globe", phrase("settings.language"), "", self._language),
            _row("moon", phrase("settings.colours"), "", self._colours),
            _row("text-size", phrase("settings.text"), "", self._text),
        ]
        self._section(phrase("settings.look"), rows)

    def _build_tell(self, tray: bool) -> None:
        self._turn = Switch(phrase("settings.turn"), object_name="settings.turn")
        self._turn.toggled.connect(self._presenter.tell_turn)
        why = phrase("settings.turn_why" if tray else "settings.turn_no_tray")
        self._section(phrase("settings.tell"), [_row("bell", phrase("settings.turn"), why, self._turn)])

    def _build_who(self) -> None:
        self._name = TextField(phrase("intake.name"), max_chars=80, object_name="settings.name")
        self._email = TextField(phrase("intake.email"), max_chars=200, object_name="settings.email")
        for field in (self._name, self._email):
            field.left.connect(self._say_who)
            field.submitted.connect(self._say_who)
        card = Card("plain", pad=SPACE_M, spacing=SPACE_M)
        card.box.addWidget(Label(phrase("settings.who_why"), "small", tone="muted", wrap=True))
        card.box.addWidget(self._name)
        card.box.addWidget(self._email)
        self.body.box.addWidget(Label(phrase("settings.who"), "small", tone="muted", weight=600))
        self.body.box.addWidget(card)
        self.body.box.addSpacing(SPACE_S)

    def _build_safety(self) -> None:
        keys = QWidget()
        row = QHBoxLayout(keys)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for key in STOP_KEYS:
            row.addWidget(KeyHint(phrase(key)))
        self._key = Label("", "small", tone="muted", wrap=True)
        rows = [
            _row("keyboard", phrase("settings.stop_key"), phrase("settings.stop_key_why"), keys),
            _row("key", phrase("settings.key"), self._key, None),
        ]
        self._section(phrase("settings.safety"), rows)

    def _section(self, title: Words, rows: list[QWidget]) -> None:
        card = RowCard()
        card.put(rows)
        self.body.box.addWidget(Label(title, "small", tone="muted", weight=600))
        self.body.box.addWidget(card)
        self.body.box.addSpacing(SPACE_S)

    def _choose_language(self, code: str) -> None:
        self._presenter.choose_language("zh_CN" if code == "zh_CN" else "en")

    def _choose_colours(self, chosen: str) -> None:
        for each in _COLOURS:
            if each == chosen:
                self._presenter.choose_colours(each)

    def _say_who(self) -> None:
        self._presenter.say_who(self._name.value(), self._email.value())

    def _show(self, view: SettingsView) -> None:
        chosen = view.chosen
        self.header.set_sample(view.sample)
        self._language.set_value(chosen.language or language())
        self._colours.set_value(chosen.colours)
        self._text.set_value(str(chosen.text_percent))
        self._turn.setChecked(chosen.tell_turn)
        if not view.bad_email:
            self._name.set_value(chosen.name)
            self._email.set_value(chosen.email)
        self._email.set_error(phrase("intake.no_email") if view.bad_email else "")
        self._key.set_words(phrase(_key_words(view.key_kept)))
        ready = view.link.phase == "ready"
        self._link_icon.set_icon("check" if ready else "wifi-off", "ok" if ready else "warn")
        key = "settings.connected" if ready else "settings.not_connected"
        self._link.set_words(phrase(key, server=view.server))
        self._failed.setVisible(view.failed is not None)
        if view.failed is not None:
            self._failed.say(view.failed)


def _key_words(kept: bool | None) -> str:
    if kept is None:
        return "settings.key_unknown"
    return "settings.key_kept" if kept else "settings.key_for_run"


def _row(icon: str, title: Words, why: Words | Label, control: QWidget | None) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
    row.setSpacing(SPACE_M)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(Label(title, "body", weight=500))
    detail = why if isinstance(why, Label) else Label(why, "small", tone="muted", wrap=True)
    if isinstance(why, Label) or why:
        words.addWidget(detail)
    row.addWidget(IconMark(icon, 20, "muted"))
    row.addLayout(words, 1)
    if control is not None:
        row.addWidget(control)
    made.setMinimumHeight(SPACE_L * 3)
    return made
