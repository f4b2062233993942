"""Frames that group things, and the line between them."""

from typing import Literal

from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from shared.ui.theme import SPACE_L

CardKind = Literal["plain", "list", "floating", "offer", "sunken"]


class Card(QFrame):
    """A frame with its own layout (`box`). `list` holds rows without padding; `sunken` is a quiet remark."""

    def __init__(
        self,
        kind: CardKind = "plain",
        *,
        pad: int = SPACE_L,
        spacing: int = 0,
        horizontal: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("card", kind)
        self.box: QBoxLayout = QHBoxLayout(self) if horizontal else QVBoxLayout(self)
        edge = 0 if kind == "list" else pad
        self.box.setContentsMargins(edge, edge, edge, edge)
        self.box.setSpacing(spacing)


class Rule(QFrame):
    """A line of 1 px."""

    def __init__(self, direction: Literal["horizontal", "vertical"] = "horizontal") -> None:
        super().__init__()
        self.setProperty("rule", direction)
