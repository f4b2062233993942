"""What the picture is of: a tab for each monitor and one for all of them, or the name of the one window."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from agent_app.remote.presenter import RemoteView
from shared.rules.sharing import Pane
from shared.session.channel import LayoutChanged
from shared.strings import Phrase, Words, phrase
from shared.ui.theme import SPACE_S
from shared.ui.widgets import Chip, Segmented

_ALL = "all"


class PartTabs(QWidget):
    """`chosen(part, size)`: show this part of a picture of this size; None for all of it. Each agent for themself."""

    chosen = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._layout: LayoutChanged | None = None
        self._source = Chip(" ", "accent", icon="monitor")
        self._tabs: Segmented | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE_S)
        self._row.addWidget(self._source)

    def show_view(self, view: RemoteView) -> None:
        """Show what is shared now; the choice of a monitor that is gone is a choice no more."""
        layout = view.layout
        many = layout is not None and len(layout.panes) > 1
        self._source.setVisible(view.width > 0 and not many)
        self._source.set_words(_words(view))
        self._source.set_tone("accent", "window" if layout is not None and layout.window else "monitor")
        if layout != self._layout:
            before = self._tabs.value() if self._tabs is not None else _ALL
            self._layout = layout
            self._rebuild(layout if many else None, before)

    def _rebuild(self, layout: LayoutChanged | None, before: str) -> None:
        if self._tabs is not None:
            self._tabs.hide()
            self._tabs.deleteLater()
            self._tabs = None
        if layout is not None:
            tabs: list[tuple[str, Words]] = []
            tabs.extend((pane.id, _name(place, pane)) for place, pane in enumerate(layout.panes, 1))
            tabs.append((_ALL, phrase("remote.all_monitors")))
            self._tabs = Segmented(phrase("remote.monitors"), tabs, style="dense", object_name="remote.part")
            self._tabs.set_value(before if before in {pane.id for pane in layout.panes} else _ALL)
            self._tabs.chosen.connect(self._choose)
            self._row.addWidget(self._tabs)
        self._choose(self._tabs.value() if self._tabs is not None else _ALL)

    def _choose(self, value: str) -> None:
        layout = self._layout
        if layout is not None:
            part = next((pane.area for pane in layout.panes if pane.id == value), None)
            self.chosen.emit(part, (layout.width, layout.height))


def _name(place: int, pane: Pane) -> Phrase:
    return phrase("remote.monitor_tab", number=place, name=pane.name, width=pane.area.width, height=pane.area.height)


def _words(view: RemoteView) -> Words:
    layout = view.layout
    if layout is not None and not layout.panes:
        return phrase("remote.nothing_shared")
    if layout is not None and layout.away:
        return phrase("remote.window_away", name=layout.panes[0].name)
    name = layout.panes[0].name if layout is not None and len(layout.panes) == 1 else view.source
    if name:
        return phrase("remote.source", name=name, width=view.width, height=view.height)
    return phrase("remote.size", width=view.width, height=view.height)
