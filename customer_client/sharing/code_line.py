"""The banner's words about who the engineers are: the line with the code, and the row that asks to compare it.

Both lie in the banner, which is left out of the shared picture and reached by no remote input: only the person here
can say that the codes are the same.
"""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from customer_client.desk.words import name_of
from customer_client.sharing.introductions import Introduction
from shared.rules.shortcode import grouped
from shared.strings import language, phrase, text
from shared.ui.icons import icon_pixmap
from shared.ui.theme import DARK, theme
from shared.ui.words import Words, show_words

_ICON_PX: Final = 16


class TrustLine(QWidget):
    """Shield, who vouches for the engineer, and the code that they see too."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner.trust")
        self._icon, self._words, self._code = QLabel(), QLabel(), QLabel()
        self._icon.setFixedSize(QSize(_ICON_PX, _ICON_PX))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for label in (self._icon, self._words, self._code):
            row.addWidget(label)
        row.addStretch(1)

    def show_people(self, people: Sequence[Introduction]) -> None:
        """Those who are vouched for; of several the newest is told."""
        known = [each for each in people if each.state == "trusted"]
        self.setVisible(bool(known))
        if not known:
            return
        newest, look = known[-1], theme()
        self._icon.setPixmap(icon_pixmap("shield-check", _ICON_PX, DARK.ok, self.devicePixelRatioF()))
        self._words.setFont(look.font("small"))
        self._code.setFont(look.font("small", 600))
        self._code.setStyleSheet(f"color: {DARK.text};")
        show_words(self._words, self._words.setText, _vouched(newest))
        code = phrase("trust.code", code=grouped(newest.code))
        show_words(self._code, self._code.setText, code if newest.code else "")


class CodeRow(QWidget):
    """The code in large figures, what to do with it, and two answers."""

    def __init__(self, confirm: Callable[[str], None], deny: Callable[[str], None]) -> None:
        super().__init__()
        self._agent_id = ""
        self.said: tuple[str, ...] = ()
        """What is shown, for whoever makes room for it."""
        self.setObjectName("banner.code-row")
        self._figures, self._words = QLabel(), QLabel()
        self._words.setWordWrap(True)
        self._figures.setObjectName("banner.code")
        self._same = _button("banner.code-same", phrase("trust.same"), strong=True)
        self._differs = _button("banner.code-differs", phrase("trust.differs"), strong=False)
        self._same.clicked.connect(lambda: confirm(self._agent_id))
        self._differs.clicked.connect(lambda: deny(self._agent_id))
        words = QVBoxLayout()
        words.addWidget(self._words, 1, Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(16)
        row.addWidget(self._figures)
        row.addLayout(words, 1)
        row.addWidget(self._same)
        row.addWidget(self._differs)
        self.hide()

    def show_first(self, people: Sequence[Introduction]) -> None:
        """One after the other, if there are several to be compared with."""
        self.setVisible(bool(people))
        self.said = (people[0].code, people[0].state, language()) if people else ()
        if not people:
            return
        first, look = people[0], theme()
        self._agent_id = first.person.id
        self._figures.setFont(look.font("hero", 600))
        self._figures.setStyleSheet(f"color: {DARK.text};")
        self._figures.setText(grouped(first.code))
        spoken = phrase("trust.spoken_code", code=grouped(first.code))
        show_words(self._figures, self._figures.setAccessibleName, spoken)
        self._words.setFont(look.font("small"))
        self._words.setStyleSheet(f"color: {DARK.text};")
        show_words(self._words, self._words.setText, _task(first))
        self._same.setVisible(first.state != "here")
        self._same.setFont(look.font("small", 600))
        self._differs.setFont(look.font("small", 600))


def _vouched(person: Introduction) -> Words:
    standing = person.standing
    if standing is not None and standing.kind == "certified":
        return phrase("trust.certified_agent", organisation=standing.organisation)
    return phrase("trust.compared")


def _task(person: Introduction) -> Words:
    key = {"here": "trust.waits_customer", "there": "trust.waits_here"}.get(person.state, "trust.compare_customer")
    return lambda: text(key, who=name_of(person.person)())


def _button(object_name: str, words: Words, *, strong: bool) -> QPushButton:
    button = QPushButton()
    button.setObjectName(object_name)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setFixedHeight(36)
    ink, fill, edge = (DARK.on_accent, DARK.accent, DARK.accent) if strong else (DARK.text, "transparent", DARK.faint)
    button.setStyleSheet(
        f"QPushButton {{ color: {ink}; background: {fill}; border: 1px solid {edge}; border-radius: 8px;"
        f" padding: 0 14px; }} QPushButton:hover {{ border-color: {DARK.text}; }}"
    )
    show_words(button, button.setText, words)
    return button
