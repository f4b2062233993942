"""One figure with its name and what it means."""

from shared.ui.theme import SPACE_M, Tone
from shared.ui.widgets.card import Card
from shared.ui.widgets.elided import ElidedLabel
from shared.ui.widgets.label import Label
from shared.ui.words import Words, render


class StatTile(Card):
    """A name of 12 px, a figure of 28 px, a remark in a tone."""

    def __init__(self, name: Words, figure: Words = "", remark: Words = "", tone: Tone = "muted") -> None:
        super().__init__("list")
        self.box.setContentsMargins(SPACE_M, 8, SPACE_M, 8)
        self._name = name
        self._figure = Label(figure, "hero", weight=600)
        self._remark = ElidedLabel(remark, "small", tone=tone)
        self.box.addWidget(ElidedLabel(name, "small", tone="muted"))
        self.box.addWidget(self._figure)
        self.box.addWidget(self._remark)
        self.set_figure(figure, remark, tone)

    def set_figure(self, figure: Words, remark: Words = "", tone: Tone = "muted") -> None:
        """Show another figure and remark."""
        self._figure.set_words(figure)
        self._remark.set_words(remark)
        self._remark.set_tone(tone)
        self.setAccessibleName(f"{render(self._name)}: {render(figure)}. {render(remark)}")
