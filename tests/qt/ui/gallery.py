"""Every widget of the kit on one sheet, in both languages and colours: `python tests/qt/ui/gallery.py FOLDER`."""

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from shared.strings import LanguageCode, phrase, set_language
from shared.ui.theme import ColourMode, install_theme, theme
from shared.ui.widgets import (
    Answer,
    Avatar,
    Button,
    Card,
    CheckBox,
    Chip,
    ComboField,
    CountdownBar,
    CountdownRing,
    EmptyState,
    Footer,
    IconButton,
    KeyHint,
    Label,
    PageBody,
    PageHeader,
    SearchField,
    Segmented,
    StatTile,
    Step,
    StepBar,
    Strip,
    Switch,
    TextArea,
    TextField,
    ThinSteps,
    Toast,
    vip_chip,
)

SEND = phrase("chat.send")
KINDS = ("primary", "secondary", "outline", "tonal", "ghost", "link", "danger", "danger-ghost", "danger-outline")
CHIPS = ("neutral", "accent", "info", "ok", "warn", "danger", "note", "vip", "outline")
STRIPS = ("notice", "warn", "ok", "vip", "danger", "note", "quiet")


def row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side."""
    made = QHBoxLayout()
    made.setSpacing(8)
    for widget in widgets:
        made.addWidget(widget)
    made.addStretch(1)
    return made


def customer_page() -> QWidget:
    """A page as the customer client builds them, 400 px wide."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    header = PageHeader("Northwind Instruments", phrase("chat.new_messages"), sample=True)
    bell = IconButton("bell", phrase("common.clear"))
    bell.set_dot(True)
    header.tail.addWidget(bell)
    header.tail.addWidget(IconButton("settings", phrase("common.clear")))
    column.addWidget(header)
    column.addWidget(Strip("notice", "Maintenance Sat 22:00 to 23:00. Chat stays open.", closable=True))
    body = PageBody()
    body.box.addWidget(Label("Hello, Maya", "hero", weight=600))
    search = SearchField(phrase("chat.write"), phrase("chat.timeline"))
    search.line.setText("report export stops")
    search.set_answers(
        [
            Answer("1", "Report export stops at 90%", "Guide, 2 minutes", "document", ((0, 19),)),
            Answer("2", "“File in use” when you export a report", "Guide, 1 minute", "document", ((23, 6),)),
            Answer("3", "Where exported reports are saved", "Answer", "chat", ((15, 6),)),
        ]
    )
    body.box.addWidget(search)
    card = Card("list", spacing=4)
    card.box.setContentsMargins(12, 8, 12, 8)
    steps = ThinSteps()
    steps.set_step(3, 4, "Trying a fix")
    card.box.addWidget(Label("Report export stops at 90%", weight=500))
    card.box.addWidget(steps)
    body.box.addWidget(card)
    body.box.addWidget(ComboField("What is it about?", [("a", "Reports and export"), ("b", "Licence")]))
    body.box.addWidget(TextArea("What happened?", hint="We kept the words you searched for.", lines=3))
    wrong = TextField(phrase("chat.composer"))
    wrong.set_error("A few words help the right person answer.")
    body.box.addWidget(wrong)
    hold = Segmented("How much", [("a", "I can wait"), ("b", "It slows me"), ("c", "I can’t work")])
    hold.set_value("b")
    body.box.addWidget(hold)
    body.box.addStretch(1)
    column.addWidget(body, 1)
    footer = Footer()
    footer.box.addWidget(Button("Talk to a person", "primary", "large", icon="headset"))
    column.addWidget(footer)
    page.setFixedSize(400, 1400)
    return page


def parts_page() -> QWidget:
    """The small parts, by kind."""
    page = QWidget()
    page.setProperty("fill", "bg")
    column = QVBoxLayout(page)
    column.setSpacing(12)
    for kind in KINDS:
        off = Button(SEND, kind)
        off.setEnabled(False)
        column.addLayout(row(*(Button(SEND, kind, size, icon="send") for size in ("large", "medium", "small")), off))
    busy = Button(SEND, "primary", icon="send")
    busy.set_busy(True)
    column.addLayout(
        row(busy, KeyHint("Ctrl"), KeyHint("Shift"), KeyHint("F12"), CheckBox(SEND, checked=True), CheckBox(SEND))
    )
    column.addLayout(row(*(Chip(SEND, tone, icon="check" if tone == "ok" else None) for tone in CHIPS), vip_chip("")))
    off_switch = Switch(SEND)
    off_switch.setEnabled(False)
    dense = Segmented("tier", [("1", "Tier 1"), ("2", "Tier 2"), ("n", phrase("chat.send"), "lock")], style="dense")
    dense.set_value("2")
    column.addLayout(row(Switch(SEND), Switch(SEND, on=True), off_switch, dense))
    tones = ("customer", "vip", "tier1", "tier2", "tier3", "guest")
    column.addLayout(row(*(Avatar("Lin Wei", tone, 32) for tone in tones), Avatar("陈嘉怡", "vip", 48)))
    for tone in STRIPS:
        action = phrase("chat.send_again") if tone == "warn" else None
        column.addWidget(Strip(tone, "Using a relay, try 2, next in 8 s.", lead="Connection dropped.", action=action))
    steps = [Step("Received", "10:12"), Step("Triage", "10:16"), Step("Diagnose", "now"), Step("Fix"), Step("Close")]
    column.addWidget(StepBar(steps, 2))
    ring, late, bar = CountdownRing(), CountdownRing(32), CountdownBar()
    ring.set_left(14, 20)
    late.set_left(4, 20)
    bar.set_left(48, 60)
    column.addLayout(row(ring, late, bar, StatTile("Longest wait", "06:42", "limit 07:00", "warn")))
    column.addWidget(TextField("Password", password=True))
    column.addStretch(1)
    page.setFixedSize(640, 1400)
    return page


def sheet() -> QWidget:
    """Both pages and an empty state, side by side."""
    made = QWidget()
    made.setProperty("fill", "sunken")
    line = QHBoxLayout(made)
    line.addWidget(customer_page())
    line.addWidget(parts_page())
    empty = EmptyState(
        "inbox",
        "No open contacts",
        "You are available. The next contact is offered here.",
        action=SEND,
        action_icon="list",
    )
    empty.setFixedWidth(320)
    line.addWidget(empty)
    made.adjustSize()
    Toast(made).say("A remark that goes by itself")
    return made


def save_all(folder: Path) -> list[Path]:
    """One picture for each language and colour."""
    saved: list[Path] = []
    looks: tuple[tuple[LanguageCode, ColourMode, int], ...] = (
        ("en", "light", 100),
        ("zh_CN", "dark", 100),
        ("en", "light", 150),
    )
    window = sheet()
    window.show()
    for language, mode, percent in looks:
        set_language(language)
        theme().set_mode(mode)
        theme().set_scale_percent(percent)
        QApplication.processEvents()
        path = folder / f"kit-{language}-{mode}-{percent}.png"
        window.grab().save(str(path))
        saved.append(path)
    window.close()
    window.deleteLater()
    return saved


if __name__ == "__main__":
    app = QApplication(sys.argv)
    install_theme(app, "light").animated = False
    save_all(Path(sys.argv[1]))
