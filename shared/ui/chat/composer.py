"""Where messages are written: the customer's with Enter, the engineer's with Ctrl+Enter and a note mode."""

from typing import Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shared.strings import phrase
from shared.ui.chat.composer_edit import ComposerEdit
from shared.ui.chat.png import PngEncoder
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets.button import Button
from shared.ui.widgets.label import Label
from shared.ui.widgets.segmented import Segmented
from shared.ui.words import Words, show_words

MAX_MESSAGE_CHARS: Final = 4000
ComposerKind = Literal["customer", "agent"]
ComposerMode = Literal["reply", "note"]


class Composer(QWidget):
    """`sent(str)` and `noted(str)` carry stripped words and the box is emptied; the two never come from one press.

    `draft_changed(str)` follows each key, `picture_pasted(bytes)` carries PNG, `paths_dropped(list[str])` local files,
    `attach_asked` comes from the button. `tools` takes more buttons beside Attach; `modes` what stands at the right of
    the modes.
    """

    sent = Signal(str)
    noted = Signal(str)
    draft_changed = Signal(str)
    picture_pasted = Signal(bytes)
    paths_dropped = Signal(list)
    attach_asked = Signal()
    mode_changed = Signal(str)

    def __init__(self, kind: ComposerKind, *, max_chars: int = MAX_MESSAGE_CHARS) -> None:
        super().__init__()
        self._kind: ComposerKind = kind
        self._mode: ComposerMode = "reply"
        self._placeholder: Words = phrase("chat.write")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self.setProperty("edge", "top")
        customer = kind == "customer"
        self.edit = ComposerEdit(enter_sends=customer, least_px=40, most_px=132, max_chars=max_chars)
        self.send_button = Button(
            phrase("chat.send"), "primary", "medium" if customer else "small", icon="send", object_name="chat.send"
        )
        self._attach = Button(phrase("chat.attach"), "ghost", "small", icon="paperclip", object_name="chat.attach")
        show_words(self._attach, self._attach.setToolTip, phrase("chat.attach_tip"))
        keys = phrase("chat.shortcut_enter" if customer else "chat.shortcut_ctrl_enter")
        show_words(self.send_button, self.send_button.setToolTip, keys)
        self._too_long = Label("", "small", tone="danger")
        self._too_long.hide()
        self.tools, self.modes = QHBoxLayout(), QHBoxLayout()
        self._segments = Segmented(
            phrase("chat.mode"),
            [("reply", phrase("chat.reply_mode"), "chat"), ("note", phrase("chat.note_mode"), "lock")],
            style="dense",
            object_name="chat.mode",
        )
        self._encoder = PngEncoder(self)
        self.setFocusProxy(self.edit)
        self._lay_out()
        self._connect()
        theme().changed.connect(self._show_mode)
        self._show_mode()
        self._follow_words()

    @property
    def mode(self) -> ComposerMode:
        """Whether words go to the customer or stay among engineers."""
        return self._mode

    def set_mode(self, mode: ComposerMode) -> None:
        """Change it; customers have no note mode (ValueError)."""
        if mode == "note" and self._kind == "customer":
            raise ValueError("customers write no notes")
        if mode == self._mode:
            return
        self._mode = mode
        self._segments.set_value(mode)
        self._show_mode()
        self.mode_changed.emit(mode)

    def words(self) -> str:
        """The draft."""
        return self.edit.toPlainText()

    def set_words(self, words: str) -> None:
        """Put a draft back, with the cursor at its end."""
        if words != self.words():
            self.edit.setPlainText(words)
            self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)

    def set_placeholder(self, words: Words) -> None:
        """Say what is to be written, for instance that it is sent when the connection is back."""
        self._placeholder = words
        self._show_mode()

    def set_open(self, open_: bool) -> None:
        """A closed conversation takes no more words."""
        self.edit.setEnabled(open_)
        self._attach.setEnabled(open_)
        self._follow_words()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_S)
        column.setSpacing(SPACE_S)
        tools = QHBoxLayout()
        tools.setSpacing(0)
        tools.addWidget(self._attach)
        tools.addLayout(self.tools)
        tools.addStretch(1)
        tools.addWidget(self._too_long)
        if self._kind == "customer":
            row = QHBoxLayout()
            row.setSpacing(SPACE_S)
            row.addWidget(self.edit, 1)
            row.addWidget(self.send_button, 0, Qt.AlignmentFlag.AlignBottom)
            column.addLayout(row)
            self._segments.setParent(self)
            self._segments.hide()
        else:
            head = QHBoxLayout()
            head.setSpacing(SPACE_S)
            head.addWidget(self._segments)
            self.modes.addStretch(1)
            head.addLayout(self.modes, 1)
            column.addLayout(head)
            column.addWidget(self.edit)
            tools.addSpacing(SPACE_S)
            tools.addWidget(self.send_button)
        column.addLayout(tools)

    def _connect(self) -> None:
        self.edit.submitted.connect(self._submit)
        self.send_button.clicked.connect(self._submit)
        self.edit.textChanged.connect(self._follow_words)
        self.edit.textChanged.connect(self._tell_draft)
        self.edit.picture_given.connect(self._encoder.encode)
        self._encoder.encoded.connect(self.picture_pasted)
        self.edit.paths_given.connect(self.paths_dropped)
        self._attach.clicked.connect(self.attach_asked)
        self._segments.chosen.connect(self._choose_mode)
        if self._kind == "agent":
            toggle = QShortcut(QKeySequence("Ctrl+Shift+N"), self)
            toggle.setContext(Qt.ShortcutContext.WindowShortcut)
            toggle.activated.connect(self._toggle_mode)

    def _submit(self) -> None:
        words = self.words().strip()
        if not words or self.edit.excess_chars > 0 or not self.edit.isEnabled():
            return
        carrier = self.noted if self._mode == "note" else self.sent
        self.edit.clear()
        carrier.emit(words)

    def _choose_mode(self, mode: str) -> None:
        self.set_mode("note" if mode == "note" else "reply")
        self.edit.setFocus()

    def _toggle_mode(self) -> None:
        self._choose_mode("reply" if self._mode == "note" else "note")

    def _tell_draft(self) -> None:
        self.draft_changed.emit(self.words())

    def _follow_words(self) -> None:
        excess = self.edit.excess_chars
        self._too_long.setVisible(excess > 0)
        if excess > 0:
            self._too_long.set_words(phrase("chat.too_long", count=excess))
        self.send_button.setEnabled(bool(self.words().strip()) and excess <= 0 and self.edit.isEnabled())

    def _show_mode(self) -> None:
        note = self._mode == "note"
        self._segments.set_value(self._mode)
        self.edit.set_placeholder(phrase("chat.write_note") if note else self._placeholder)
        self.edit.setProperty("note", "true" if note else "false")
        self.edit.style().polish(self.edit)
        self.send_button.set_words(phrase("chat.add_note" if note else "chat.send"))
        self.send_button.set_icon("lock" if note else "send")
