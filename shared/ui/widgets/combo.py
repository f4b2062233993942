"""A choice from a list that drops down, bare or as a form field."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QListView
from typing_extensions import override

from shared.ui.icons import paint_icon
from shared.ui.theme import theme
from shared.ui.widgets.field import Field
from shared.ui.words import Words, render


class Combo(QComboBox):
    """Options are (value, words) pairs; words follow the language. `chosen(str)` comes when a person chooses."""

    chosen = Signal(str)
    left = Signal()

    def __init__(self, options: Sequence[tuple[str, Words]] = (), *, height_px: int = 40) -> None:
        super().__init__()
        self._height_px = height_px
        self._options: tuple[tuple[str, Words], ...] = ()
        self.setView(QListView())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(self._choose)
        theme().changed.connect(self._restyle)
        theme().language_changed.connect(self._relabel)
        self._restyle()
        self.set_options(options)

    def value(self) -> str:
        """The chosen option's value; empty when nothing is chosen."""
        index = self.currentIndex()
        return self._options[index][0] if index >= 0 else ""

    def set_value(self, value: str) -> None:
        """Choose an option without `chosen`; what is not there chooses nothing."""
        self.setCurrentIndex(next((i for i, (each, _) in enumerate(self._options) if each == value), -1))

    def set_options(self, options: Sequence[tuple[str, Words]]) -> None:
        """Replace the options; the chosen value stays chosen where it is still there."""
        kept, self._options = self.value(), tuple(options)
        self.clear()
        self.addItems([render(words) for _, words in self._options])
        if kept:
            self.set_value(kept)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        # A wheel over a form scrolls the form; it must never change an answer.
        event.ignore()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = theme().px(16)
        rect = QRectF(self.width() - side - 10, (self.height() - side) / 2, side, side)
        tone = "muted" if self.isEnabled() else "faint"
        paint_icon(QPainter(self), "chevron-down", rect, theme().colour(tone).name())

    def _choose(self, _index: int) -> None:
        self.chosen.emit(self.value())

    def _relabel(self) -> None:
        for index, (_, words) in enumerate(self._options):
            self.setItemText(index, render(words))

    def _restyle(self) -> None:
        self.setFont(theme().font("body" if self._height_px >= 40 else "small"))
        self.setFixedHeight(theme().px(self._height_px))


class ComboField(Field[Combo]):
    """`value()`, `set_value()`, `set_options()`, `chosen(str)`, `left`."""

    chosen = Signal(str)

    def __init__(
        self,
        label: Words,
        options: Sequence[tuple[str, Words]] = (),
        *,
        placeholder: Words = "",
        hint: Words = "",
        object_name: str = "",
    ) -> None:
        super().__init__(Combo(options), label, hint, object_name)
        self.setFocusProxy(self.control)
        self._placeholder = placeholder
        self.control.setCurrentIndex(-1 if render(placeholder) else 0)
        self.control.chosen.connect(self.chosen)
        self.control.left.connect(self.left)
        theme().language_changed.connect(self._relabel)
        self._relabel()

    def value(self) -> str:
        """The chosen value; empty when nothing is chosen."""
        return self.control.value()

    def set_value(self, value: str) -> None:
        """Choose without `chosen`."""
        self.control.set_value(value)

    def set_options(self, options: Sequence[tuple[str, Words]]) -> None:
        """Replace the options; with a placeholder nothing is chosen for the person."""
        kept = self.value()
        self.control.set_options(options)
        if not kept and render(self._placeholder):
            self.control.setCurrentIndex(-1)

    def _relabel(self) -> None:
        self.control.setPlaceholderText(render(self._placeholder))
