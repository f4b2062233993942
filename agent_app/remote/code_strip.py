"""The strip of the remote window that asks to compare the short code, and the chip that says who vouches for whom."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.remote.introduction import TrustView
from shared.rules.shortcode import grouped
from shared.rules.trust import State
from shared.strings import Phrase, clock, phrase, text
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets import Button, Chip, IconMark, Label
from shared.ui.words import show_words

_TASKS: Final[dict[State, str]] = {
    "comparing": "trust.compare_agent",
    "here": "trust.waits_agent",
    "there": "trust.waits_here",
}


class CodeStrip(QWidget):
    """`same` and `differs`: what the person says about the two codes."""

    same = Signal()
    differs = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("remote.code-strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._code = Label("", "title", weight=600)
        self._code.setObjectName("remote.code")
        self._task, self._key = Label("", "body", wrap=True), Label("", "small", tone="muted", wrap=True)
        self._yes = Button(phrase("trust.same"), "primary", "small", object_name="remote.code-same")
        self._no = Button(phrase("trust.differs"), "danger-outline", "small", object_name="remote.code-differs")
        self._yes.clicked.connect(self.same)
        self._no.clicked.connect(self.differs)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._task)
        words.addWidget(self._key)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_L, SPACE_S, SPACE_L, SPACE_S)
        row.setSpacing(SPACE_M)
        row.addWidget(IconMark("shield", 20, "warn"))
        row.addWidget(self._code)
        row.addLayout(words, 1)
        row.addWidget(self._yes)
        row.addWidget(self._no)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def _restyle(self) -> None:
        self.setStyleSheet(f"CodeStrip {{ background: {theme().colour('warn_soft').name()}; }}")

    def show_trust(self, trust: TrustView) -> None:
        """There only while somebody has to compare."""
        self.setVisible(trust.waits_for_people)
        task = _TASKS.get(trust.state)
        if task is None:
            return
        self._code.set_words(grouped(trust.code))
        spoken = phrase("trust.spoken_code", code=grouped(trust.code))
        show_words(self._code, self._code.setAccessibleName, spoken)
        self._task.set_words(phrase(task))
        key = phrase("trust.your_key", key=trust.key) if trust.lasting else phrase("trust.key_for_run")
        self._key.set_words(key)
        self._yes.setVisible(trust.state != "here")


def show_chip(chip: Chip, trust: TrustView) -> None:
    """What vouches for the connection now; the code beside it is the one on the customer's banner."""
    chip.setVisible(trust.state != "introducing" or bool(trust.code))
    chip.set_words(_words(trust))
    good = trust.state == "trusted"
    chip.set_tone("ok" if good else "warn", "shield-check" if good else "shield")
    show_words(chip, chip.setToolTip, phrase("trust.code", code=grouped(trust.code)) if trust.code else "")


def _words(trust: TrustView) -> Phrase | Callable[[], str]:
    if trust.state == "failed":
        return phrase("trust.failed")
    if trust.state != "trusted":
        return phrase("trust.unknown_agent" if trust.waits_for_people else "trust.introducing")
    if trust.certified:
        return lambda: _joined(text("trust.certified_agent", organisation=trust.certified), trust.code)
    if trust.compared_ms:
        at = clock(datetime.fromtimestamp(trust.compared_ms / 1000).astimezone())
        return lambda: text("trust.compared_at", code=grouped(trust.code), time=at)
    return lambda: _joined(text("trust.known_agent"), trust.code)


def _joined(words: str, code: str) -> str:
    return text("trust.with_code", words=words, code=grouped(code))
