"""All that the organisation says at present."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from customer_client.desk.desk import Desk
from customer_client.desk.routes import Routes
from customer_client.desk.words import Localised
from customer_client.parts.page import Page
from customer_client.parts.rows import RowCard
from shared.protocol.messages.organisation import Notice
from shared.strings import phrase
from shared.ui.theme import SPACE_M
from shared.ui.widgets import EmptyState, IconMark, Label, PageHeader


class NoticesPage(Page):
    """One card a notice."""

    def __init__(self, desk: Desk, routes: Routes) -> None:
        super().__init__(PageHeader(phrase("home.notices"), object_name="notices.header"), "notices")
        self.header.back.connect(routes.back)
        self.without_foot()
        self._rows = RowCard()
        self._none = EmptyState("bell", phrase("home.no_notices"), phrase("home.no_notices_next"))
        self.body.box.addWidget(self._rows)
        self.body.box.addWidget(self._none)
        self.body.box.addStretch(1)
        desk.notices.watch(self._show)
        desk.organisation.watch(lambda organisation: self.header.set_sample(bool(organisation and organisation.sample)))

    def _show(self, notices: tuple[Notice, ...]) -> None:
        self._rows.put([_row(notice) for notice in notices])
        self._none.setVisible(not notices)


def _row(notice: Notice) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
    row.setSpacing(SPACE_M)
    row.addWidget(IconMark("info", 20, "info"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Label(Localised(notice.text), "body", wrap=True), 1)
    return made
