"""Rows that can be pressed: a request with its steps, an article."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLayout, QVBoxLayout, QWidget
from typing_extensions import override

from customer_client.desk.steps import RequestLine
from customer_client.parts.page import emptied
from shared.protocol.messages.knowledge import ArticleHit
from shared.strings import phrase, render
from shared.ui.theme import RADIUS, SPACE_M, SPACE_S, theme
from shared.ui.widgets import Card, Chip, ElidedLabel, IconMark, Label, Rule, ThinSteps
from shared.ui.widgets.focus import ring_on_focus
from shared.ui.words import Words, name_widget


class RowButton(QAbstractButton):
    """A whole row as one button: hover tint, focus ring, Enter and Space press it. `fill` puts in what it shows."""

    def __init__(self, name: Words, object_name: str) -> None:
        super().__init__()
        name_widget(self, name, object_name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        ring_on_focus(self, RADIUS)
        theme().changed.connect(self.update)

    def fill(self, layout: QLayout) -> None:
        """Take a layout whose widgets do not answer to the mouse themselves."""
        self.setLayout(layout)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @override
    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout else QSize(100, 48)

    @override
    def event(self, e: QEvent) -> bool:
        if e.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(e)

    @override
    def paintEvent(self, e: QPaintEvent) -> None:
        if self.underMouse() or self.isDown():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("sunken"))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), RADIUS - 1, RADIUS - 1)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return False


class RequestRow(RowButton):
    """64 px: subject and number, thin steps, who and which step."""

    def __init__(self, line: RequestLine) -> None:
        name = phrase(
            "requests.row", subject=line.subject, number=line.number, step=line.reached, name=render(line.step)
        )
        super().__init__(name, f"request.{line.conversation_id}")
        column = QVBoxLayout()
        column.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(ElidedLabel(line.subject, "body", weight=500), 1)
        if line.waiting_for_you:
            head.addWidget(Chip(phrase("requests.answer_needed"), "warn"))
        else:
            head.addWidget(Label(line.number, "small", tone="muted"))
        steps = ThinSteps()
        steps.set_step(line.reached, 4, line.step, waiting_for_you=line.waiting_for_you)
        foot = QHBoxLayout()
        foot.addWidget(ElidedLabel(line.who, "small", tone="muted"), 1)
        right: Words = phrase("requests.step", step=line.reached, name=render(line.step))
        foot.addWidget(Label(line.number if line.waiting_for_you else right, "small", tone="muted"))
        column.addLayout(head)
        column.addWidget(steps)
        column.addLayout(foot)
        self.fill(column)


class ArticleRow(RowButton):
    """48 px: icon, title, how long it takes."""

    def __init__(self, hit: ArticleHit, reading: Words) -> None:
        super().__init__(hit.title, f"article.{hit.article_id}")
        row = QHBoxLayout()
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_M)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(hit.title, "body", weight=500))
        words.addWidget(ElidedLabel(reading, "small", tone="muted"))
        row.addWidget(IconMark("document", 20, "muted"))
        row.addLayout(words, 1)
        row.addWidget(IconMark("chevron-right", 16, "muted"))
        self.fill(row)


class RowCard(Card):
    """Rows in one frame with lines between them; `put` shows others."""

    def __init__(self) -> None:
        super().__init__("list")

    def put(self, rows: list[QWidget]) -> None:
        """Show these rows in place of the ones there are; none hides the frame."""
        emptied(self.box)
        for place, row in enumerate(rows):
            if place:
                self.box.addWidget(Rule())
            self.box.addWidget(row)
        self.setVisible(bool(rows))
