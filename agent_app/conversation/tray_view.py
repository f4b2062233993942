"""The pictures that go with the next reply, each with its state and a way out."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from agent_app.conversation.tray import TrayItem
from shared.strings import phrase, size, text
from shared.ui.theme import SPACE_L, SPACE_S, SPACE_XS
from shared.ui.widgets import Button, Card, IconButton, IconMark, Label


class TrayView(QWidget):
    """`removed(key)`, `retried(key)`, `send_asked` for pictures without words. Hidden while empty."""

    removed = Signal(str)
    retried = Signal(str)
    send_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self.setProperty("edge", "top")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACE_L, SPACE_S, SPACE_L, SPACE_S)
        self._row.setSpacing(SPACE_S)
        self._items: tuple[TrayItem, ...] | None = None
        self._send = Button(phrase("chat.send"), "tonal", "tiny", icon="send", object_name="tray.send")
        self._send.clicked.connect(self.send_asked)
        self.show_items(())

    def show_items(self, items: tuple[TrayItem, ...]) -> None:
        """Show these instead."""
        if items == self._items:
            return
        self._items = items
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget is not self._send:
                widget.hide()
                widget.deleteLater()
        for each in items:
            self._row.addWidget(self._plate(each))
        self._row.addStretch(1)
        self._row.addWidget(self._send, 0, Qt.AlignmentFlag.AlignVCenter)
        self._send.setEnabled(bool(items) and all(each.state == "ready" for each in items))
        self.setVisible(bool(items))

    def _plate(self, item: TrayItem) -> Card:
        card = Card("sunken", pad=SPACE_XS, spacing=SPACE_XS, horizontal=True)
        icon, tone = {"uploading": ("upload", "muted"), "ready": ("check", "ok"), "failed": ("warning", "danger")}[
            item.state
        ]
        card.box.addWidget(IconMark(icon, 16, "ok" if tone == "ok" else "danger" if tone == "danger" else "muted"))
        words = Label(text("chat.file_line", name=item.name, size=size(item.size_bytes)), "small")
        if item.problem is not None:
            words.setToolTip(item.problem())
        card.box.addWidget(words)
        if item.state == "failed":
            again = IconButton("refresh", phrase("desk.try_again"), side_px=24, icon_px=16)
            again.clicked.connect(lambda: self.retried.emit(item.key))
            card.box.addWidget(again)
        cross = IconButton("x", phrase("common.dismiss"), side_px=24, icon_px=16)
        cross.clicked.connect(lambda: self.removed.emit(item.key))
        card.box.addWidget(cross)
        return card
