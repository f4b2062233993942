"""The knowledge page."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agent_app.knowledge.presenter import KnowledgePresenter
from agent_app.knowledge.search_box import ArticleSearch
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_M
from shared.ui.widgets import Label


class KnowledgePage(QWidget):
    """A title, a search field, what it finds."""

    def __init__(self, presenter: KnowledgePresenter) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "bg")
        self._search = ArticleSearch(presenter, phrase("knowledge.search"), dense=False, object_name="knowledge.search")
        self._search.setMaximumWidth(880)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_L)
        column.setSpacing(SPACE_M)
        column.addWidget(Label(phrase("knowledge.title"), "lead", weight=600), 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._search, 1)

    def focus_first(self) -> None:
        """Put the cursor into the search field."""
        self._search.focus_search()
