"""The consent sheet: its own window in front, everything off, "No" under the fingers."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QDialog, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.consent.identity import Identity
from customer_client.consent.presenter import DEAF_MS, ConsentPresenter, ConsentView
from customer_client.consent.rows import CapabilityList
from customer_client.desk.words import name_of, tone_of
from customer_client.parts.deaf import Deaf
from customer_client.sharing.cover import CoverCard
from customer_client.sharing.sources import Sources
from shared.protocol.types import PersonRef
from shared.rules.certificates import Standing
from shared.strings import phrase, text, timer
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from shared.ui.widgets import (
    Avatar,
    Button,
    Chip,
    CountdownBar,
    IconMark,
    Label,
    PageBody,
)
from shared.ui.words import show_words

WIDTH_PX: Final = 800
HEIGHT_PX: Final = 560
_NARROW_PX: Final = 760
_URGENT_S: Final = 10
_SPOKEN_S: Final = (30, 10)


class ConsentSheet(QDialog):
    """Shows itself when somebody asks and goes when it is answered. Enter, Esc, the close box: No."""

    def __init__(self, presenter: ConsentPresenter) -> None:
        super().__init__(None, Qt.WindowType.Dialog | Qt.WindowType.WindowStaysOnTopHint)
        self.setObjectName("consent")
        self.setModal(False)
        self._presenter = presenter
        self._request_id = ""
        self._spoken = 0
        self._deaf = Deaf(self, DEAF_MS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_head())
        column.addWidget(self._build_body(), 1)
        column.addWidget(self._build_foot())
        self.setTabOrder(self._allow, self._no)
        presenter.view.watch(self._show)

    # Only a deliberate act means yes

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._presenter.refuse()
        else:
            super().keyPressEvent(event)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self._presenter.refuse()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = self.width() < _NARROW_PX
        down, right = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._columns.setDirection(down if narrow else right)
        super().resizeEvent(event)

    # Its parts

    def _build_head(self) -> QWidget:
        head = _plain("surface", "bottom")
        self._avatar = Avatar("", "tier1", 48)
        self._title = Label("", "title", weight=600, wrap=True)
        self._request = Label("", "body", tone="muted")
        self._sample = Chip(phrase("common.sample"), "neutral")
        self._identity = Identity()
        self._reason = Label("", "body", weight=500, wrap=True, selectable=True)
        below = QHBoxLayout()
        below.setSpacing(SPACE_S)
        below.addWidget(self._request)
        below.addWidget(self._sample)
        below.addStretch(1)
        why = QHBoxLayout()
        why.setSpacing(SPACE_M)
        why.addWidget(Label(phrase("consent.reason"), "body", tone="muted"), 0, Qt.AlignmentFlag.AlignTop)
        why.addWidget(self._reason, 1)
        words = QVBoxLayout()
        words.setSpacing(SPACE_S)
        words.addWidget(self._title)
        words.addLayout(below)
        words.addWidget(self._identity)
        words.addLayout(why)
        row = QHBoxLayout(head)
        row.setContentsMargins(SPACE_XL, SPACE_L, SPACE_XL, SPACE_L)
        row.setSpacing(SPACE_L)
        row.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return head

    def _build_body(self) -> QWidget:
        body = PageBody(edge=SPACE_XL)
        self._list = CapabilityList(self._presenter)
        self._sources = Sources(self._presenter.choosing)
        self._cover = CoverCard(self._presenter.choosing)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(SPACE_XL)
        left = QVBoxLayout()
        left.setSpacing(SPACE_M)
        left.addWidget(self._list)
        left.addWidget(self._cover)
        left.addStretch(1)
        self._columns.addLayout(left, 5)
        self._columns.addWidget(self._sources, 4, Qt.AlignmentFlag.AlignTop)
        body.box.addLayout(self._columns)
        body.box.addStretch(1)
        return body

    def _build_foot(self) -> QWidget:
        foot = _plain("surface", "top")
        self._clock = IconMark("clock", 20, "muted")
        self._count = Label("", "body", weight=600)
        self._bar = CountdownBar(urgent_s=_URGENT_S)
        self._bar.setFixedWidth(280)
        line = QHBoxLayout()
        line.setSpacing(SPACE_S)
        line.addWidget(self._clock)
        line.addWidget(Label(phrase("consent.countdown"), "body"))
        line.addWidget(self._count)
        line.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(SPACE_S)
        left.addLayout(line)
        left.addWidget(self._bar)
        self._allow = Button(phrase("consent.allow"), "outline", object_name="consent.allow")
        self._allow.clicked.connect(self._presenter.allow)
        self._no = Button(phrase("consent.no"), "primary", object_name="consent.no")
        self._no.clicked.connect(self._presenter.refuse)
        self._no.setMinimumWidth(128)
        row = QHBoxLayout(foot)
        row.setContentsMargins(SPACE_XL, SPACE_L, SPACE_XL, SPACE_L)
        row.setSpacing(SPACE_L)
        row.addLayout(left, 1)
        row.addWidget(self._allow)
        row.addWidget(self._no)
        return foot

    # The picture

    def _show(self, view: ConsentView) -> None:
        if view.asked is None:
            self._go()
            return
        fresh = view.asked.request_id != self._request_id
        if fresh:
            self._request_id, self._spoken = view.asked.request_id, 0
            self._show_who(view, view.asked.agent, view.asked.reason, view.asked.ticket_number)
        self._list.show_view(view)
        self._sources.show_shared(view.sharing)
        self._show_count(view)
        self._show_allow(view)
        if fresh:
            self._come()

    def _show_who(self, view: ConsentView, agent: PersonRef, reason: str, number: str) -> None:
        show_words(self, self.setWindowTitle, phrase("consent.window", company=view.company))
        self._avatar.set_person(agent.name, tone_of(agent))
        self._title.set_words(lambda: text("consent.title", who=name_of(agent)()))
        key = "consent.request" if number else "consent.request_plain"
        self._request.set_words(phrase(key, company=view.company, number=number))
        self._sample.setVisible(view.sample)
        self._identity.show_identity(view.identity)
        self._reason.set_words(phrase("consent.reason_words", reason=reason))

    def _show_count(self, view: ConsentView) -> None:
        urgent = view.left_s <= _URGENT_S
        self._count.set_words(timer(view.left_s))
        self._count.set_tone("warn" if urgent else "text")
        self._clock.set_icon("clock", "warn" if urgent else "muted")
        self._bar.set_left(view.left_s, view.total_s)
        self._count.setAccessibleName(text("consent.countdown_spoken", count=view.left_s))
        for moment in _SPOKEN_S:
            if view.left_s <= moment < view.total_s and self._spoken != moment and not 0 < self._spoken < moment:
                self._spoken = moment
                QAccessible.updateAccessibility(QAccessibleEvent(self._count, QAccessible.Event.Alert))

    def _show_allow(self, view: ConsentView) -> None:
        count = phrase("consent.allow_count", count=view.chosen)
        self._allow.set_words(count if view.chosen else phrase("consent.allow"))
        self._allow.setEnabled(view.may_allow)
        key = "consent.allow_which" if view.chosen else "consent.allow_why_not"
        if not isinstance(view.identity, Standing):
            key = f"error.trust_{view.identity}"
        show_words(self._allow, self._allow.setToolTip, "" if view.may_allow else phrase(key))

    def _come(self) -> None:
        """In front, with "No" focused, deaf for a moment: what is typed now was meant for something else."""
        self._deaf.begin()
        area = self.screen().availableGeometry()
        self.resize(min(WIDTH_PX, area.width()), min(HEIGHT_PX, area.height()))
        self.move(area.center() - self.rect().center())
        self.show()
        self.raise_()
        self.activateWindow()
        self._no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go(self) -> None:
        self._deaf.end()
        self._request_id = ""
        self.hide()


def _plain(fill: str, edge: str) -> QWidget:
    made = QWidget()
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    made.setProperty("fill", fill)
    made.setProperty("edge", edge)
    return made
