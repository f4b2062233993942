"""The form on screen."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.desk.desk import Desk
from customer_client.desk.routes import Routes
from customer_client.intake.fields import FormControl
from customer_client.intake.left import LeftCard
from customer_client.intake.presenter import PROFILE_FIELDS, IntakePresenter, IntakeView
from customer_client.intake.system_card import SystemCard, SystemPreview
from customer_client.parts.link_strip import LinkStrip
from customer_client.parts.page import Page, emptied
from customer_client.parts.remark import Remark
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S
from shared.ui.widgets import Button, ComboField, Label, PageHeader, Strip, Switch


class IntakePage(Page):
    """Only what is asked for; errors below their fields; one primary button."""

    def __init__(self, presenter: IntakePresenter, routes: Routes, desk: Desk, local_ms: Callable[[], int]) -> None:
        super().__init__(PageHeader("", object_name="intake.header"), "intake")
        self._presenter, self._desk = presenter, desk
        self._last = IntakeView()
        self._controls: dict[str, FormControl] = {}
        self.header.back.connect(routes.back)
        self.strips.addWidget(LinkStrip(desk.link, local_ms))
        self._failed = Strip("warn", object_name="intake.failed")
        self.strips.addWidget(self._failed)
        self._left = LeftCard(presenter.done)
        self._preview = SystemPreview(self._keep_system, self._drop_system)
        self._form = QWidget()
        self.body.box.addWidget(self._left)
        self.body.box.addWidget(self._preview)
        self.body.box.addWidget(self._form)
        self.body.box.addStretch(1)
        self._preview.hide()
        self._build_form()
        self._build_foot()
        presenter.view.watch(self._show)
        desk.organisation.watch(lambda organisation: self.header.set_sample(bool(organisation and organisation.sample)))

    @override
    def entered(self) -> None:
        first = next(iter(self._controls.values()), None)
        if first is not None:
            first.focus()

    def _build_form(self) -> None:
        column = QVBoxLayout(self._form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_L)
        self._group = ComboField(phrase("intake.group"), [], object_name="intake.group")
        self._group.chosen.connect(self._presenter.choose_group)
        self._no_form = Label(phrase("intake.no_form"), "body", tone="muted", wrap=True)
        self._fields = QVBoxLayout()
        self._fields.setSpacing(SPACE_L)
        self._system = SystemCard(self._open_preview, self._presenter.attach_system)
        self._keep = _KeepPlace(self._presenter.keep_place)
        self._private = Remark("lock", "")
        for widget in (self._group, self._no_form):
            column.addWidget(widget)
        column.addLayout(self._fields)
        column.addWidget(self._system)
        column.addWidget(self._keep)
        column.addLayout(self._build_asking())
        column.addWidget(self._private)

    def _build_asking(self) -> QHBoxLayout:
        self._asking = Label("", "small", tone="muted")
        self._change = Button(phrase("intake.change"), "link", "small", object_name="intake.change-name")
        self._change.clicked.connect(self._presenter.change_profile)
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        row.addWidget(self._asking)
        row.addWidget(self._change)
        row.addStretch(1)
        return row

    def _build_foot(self) -> None:
        self._send = Button("", "primary", "large", object_name="intake.send")
        self._send.clicked.connect(self._presenter.send)
        self._caption = Label("", "small", tone="muted", wrap=True)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.foot.box.addWidget(self._send)
        self.foot.box.addWidget(self._caption)

    # The picture

    def _show(self, view: IntakeView) -> None:
        before, self._last = self._last, view
        self._show_head(view)
        left = view.left is not None
        self._left.setVisible(left)
        self.foot.setVisible(not left and not self._preview.isVisibleTo(self))
        self._form.setVisible(not left and not self._preview.isVisibleTo(self))
        if view.left is not None:
            self._left.show_left(view.left)
            return
        if (view.fields, view.asks_name) != (before.fields, before.asks_name) or not self._controls:
            self._rebuild(view)
        self._show_answers(view)
        self._show_rest(view)
        if view.focus != before.focus and view.first_bad in self._controls:
            self._controls[view.first_bad].focus()

    def _show_head(self, view: IntakeView) -> None:
        title = phrase("intake.title_message" if view.message else "intake.title")
        waiting = phrase("intake.instead" if view.waiting_for else "intake.nobody")
        self.header.set_title(title, waiting if view.message else phrase("intake.minute"))
        self._failed.setVisible(view.failed is not None and view.left is None)
        if view.failed is not None:
            self._failed.say(view.failed)

    def _rebuild(self, view: IntakeView) -> None:
        emptied(self._fields)
        fields = (*view.fields, *(PROFILE_FIELDS if view.asks_name else ()))
        self._controls = {f.key: FormControl(f, self._presenter.answer, self._presenter.leave) for f in fields}
        for control in self._controls.values():
            self._fields.addWidget(control.widget)

    def _show_answers(self, view: IntakeView) -> None:
        searched = next((f.key for f in view.fields if f.kind == "paragraph"), "") if view.searched else ""
        for key, control in self._controls.items():
            control.set_value(view.answers.get(key, ""))
            control.set_error(view.bad.get(key, ""))
            if key == searched:
                control.set_hint(phrase("intake.searched"))

    def _show_rest(self, view: IntakeView) -> None:
        company = self._desk.organisation.value
        self._group.set_options(view.groups)
        self._group.set_value(view.group_id)
        self._group.setVisible(len(view.groups) > 1)
        self._no_form.setVisible(not view.fields)
        self._system.show_facts(view.system, view.system_attached)
        self._keep.show_place(bool(view.waiting_for), view.keep_place)
        self._asking.setVisible(not view.asks_name)
        self._change.setVisible(not view.asks_name)
        key = "intake.asking_as_email" if view.email else "intake.asking_as"
        self._asking.set_words(phrase(key, name=view.name, email=view.email))
        self._private.set_words(phrase("intake.private", company=company.name if company else ""))
        self._send.set_words(phrase("intake.send_message" if view.message else "intake.send"))
        self._send.set_busy(view.sending, phrase("intake.sending"))
        if not view.sending:
            self._send.setEnabled(bool(view.fields))
        self._caption.set_words(phrase("intake.kept_until") if view.sending else view.caption)

    # The system summary

    def _open_preview(self) -> None:
        self._preview.show_facts(self._last.system)
        self._turn(preview=True)

    def _keep_system(self) -> None:
        self._presenter.attach_system(True)
        self._turn(preview=False)

    def _drop_system(self) -> None:
        self._presenter.attach_system(False)
        self._turn(preview=False)

    def _turn(self, *, preview: bool) -> None:
        self._preview.setVisible(preview)
        self._form.setVisible(not preview)
        self.foot.setVisible(not preview)
        if preview:
            self._preview.entered()
        else:
            self._system.entered()


class _KeepPlace(QWidget):
    """Whether the place in line stays while a message is left."""

    def __init__(self, keep: Callable[[bool], None]) -> None:
        super().__init__()
        self._switch = Switch(phrase("intake.keep_place"), object_name="intake.keep-place")
        self._switch.toggled.connect(keep)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(phrase("intake.keep_place"), "body", weight=500))
        words.addWidget(Label(phrase("intake.keep_place_why"), "small", tone="muted", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_M)
        row.addLayout(words, 1)
        row.addWidget(self._switch)

    def show_place(self, shown: bool, keep: bool) -> None:
        """Show the switch as it stands, or nothing."""
        self.setVisible(shown)
        self._switch.setChecked(keep)
