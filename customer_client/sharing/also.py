"""What else the engineers may do besides seeing and controlling, each with a button that takes it back."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from customer_client.desk.words import name_of
from customer_client.parts.page import emptied
from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.view import SharingView, Watcher
from shared.protocol.types import Capability
from shared.strings import phrase, text
from shared.ui.icons import icon_pixmap, make_icon
from shared.ui.theme import DARK, theme
from shared.ui.words import name_widget, show_words

_ICONS: Final[dict[Capability, str]] = {
    "point": "pencil",
    "audio": "mic",
    "record": "record",
    "clipboard.read": "clipboard",
    "clipboard.write": "clipboard",
    "files.send": "download",
    "files.receive": "upload",
    "sysinfo": "gauge",
    "restart": "refresh",
}
_COLUMNS: Final = 2
_Row = tuple[Watcher, Capability]
_Told = tuple[str, Capability, bool]


class AlsoRows(QWidget):
    """Two a line; hidden while there is nothing to tell."""

    def __init__(self, presenter: SharingPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._told: list[_Told] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self.hide()

    def show_view(self, view: SharingView) -> bool:
        """Show how things stand; whether there is more or less to tell than before."""
        rows: list[_Row] = [(watcher, capability) for watcher in view.watchers for capability in watcher.also]
        told: list[_Told] = [(one.person.id, capability, view.drawn) for one, capability in rows]
        if told == self._told:
            return False
        self._told = told
        emptied(self._grid)
        made = [self._row(row) for row in rows]
        if view.drawn:
            wipe = _button("trash", "banner.wipe", self._presenter.wipe_drawings)
            show_words(wipe, wipe.setText, phrase("sharing.wipe"))
            made.append(wipe)
        for at, widget in enumerate(made):
            self._grid.addWidget(widget, at // _COLUMNS, at % _COLUMNS, Qt.AlignmentFlag.AlignLeft)
        self.setVisible(bool(made))
        return True

    def _row(self, row: _Row) -> QWidget:
        watcher, capability = row
        made, icon, words = QWidget(), QLabel(), QLabel()
        ink = DARK.danger if capability == "record" else DARK.text
        icon.setPixmap(icon_pixmap(_ICONS.get(capability, "shield"), 16, ink, self.devicePixelRatioF()))
        words.setFont(theme().font("small"))
        words.setStyleSheet(f"color: {DARK.text};")
        says = _may(watcher, capability)
        show_words(words, words.setText, says)
        name_widget(made, says, f"banner.also.{capability}")
        line = QHBoxLayout(made)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(icon)
        line.addWidget(words)
        take = partial(self._presenter.take_back, watcher.person.id, capability)
        back = _button("x", f"banner.take-back.{capability}", take)
        back.setFixedWidth(28)
        show_words(back, back.setToolTip, phrase("sharing.take_one_back"))
        name_widget(back, lambda: text("sharing.take_back_what", what=says()))
        line.addWidget(back)
        return made


def _may(watcher: Watcher, capability: Capability) -> Callable[[], str]:
    key = f"sharing.also_{capability.replace('.', '_')}"
    return lambda: text(key, who=name_of(watcher.person)())


def _button(icon: str, name: str, press: Callable[[], None]) -> QPushButton:
    button = QPushButton()
    button.setObjectName(name)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setFixedHeight(28)
    button.setIcon(make_icon(icon, 14, DARK.text, DARK.muted))
    button.setIconSize(QSize(14, 14))
    button.setFont(theme().font("small"))
    button.setStyleSheet(
        f"QPushButton {{ color: {DARK.text}; background: transparent; border: 1px solid {DARK.faint};"
        f" border-radius: 6px; padding: 0 6px; }} QPushButton:hover {{ border-color: {DARK.text}; }}"
    )
    button.clicked.connect(lambda: press())
    return button
