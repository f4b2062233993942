"""One ticket: head with step bar and actions, fields, log, request and receipts."""

from collections.abc import Callable
from typing import Final, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.desk.moments import clock_at, moment
from agent_app.desk.words import Fact, Localised
from agent_app.parts.facts import FactsGrid
from agent_app.parts.section import Section
from agent_app.recordings.library import Library
from agent_app.recordings.section import RecordingsSection
from agent_app.tickets.log_view import LogView
from agent_app.tickets.page_presenter import MAX_NOTE, TicketPagePresenter, TicketView
from agent_app.tickets.receipt_dialog import ReceiptDialog
from agent_app.tickets.steps import STAGE_OF, STAGES
from agent_app.tickets.table_model import STATE_TONES
from shared.protocol.messages.remote import Receipt
from shared.protocol.messages.tickets import TicketRow
from shared.protocol.types import Priority, TicketState
from shared.strings import phrase, text
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets import (
    Button,
    Chip,
    ComboField,
    ElidedLabel,
    IconButton,
    Label,
    PageBody,
    Rule,
    Step,
    StepBar,
    Strip,
    TextArea,
)
from shared.ui.widgets.chip import ChipTone

_SIDE_PX: Final = 288
_MOVES: Final[dict[TicketState, tuple[tuple[TicketState, str], ...]]] = {
    "new": (("in_progress", "start"),),
    "assigned": (("in_progress", "start"),),
    "in_progress": (("waiting_customer", "wait_customer"), ("waiting_third_party", "wait_third_party")),
    "waiting_customer": (("in_progress", "go_on"),),
    "waiting_third_party": (("in_progress", "go_on"),),
    "reopened": (("in_progress", "go_on"),),
    "resolved": (("reopened", "reopen"),),
    "closed": (("reopened", "reopen"),),
}
"""What is offered beside the next step; the relay's rules decide."""
_NEXT: Final[dict[TicketState, tuple[TicketState, str]]] = {
    "assigned": ("resolved", "resolve"),
    "in_progress": ("resolved", "resolve"),
    "waiting_customer": ("resolved", "resolve"),
    "waiting_third_party": ("resolved", "resolve"),
    "reopened": ("resolved", "resolve"),
    "resolved": ("closed", "close"),
}


class TicketPage(QWidget):
    """`left` to go back to the list, `conversation_opened(conversation_id)`."""

    left = Signal()
    conversation_opened = Signal(str)

    def __init__(self, presenter: TicketPagePresenter, library: Library, now: Callable[[], int]) -> None:
        super().__init__()
        self._presenter, self._library, self._now = presenter, library, now
        self._view = TicketView()
        self._title = ElidedLabel("", "lead", weight=600)
        self._subtitle = ElidedLabel("", "small", tone="muted")
        self._state = Chip(" ", "info")
        self._steps = StepBar()
        self._problem = Strip("danger", closable=True, object_name="ticket.problem")
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(SPACE_S)
        self._log = LogView(now)
        self._log_title = Label("", "small", weight=600)
        self._lay_out()
        self._problem.dismissed.connect(presenter.dismiss_problem)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.left)
        presenter.view.watch(self._show)

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addWidget(self._fields())
        columns.addWidget(Rule("vertical"))
        columns.addLayout(self._middle(), 1)
        columns.addWidget(Rule("vertical"))
        columns.addWidget(self._side())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(self._problem)
        column.addLayout(columns, 1)

    def _head(self) -> QWidget:
        head = QWidget()
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        head.setProperty("fill", "surface")
        head.setProperty("edge", "bottom")
        back = IconButton("chevron-left", phrase("common.back"), object_name="ticket.back")
        back.clicked.connect(self.left)
        title = QHBoxLayout()
        title.setSpacing(SPACE_S)
        title.addWidget(self._title)
        title.addWidget(self._state)
        title.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(title)
        words.addWidget(self._subtitle)
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(back)
        row.addLayout(words, 1)
        row.addLayout(self._buttons)
        column = QVBoxLayout(head)
        column.setContentsMargins(SPACE_M, SPACE_M, SPACE_L, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._steps)
        return head

    def _fields(self) -> QWidget:
        self._priority = ComboField(
            phrase("tickets.priority"),
            [(str(level), phrase(f"tickets.priority_{level}")) for level in (1, 2, 3, 4)],
            object_name="ticket.priority",
        )
        self._category = ComboField(
            phrase("tickets.category"), placeholder=phrase("tickets.no_category"), object_name="ticket.category"
        )
        self._facts = FactsGrid()
        self._note = TextArea(
            phrase("tickets.note"),
            placeholder=phrase("tickets.note_placeholder"),
            lines=3,
            max_chars=MAX_NOTE,
            object_name="ticket.note",
        )
        self._priority.chosen.connect(self._choose_priority)
        self._category.chosen.connect(self._choose_category)
        section = Section(phrase("tickets.fields"))
        for widget in (self._priority, self._category, self._facts, Rule(), self._note):
            section.box.addWidget(widget)
        return _side_body(section)

    def _middle(self) -> QVBoxLayout:
        head = QWidget()
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        head.setProperty("fill", "surface")
        head.setProperty("edge", "bottom")
        row = QHBoxLayout(head)
        row.setContentsMargins(SPACE_L, SPACE_S, SPACE_L, SPACE_S)
        row.addWidget(self._log_title, 1)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._log, 1)
        return column

    def _side(self) -> QWidget:
        self._answers, self._system = FactsGrid(), FactsGrid()
        self._about = Section(phrase("tickets.about"))
        self._about.box.addWidget(self._answers)
        self._about.box.addWidget(self._system)
        self._to_inbox = Button(
            phrase("tickets.open_conversation"), "link", "tiny", object_name="ticket.open-conversation"
        )
        self._to_inbox.clicked.connect(self._open_conversation)
        self._about.tail.addWidget(self._to_inbox)
        self._receipts = Section(phrase("tickets.receipts", count=0))
        return _side_body(self._about, Rule(), self._receipts, Rule(), RecordingsSection(self._library, self._now))

    # Intents

    def _choose_priority(self, value: str) -> None:
        self._presenter.change(priority=cast("Priority", int(value)))

    def _choose_category(self, value: str) -> None:
        self._presenter.change(category=value)

    def _move(self, state: TicketState) -> None:
        row = self._view.row
        if row is not None and state == "resolved" and not row.category:
            self._category.set_error(phrase("tickets.need_category"))
            self._category.setFocus()
            return
        self._presenter.change(state=state, note=self._note.value())
        self._note.set_value("")

    def _open_conversation(self) -> None:
        if self._view.row is not None:
            self.conversation_opened.emit(self._view.row.conversation_id)

    # Showing

    def _show(self, view: TicketView) -> None:
        old, self._view = self._view, view
        self._problem.setVisible(view.problem is not None)
        if view.problem is not None:
            self._problem.say(view.problem)
        if view.categories != old.categories or not old.categories:
            self._category.set_options([(each.value, Localised(each.label)) for each in view.categories])
        if view.ticket_id != old.ticket_id:
            self._note.set_value("")
        if view.row is None:
            self._title.set_words(phrase("desk.loading"))
            self._subtitle.set_words("")
        else:
            self._show_row(view.row, view)
        self._library.show(view.row.conversation_id if view.row else "")
        if view.row is not None and len(view.steps) > len(old.steps) > 0:
            self._library.refresh()
        self._log_title.set_words(phrase("tickets.log", count=len(view.steps)))
        self._log.show_steps(view.steps)
        self._log.setAccessibleName(text("tickets.log_name"))
        self._answers.set_facts(view.answers)
        self._system.set_facts(view.system)
        if view.receipts != old.receipts or view.ticket_id != old.ticket_id:
            self._show_receipts(view.receipts)

    def _show_row(self, row: TicketRow, view: TicketView) -> None:
        self._title.set_words(f"{row.number} {row.subject}")
        opened = moment(row.opened_ms, self._now())
        self._subtitle.set_words(phrase("tickets.subtitle", name=row.customer.name, time=opened))
        self._state.set_words(phrase(f"tickets.state_{row.state}"))
        self._state.set_tone(_chip_tone(row.state))
        self._steps.set_steps(self._stages(view), _stage(row.state))
        self._priority.set_value(str(row.priority))
        self._category.set_value(row.category)
        if row.category:
            self._category.set_error("")
        owner = row.owner.name if row.owner else phrase("tickets.nobody")
        self._facts.set_facts((Fact(phrase("tickets.group"), view.group or "-"), Fact(phrase("tickets.owner"), owner)))
        for field in (self._priority, self._category, self._note):
            field.setEnabled(not view.busy and row.state != "closed")
        self._to_inbox.setVisible(bool(row.conversation_id) and row.state not in {"resolved", "closed"})
        self._show_moves(row, view.busy)

    def _stages(self, view: TicketView) -> list[Step]:
        received = clock_at(view.steps[0].at_ms) if view.steps else ""
        return [Step(phrase(f"tickets.stage_{name}"), received if name == "received" else "") for name in STAGES]

    def _show_moves(self, row: TicketRow, busy: bool) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for state, key in _MOVES[row.state]:
            self._buttons.addWidget(self._move_button(state, key, primary=False, busy=busy))
        if row.state in _NEXT:
            state, key = _NEXT[row.state]
            self._buttons.addWidget(self._move_button(state, key, primary=True, busy=busy))

    def _move_button(self, state: TicketState, key: str, *, primary: bool, busy: bool) -> Button:
        button = Button(
            phrase(f"tickets.{key}"), "primary" if primary else "secondary", "small", object_name=f"ticket.{key}"
        )
        button.setEnabled(not busy)
        button.clicked.connect(lambda: self._move(state))
        return button

    def _show_receipts(self, receipts: tuple[Receipt, ...]) -> None:
        self._receipts.set_title(phrase("tickets.receipts", count=len(receipts)))
        while (item := self._receipts.box.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        if not receipts:
            self._receipts.box.addWidget(Label(phrase("tickets.no_receipts"), "small", tone="muted", wrap=True))
        for receipt in receipts:
            self._receipts.box.addWidget(
                Label(phrase("tickets.receipt_line", count=len(receipt.entries)), "small", wrap=True)
            )
            button = Button(
                phrase("tickets.receipt_open"), "secondary", "small", icon="document", object_name="ticket.receipt"
            )
            button.clicked.connect(self._receipt_opener(receipt))
            self._receipts.box.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _receipt_opener(self, receipt: Receipt) -> Callable[[], None]:
        return lambda: ReceiptDialog(self, receipt).open()


def _stage(state: TicketState) -> int:
    return len(STAGES) if state == "closed" else STAGE_OF[state]


def _chip_tone(state: TicketState) -> ChipTone:
    fill = STATE_TONES[state][0].removesuffix("_soft")
    return cast("ChipTone", fill if fill in {"info", "ok", "warn", "danger"} else "neutral")


def _side_body(*widgets: QWidget) -> PageBody:
    body = PageBody(edge=SPACE_M, spacing=SPACE_M)
    if (inside := body.widget()) is not None:
        inside.setProperty("fill", "surface")
    body.setFixedWidth(theme().px(_SIDE_PX))
    for widget in widgets:
        body.box.addWidget(widget)
    body.box.addStretch(1)
    return body
