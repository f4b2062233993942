"""Lines of system information in the reader's language, as widgets and as text."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from shared.control.facts import KEYS_IN_WORDS, WORDS, Fact, Section
from shared.strings import Phrase, phrase, text
from shared.ui.theme import SPACE_M
from shared.ui.widgets import Label


def section_words(section: Section) -> Phrase:
    """What its lines are about."""
    return phrase(f"facts.section_{section.name}")


def key_words(fact: Fact) -> Phrase:
    """What a line says something about."""
    return phrase(f"facts.{fact.key}", name=fact.name)


def value_words(fact: Fact) -> str:
    """What it says, in the language of now."""
    if fact.key not in KEYS_IN_WORDS:
        return fact.value
    parts = fact.value.split(", ")
    return text("facts.joint").join(text(f"facts.word_{part}") if part in WORDS else part for part in parts)


def as_text(sections: Iterable[Section]) -> str:
    """For notes and the clipboard."""
    lines: list[str] = []
    for section in sections:
        lines += ["", section_words(section)()]
        lines += [f"  {key_words(fact)()}: {value_words(fact)}" for fact in section.facts]
    return "\n".join(lines[1:])


class FactLines(QWidget):
    """The lines of one section, two columns."""

    def __init__(self, section: Section, *, key_px: int) -> None:
        super().__init__()
        self._section = section
        self._values = [Label("", "small", wrap=True, selectable=True) for _ in section.facts]
        self._keys = [Label(key_words(fact), "small", tone="muted", wrap=True) for fact in section.facts]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_M)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (key, value, fact) in enumerate(zip(self._keys, self._values, section.facts, strict=True)):
            key.setFixedWidth(key_px)
            value.set_words(_Value(fact))
            grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop)

    def set_faint(self, faint: bool) -> None:
        """Whether the lines look as if they stayed here."""
        for value in self._values:
            value.set_tone("faint" if faint else "text")


class _Value:
    """A value that follows the language."""

    def __init__(self, fact: Fact) -> None:
        self._fact = fact

    def __call__(self) -> str:
        return value_words(self._fact)
