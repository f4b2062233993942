"""The shape of every page: head, strips, a body that scrolls, a foot that stays."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from shared.ui.widgets import Footer, PageBody, PageHeader


class Page(QWidget):
    """`strips` lie below the head and push the body down; `body` scrolls; `foot` is pinned."""

    def __init__(self, header: PageHeader, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        self.header = header
        self.strips = QVBoxLayout()
        self.strips.setSpacing(0)
        self.body = PageBody()
        self.foot = Footer()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(header)
        self._column.addLayout(self.strips)
        self._column.addWidget(self.body, 1)
        self._column.addWidget(self.foot)

    def without_foot(self) -> None:
        """A page on which nothing is pinned below."""
        self.foot.hide()

    def entered(self) -> None:
        """The page has just come up: put the focus where the person begins."""
        self.focusNextChild()

    def left(self) -> None:
        """The page is no longer shown."""


def drop(widget: QWidget) -> None:
    """Take a widget away at once; it is deleted when the event that it may be in the middle of is over."""
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


def emptied(box: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (item := box.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            drop(widget)
