"""What stays blank: a card that says how much, and the window to choose it in."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from customer_client.parts.page import emptied
from customer_client.sharing.area_picker import pick_area
from customer_client.sharing.choosing import Choice, Choosing, HiddenArea, hidden_words
from shared.session.scene_messages import WindowSeen
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S
from shared.ui.widgets import Button, Card, CheckBox, IconMark, Label
from shared.ui.words import show_words

_WIDTH_PX: Final = 420


class CoverCard(Card):
    """In the consent sheet, and wherever something else can be chosen to be seen."""

    def __init__(self, choosing: Choosing) -> None:
        super().__init__("plain", pad=SPACE_M)
        self._choosing = choosing
        self._count = Label("", "small", tone="muted", wrap=True)
        change = Button(phrase("cover.choose"), "ghost", "small", object_name="cover.choose")
        change.clicked.connect(self._open)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(phrase("cover.title"), "body", weight=500))
        words.addWidget(self._count)
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(IconMark("eye-off", 20, "muted"))
        row.addLayout(words, 1)
        row.addWidget(change)
        self.box.addLayout(row)
        forget = choosing.view.watch(lambda choice: self._count.set_words(hidden_words(choice)))
        self.destroyed.connect(lambda: forget())

    def _open(self) -> None:
        CoverWindow(self._choosing, self.window()).show()


class CoverWindow(QDialog):
    """Each window with a tick, each area with its number; what is done here holds at once."""

    def __init__(self, choosing: Choosing, parent: QWidget | None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("cover")
        show_words(self, self.setWindowTitle, phrase("cover.title"))
        self._choosing = choosing
        self._listed: tuple[object, ...] = ()
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACE_S)
        draw = Button(phrase("cover.draw"), "secondary", "small", icon="plus", object_name="cover.draw")
        draw.clicked.connect(self._draw)
        done = Button(phrase("cover.done"), "primary", "small", object_name="cover.done")
        done.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addWidget(draw)
        foot.addStretch(1)
        foot.addWidget(done)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        column.setSpacing(SPACE_M)
        column.addWidget(Label(phrase("cover.explain"), "small", tone="muted", wrap=True))
        column.addLayout(self._list)
        column.addStretch(1)
        column.addLayout(foot)
        self.setMinimumWidth(_WIDTH_PX)
        forget = choosing.view.watch(self._show)
        self.destroyed.connect(lambda: forget())

    def _show(self, choice: Choice) -> None:
        listed = _windows(choice)
        shown = (tuple((each.id, each.title, choice.hides(each)) for each in listed), choice.areas)
        if shown == self._listed:
            return
        self._listed = shown
        emptied(self._list)
        for window in listed:
            self._list.addWidget(self._window_row(window, choice.hides(window)))
        for area in choice.areas:
            self._list.addWidget(self._area_row(area))

    def _window_row(self, window: WindowSeen, hidden: bool) -> QWidget:
        name = window.title if window.app in window.title else f"{window.title} ({window.app})"
        box = CheckBox(name, checked=hidden, object_name=f"cover.window.{window.id}")
        box.toggled.connect(partial(self._choosing.hide_window, window.id))
        return box

    def _area_row(self, hidden: HiddenArea) -> QWidget:
        row, area = QWidget(), hidden.area
        words = phrase("cover.area", number=hidden.number, width=area.width, height=area.height)
        drop = Button(phrase("cover.remove"), "ghost", "small", object_name=f"cover.remove.{hidden.number}")
        drop.clicked.connect(partial(self._choosing.drop_area, hidden.number))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(IconMark("square", 16, "muted"))
        line.addWidget(Label(words, "body"), 1)
        line.addWidget(drop)
        return row

    def _draw(self) -> None:
        """The windows of ours step aside, so that what is to be covered can be seen."""
        aside = [window for window in (self, self.parentWidget()) if window is not None and window.isVisible()]
        for window in aside:
            window.setWindowOpacity(0)

        def back() -> None:
            for window in aside:
                if isValid(window):
                    window.setWindowOpacity(1)

        pick_area(self._choosing.add_area, back)


def _windows(choice: Choice) -> list[WindowSeen]:
    """In an order that stays: those that are hidden first, then as they lie."""
    rest = [window for window in choice.windows if not choice.hides(window)]
    return [*choice.hidden, *sorted(rest, key=lambda window: window.id)]
