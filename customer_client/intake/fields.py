"""Form fields built from an organisation's form, and their answers as text."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from customer_client.desk.words import Localised
from customer_client.intake.presenter import EMAIL_FIELD, NAME_FIELD
from shared.protocol.messages.organisation import FormField
from shared.strings import phrase
from shared.ui.theme import SPACE_S, SPACE_XS
from shared.ui.widgets import ComboField, Label, Segmented, TextArea, TextField
from shared.ui.widgets.icon_mark import IconMark
from shared.ui.words import Words, show_words

_SEGMENTS_MOST = 3
_SEGMENT_CHARS = 12
_NAMES = {NAME_FIELD: "intake.name", EMAIL_FIELD: "intake.email"}


class FormControl:
    """One question on screen. `answered(key, value)` and `left(key)` are told to whoever builds it."""

    def __init__(self, field: FormField, answered: Callable[[str, str], None], left: Callable[[str], None]) -> None:
        self.key = field.key
        self._control = _build(field)
        self.widget: QWidget = self._control
        control = self._control
        if isinstance(control, TextField | TextArea):
            control.changed.connect(self._tell)
            control.left.connect(self._leave)
        elif isinstance(control, ComboField):
            control.chosen.connect(self._tell)
            control.left.connect(self._leave)
        else:
            control.segments.chosen.connect(self._tell)
        self._answered, self._left = answered, left

    def _tell(self) -> None:
        self._answered(self.key, self._control.value())

    def _leave(self) -> None:
        self._left(self.key)

    def set_value(self, value: str) -> None:
        """Show an answer; what is there already is left alone."""
        if self._control.value() != value:
            self._control.set_value(value)

    def set_error(self, words: Words) -> None:
        """Say what is wrong, or nothing."""
        self._control.set_error(words)

    def set_hint(self, words: Words) -> None:
        """Say something below."""
        if isinstance(self._control, TextField | TextArea):
            self._control.set_hint(words)

    def focus(self) -> None:
        """Put the cursor here."""
        control = self._control
        (control.segments if isinstance(control, SegmentField) else control.control).setFocus()


class SegmentField(QWidget):
    """A few short choices side by side, with label and error line."""

    def __init__(self, label: Words, options: list[tuple[str, Words]], object_name: str) -> None:
        super().__init__()
        self.segments = Segmented(label, options, object_name=object_name)
        self._line = Label("", "small", tone="danger", wrap=True)
        self._mark = IconMark("warning", 16, "danger")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_XS)
        column.addWidget(Label(label, "body", weight=500))
        column.addWidget(self.segments)
        below = QHBoxLayout()
        below.setSpacing(SPACE_S)
        below.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._line, 1)
        column.addLayout(below)
        self._mark.hide()
        self._line.hide()

    def value(self) -> str:
        """The chosen value."""
        return self.segments.value()

    def set_value(self, value: str) -> None:
        """Choose without telling."""
        self.segments.set_value(value)

    def set_error(self, words: Words) -> None:
        """Say what is wrong, or nothing."""
        self._line.set_words(words)
        self._line.setVisible(bool(words))
        self._mark.setVisible(bool(words))
        show_words(self.segments, self.segments.setAccessibleDescription, words)


def _build(field: FormField) -> TextField | TextArea | ComboField | SegmentField:
    label: Words = phrase(_NAMES[field.key]) if field.key in _NAMES else Localised(field.label)
    name = f"intake.{field.key}"
    hint: Words = "" if field.required else phrase("intake.optional")
    if field.kind == "paragraph":
        return TextArea(label, hint=hint, lines=4, max_chars=field.max_length, object_name=name)
    if field.kind != "choice":
        return TextField(label, hint=hint, max_chars=field.max_length, object_name=name)
    options: list[tuple[str, Words]] = [(choice.value, Localised(choice.label)) for choice in field.choices]
    short = all(len(text) <= _SEGMENT_CHARS for choice in field.choices for text in choice.label.values())
    if short and len(options) <= _SEGMENTS_MOST:
        return SegmentField(label, options, name)
    return ComboField(label, options, placeholder=phrase("intake.choose"), hint=hint, object_name=name)
