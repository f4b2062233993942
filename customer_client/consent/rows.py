"""One row a capability: what it means, for how long, on or off."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.consent.presenter import MINUTES, ConsentPresenter, ConsentView, Row
from customer_client.parts.page import emptied
from customer_client.parts.remark import Remark
from shared.protocol.types import Capability
from shared.strings import phrase, text
from shared.ui.theme import RADIUS, SPACE_M, SPACE_S, theme
from shared.ui.widgets import Card, Combo, IconMark, Label, Rule, Switch
from shared.ui.words import name_widget

_ICONS: Final = {
    "view": "eye",
    "point": "pointer",
    "control": "mouse",
    "clipboard.read": "clipboard",
    "clipboard.write": "clipboard",
    "files.send": "download",
    "files.receive": "upload",
    "audio": "mic",
    "record": "record",
    "sysinfo": "gauge",
    "restart": "refresh",
}


class CapabilityList(QWidget):
    """What was asked for, and nothing else."""

    def __init__(self, presenter: ConsentPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._request_id = ""
        self._rows: dict[Capability, _CapabilityRow] = {}
        self._title = Label("", "body", weight=600)
        self._card = Card("list")
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(Label(phrase("consent.all_off"), "small", tone="muted"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        column.addLayout(head)
        column.addWidget(self._card)
        self._remark = QVBoxLayout()
        column.addLayout(self._remark)

    def show_view(self, view: ConsentView) -> None:
        """Build the rows of a new question, else show how they stand."""
        if view.asked is None:
            return
        if view.asked.request_id != self._request_id or self._rows.keys() != {row.capability for row in view.rows}:
            self._request_id = view.asked.request_id
            self._title.set_words(phrase("consent.may_do", name=view.asked.agent.name))
            self._rebuild(view)
        for row in view.rows:
            self._rows[row.capability].show_row(row, view)

    def _rebuild(self, view: ConsentView) -> None:
        emptied(self._card.box)
        emptied(self._remark)
        asks = any(row.capability == "record" for row in view.rows)
        self._remark.addWidget(Remark("info", phrase("consent.only_if" if asks else "consent.no_recording")))
        self._rows = {row.capability: _CapabilityRow(row.capability, self._presenter) for row in view.rows}
        for place, made in enumerate(self._rows.values()):
            if place:
                self._card.box.addWidget(Rule())
            self._card.box.addWidget(made)


class _CapabilityRow(QWidget):
    """56 px at least; tinted while on."""

    def __init__(self, capability: Capability, presenter: ConsentPresenter) -> None:
        super().__init__()
        self._capability: Capability = capability
        self._presenter = presenter
        self._on = False
        key = self._key = capability.replace(".", "_")
        name = phrase(f"consent.{key}")
        self._icon = IconMark(_ICONS.get(capability, "shield"), 20, "muted")
        self._why = Label("", "small", tone="muted", wrap=True)
        self._minutes = Combo([(str(each), phrase("common.minutes", count=each)) for each in MINUTES], height_px=32)
        self._minutes.setFixedWidth(104)
        how_long = phrase("consent.how_long", what=text(f"consent.{key}"))
        name_widget(self._minutes, how_long, f"consent.minutes.{capability}")
        self._minutes.chosen.connect(self._choose)
        self._switch = Switch(name, object_name=f"consent.switch.{capability}")
        self._switch.toggled.connect(self._toggle)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(name, "body", weight=500))
        words.addWidget(self._why)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        row.setSpacing(SPACE_M)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        row.addWidget(self._minutes)
        row.addSpacing(SPACE_S)
        row.addWidget(self._switch)
        theme().changed.connect(self.update)

    def show_row(self, row: Row, view: ConsentView) -> None:
        """Show how it stands."""
        self._on = row.on
        key = f"consent.{self._key}_blocked" if row.blocked else f"consent.{self._key}_why"
        kept = {"company": view.company, "days": view.keep_days} if key == "consent.record_why" else {}
        self._why.set_words(phrase(key, **kept))
        self._icon.set_icon(_ICONS.get(self._capability, "shield"), "accent" if row.on else "muted")
        self._switch.blockSignals(True)
        self._switch.setChecked(row.on)
        self._switch.blockSignals(False)
        self._switch.setEnabled(not row.blocked)
        self._minutes.set_value(str(row.minutes))
        self._minutes.setEnabled(row.on)
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._on:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("accent_soft"))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), RADIUS - 1, RADIUS - 1)

    def _toggle(self, on: bool) -> None:
        self._presenter.switch(self._capability, on)

    def _choose(self, minutes: str) -> None:
        self._presenter.choose_minutes(self._capability, int(minutes))
