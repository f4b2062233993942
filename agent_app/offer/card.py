"""The offer card: over the page, at the upper right. It never takes the focus, so typing answers nothing."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget
from typing_extensions import override

from agent_app.offer.presenter import DECLINE_REASONS, DeclineReason, OfferCard, OfferPresenter
from agent_app.parts.facts import FactsGrid
from shared.strings import phrase, text, timer
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets import (
    Avatar,
    Button,
    Card,
    Chip,
    CountdownRing,
    ElidedLabel,
    KeyHint,
    Label,
    Rule,
    Strip,
    vip_chip,
)

_WIDTH_PX = 560
_TOP_PX = 60
"""Below the top bar, so that the state stays in sight."""
_URGENT_S = 5
_TICK_MS = 250


class OfferPanel(QFrame):
    """`host` is the widget it lies over. The ring runs on its own timer while the card is there."""

    def __init__(self, host: QWidget, presenter: OfferPresenter, now: Callable[[], int]) -> None:
        super().__init__(host)
        self._host, self._presenter, self._now = host, presenter, now
        self._card: OfferCard | None = None
        self.setProperty("card", "offer")
        self.setObjectName("offer")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._ring = CountdownRing(56, urgent_s=_URGENT_S)
        self._title = Label(phrase("offer.title"), "lead", weight=600)
        self._left = Label("", "small", tone="text", wrap=True)
        self._waiting = Label("", "body", weight=600)
        self._avatar = Avatar(" ", "customer", 32)
        self._name = ElidedLabel("", "body", weight=600)
        self._vip = vip_chip("")
        self._subject = ElidedLabel("", "small", tone="muted")
        self._ticket = Chip(" ", "outline")
        self._facts = FactsGrid(2, label_px=80)
        self._earlier = Label("", "small", tone="muted", wrap=True)
        self._why = Strip("ok", "", lead=phrase("offer.why_lead"), icon="route", rounded=True, object_name="offer.why")
        self._problem = Strip("danger", rounded=True, object_name="offer.problem")
        self._more = Label("", "small", tone="muted", wrap=True)
        self._decline = Button(phrase("offer.decline"), "secondary", "small", icon="chevron-down")
        self._accept = Button(phrase("offer.accept"), "primary", "small", icon="chat")
        self._prepare_buttons()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._count_down)
        host.installEventFilter(self)
        self.hide()
        presenter.view.watch(self._show)

    def open_reasons(self) -> None:
        """Show the reasons for declining, as Ctrl+Shift+D does."""
        if self._card is None or self._card.ended is not None or self._card.busy:
            return
        menu = QMenu(self)
        menu.setObjectName("offer.reasons")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for reason in DECLINE_REASONS:
            menu.addAction(text(f"offer.reason_{reason}")).triggered.connect(self._declining(reason))
        menu.popup(self._decline.mapToGlobal(QPoint(0, self._decline.height() + 4)))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _declining(self, reason: DeclineReason) -> Callable[[], None]:
        return lambda: self._presenter.decline(reason)

    def _prepare_buttons(self) -> None:
        for button, name in ((self._decline, "offer.decline"), (self._accept, "offer.accept")):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setObjectName(name)
        self._accept.clicked.connect(self._presenter.accept)
        self._decline.clicked.connect(self.open_reasons)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addLayout(self._body())
        column.addWidget(self._foot())

    def _head(self) -> QWidget:
        head = QWidget()
        head.setObjectName("offer.head")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._left)
        waiting = QVBoxLayout()
        waiting.setSpacing(0)
        label = Label(phrase("offer.waiting"), "small", tone="muted")
        for widget in (label, self._waiting):
            widget.setAlignment(Qt.AlignmentFlag.AlignRight)
            waiting.addWidget(widget)
        row = QHBoxLayout(head)
        row.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        row.setSpacing(SPACE_M)
        row.addWidget(self._ring)
        row.addLayout(words, 1)
        row.addLayout(waiting)
        self._head_plate = head
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme().changed.connect(self._restyle)
        self._restyle()
        return head

    def _body(self) -> QVBoxLayout:
        name = QHBoxLayout()
        name.setSpacing(SPACE_S)
        name.addWidget(self._name)
        name.addWidget(self._vip)
        name.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(name)
        words.addWidget(self._subject)
        who = QHBoxLayout()
        who.setSpacing(SPACE_M)
        who.addWidget(self._avatar)
        who.addLayout(words, 1)
        who.addWidget(self._ticket)
        body = QVBoxLayout()
        body.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        body.setSpacing(SPACE_M)
        body.addLayout(who)
        body.addWidget(Rule())
        for widget in (self._facts, self._earlier, self._why, self._problem):
            body.addWidget(widget)
        return body

    def _foot(self) -> Card:
        foot = Card("sunken", pad=SPACE_M, spacing=SPACE_S, horizontal=True)
        foot.box.addWidget(self._more, 1)
        for key, button in (("offer.decline_keys", self._decline), ("offer.accept_keys", self._accept)):
            foot.box.addWidget(button)
            foot.box.addWidget(KeyHint(phrase(key)))
        return foot

    def _show(self, card: OfferCard | None) -> None:
        old, self._card = self._card, card
        if card is None:
            self._timer.stop()
            self.hide()
            return
        self._fill(card)
        self._answers(card)
        self._count_down()
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        if old is None or old.conversation_id != card.conversation_id:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _fill(self, card: OfferCard) -> None:
        self.setAccessibleName(text("offer.card", name=card.name))
        self._avatar.set_person(card.name, "vip" if card.vip else "customer")
        self._name.set_words(card.name)
        self._vip.setVisible(card.vip)
        self._subject.set_words(f"{card.subject}, {card.group}" if card.group else card.subject)
        self._ticket.setVisible(bool(card.ticket))
        self._ticket.set_words(card.ticket)
        self._facts.set_facts((*card.facts, *card.system))
        self._earlier.set_words(lambda: _earlier(card))
        self._why.say(card.why, lead=phrase("offer.why_lead"), icon="route")
        self._more.set_words(phrase("offer.more", count=card.more) if card.more else "")

    def _answers(self, card: OfferCard) -> None:
        over = card.ended is not None
        self._accept.set_busy(card.busy)
        for button in (self._accept, self._decline):
            button.setEnabled(not over and not card.busy)
        problem = card.ended or card.problem
        self._problem.setVisible(problem is not None)
        if problem is not None:
            self._problem.say(problem, tone="warn" if over else "danger")

    def _count_down(self) -> None:
        card = self._card
        if card is None:
            return
        now_ms = self._now()
        left_s = 0.0 if card.ended else max(0.0, (card.deadline_ms - now_ms) / 1000)
        self._ring.set_left(left_s, card.window_s)
        self._left.set_words(phrase("offer.left", left=int(left_s), window=card.window_s))
        self._waiting.set_words(timer((now_ms - card.waiting_since_ms) / 1000))

    def _place(self) -> None:
        host = self._host
        width = min(theme().px(_WIDTH_PX), host.width() - 2 * SPACE_L)
        self.setFixedWidth(width)
        layout = self.layout()
        wanted = layout.totalHeightForWidth(width) if layout is not None else 0
        height = min(max(wanted, self.minimumSizeHint().height()), host.height() - theme().px(_TOP_PX) - SPACE_L)
        self.setGeometry(host.width() - width - SPACE_L, theme().px(_TOP_PX), width, height)

    def _restyle(self) -> None:
        tokens = theme().tokens
        self._head_plate.setStyleSheet(
            f"#offer\\.head {{ background: {tokens.accent_soft}; border-top-left-radius: 6px;"
            " border-top-right-radius: 6px; }"
        )


def _earlier(card: OfferCard) -> str:
    if not card.earlier:
        return text("offer.earlier_none")
    names = ", ".join(f"{each.number} {each.subject}" for each in card.earlier)
    return f"{text('offer.earlier')}: {names}"
