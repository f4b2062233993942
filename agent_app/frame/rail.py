"""The rail at the left: only the pages that exist."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from agent_app.frame.presenter import PAGES, FrameView, Page
from agent_app.parts.tile_button import TileButton
from shared.strings import phrase
from shared.ui.theme import SPACE_XS, theme
from shared.ui.words import name_widget

_ICONS: Final[dict[Page, str]] = {"inbox": "inbox", "queue": "list", "tickets": "ticket", "knowledge": "book"}


class Rail(QWidget):
    """`chosen(str)` when a page is clicked."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self.setProperty("edge", "right")
        name_widget(self, phrase("frame.rail"), "rail")
        self._group = QButtonGroup(self)
        self._buttons: dict[Page, TileButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_XS, SPACE_XS, SPACE_XS, SPACE_XS)
        column.setSpacing(SPACE_XS)
        for number, page in enumerate(PAGES, 1):
            words = phrase(f"frame.page_{page}")
            button = TileButton(
                _ICONS[page], words, width_px=72, height_px=52, tone="muted", checkable=True, object_name=f"rail.{page}"
            )
            button.explain(lambda words=words, number=number: phrase("frame.page_tip", page=words(), number=number)())
            self._group.addButton(button, number - 1)
            self._buttons[page] = button
            column.addWidget(button)
        column.addStretch(1)
        self._group.idClicked.connect(self._choose)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_view(self, view: FrameView) -> None:
        """The current page and its neighbours' counts."""
        self._buttons[view.page].setChecked(True)
        self._buttons["inbox"].set_badge(view.inbox_waiting, "danger")
        self._buttons["queue"].set_badge(view.queue)

    def _choose(self, index: int) -> None:
        self.chosen.emit(PAGES[index])

    def _restyle(self) -> None:
        self.setFixedWidth(theme().px(80))
