"""Timeline and composer together."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from shared.ui.chat.composer import Composer, ComposerKind
from shared.ui.chat.shape import AGENT, CUSTOMER
from shared.ui.chat.timeline import Timeline


class ChatPanel(QWidget):
    """Use its parts' signals: `timeline` and `composer`. `between` takes what is docked between the two."""

    def __init__(self, kind: ComposerKind) -> None:
        super().__init__()
        self.timeline = Timeline(CUSTOMER if kind == "customer" else AGENT)
        self.composer = Composer(kind)
        self.between = QVBoxLayout()
        self.between.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.timeline, 1)
        column.addLayout(self.between)
        column.addWidget(self.composer)
        self.setFocusProxy(self.composer)
