"""Head and foot of a page: the head is 56 px with title and subtitle, the foot stays while the body scrolls."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S, theme
from shared.ui.widgets.chip import SampleTag
from shared.ui.widgets.elided import ElidedLabel
from shared.ui.widgets.icon_button import IconButton
from shared.ui.words import Words


class PageHeader(QWidget):
    """`back` comes from the back button. `lead` takes a widget before the title, `tail` buttons after it."""

    back = Signal()

    def __init__(
        self, title: Words, subtitle: Words = "", *, back: bool = True, sample: bool = False, object_name: str = ""
    ) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self.setProperty("edge", "bottom")
        self._title = ElidedLabel(title, "body", weight=600)
        self._subtitle = ElidedLabel(subtitle, "small", tone="muted")
        self._sample = SampleTag()
        self.set_sample(sample)
        self.lead = QHBoxLayout()
        self.tail = QHBoxLayout()
        self.tail.setSpacing(SPACE_S)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_S if back else SPACE_L, 0, SPACE_L, 0)
        row.setSpacing(SPACE_S if back else SPACE_M)
        if back:
            button = IconButton("chevron-left", phrase("common.back"), object_name="page.back")
            button.clicked.connect(self.back)
            row.addWidget(button)
        row.addLayout(self.lead)
        row.addLayout(self._words(), 1)
        row.addLayout(self.tail)
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_title(self, title: Words, subtitle: Words = "") -> None:
        """Show another title and subtitle."""
        self._title.set_words(title)
        self._subtitle.set_words(subtitle)

    def set_sample(self, sample: bool) -> None:
        """Show or hide the tag that says that the data is invented."""
        self._sample.setVisible(sample)

    def _words(self) -> QVBoxLayout:
        below = QHBoxLayout()
        below.setSpacing(SPACE_S)
        below.addWidget(self._subtitle)
        below.addWidget(self._sample)
        below.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._title)
        words.addLayout(below)
        words.addStretch(1)
        return words

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(56))


class Footer(QWidget):
    """A pinned foot with its own column (`box`)."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self.setProperty("edge", "top")
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        self.box.setSpacing(SPACE_S)


class PageBody(QScrollArea):
    """What scrolls between head and foot; put things into `box`."""

    def __init__(self, *, edge: int = SPACE_L, spacing: int = SPACE_L) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setObjectName("page.body")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside.setProperty("fill", "bg")
        self.box = QVBoxLayout(inside)
        self.box.setContentsMargins(edge, edge, edge, edge)
        self.box.setSpacing(spacing)
        self.setWidget(inside)
