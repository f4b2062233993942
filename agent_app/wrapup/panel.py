"""Writing up, in the place of the composer once the talk has ended."""

from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agent_app.desk.words import Localised
from agent_app.wrapup.presenter import RESULTS, ResultCode, WrapUpPresenter, WrapUpView
from shared.strings import phrase
from shared.ui.theme import SPACE_L, SPACE_M, SPACE_S
from shared.ui.widgets import Button, ComboField, Label, Segmented, Strip


class WrapUpPanel(QWidget):
    """Category and result; what is missing stands beside the grey button."""

    def __init__(self, presenter: WrapUpPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._categories: tuple[object, ...] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("fill", "surface")
        self.setProperty("edge", "top")
        self._category = ComboField(
            phrase("wrapup.category"), placeholder=phrase("wrapup.choose"), object_name="wrapup.category"
        )
        self._result = Segmented(
            phrase("wrapup.result"),
            [(result, phrase(f"wrapup.result_{result}")) for result in RESULTS],
            object_name="wrapup.result",
        )
        self._missing = Label("", "small", tone="muted", wrap=True)
        self._problem = Strip("danger", rounded=True, object_name="wrapup.problem")
        self._close = Button(phrase("wrapup.close"), "primary", "small", icon="check", object_name="wrapup.close")
        self._lay_out()
        self._category.chosen.connect(presenter.choose_category)
        self._result.chosen.connect(self._choose_result)
        self._close.clicked.connect(presenter.close)
        presenter.view.watch(self._show)

    def _lay_out(self) -> None:
        result = QVBoxLayout()
        result.setSpacing(4)
        result.addWidget(Label(phrase("wrapup.result"), "body", weight=500))
        result.addWidget(self._result)
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(self._category, 1)
        row.addLayout(result, 2)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_S)
        foot.addWidget(self._missing, 1)
        foot.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        column.setSpacing(SPACE_M)
        column.addWidget(Label(phrase("wrapup.title"), "body", weight=600))
        column.addWidget(Label(phrase("wrapup.text"), "small", tone="muted", wrap=True))
        column.addLayout(row)
        column.addWidget(self._problem)
        column.addLayout(foot)

    def _choose_result(self, value: str) -> None:
        self._presenter.choose_result(cast("ResultCode", value))

    def _show(self, view: WrapUpView) -> None:
        if view.categories != self._categories:
            self._categories = view.categories
            self._category.set_options([(choice.value, Localised(choice.label)) for choice in view.categories])
        self._category.set_value(view.category)
        self._result.set_value(view.result or "")
        self._missing.set_words(view.missing or "")
        self._close.set_busy(view.busy, phrase("wrapup.closing"))
        if not view.busy:
            self._close.setEnabled(view.missing is None)
        self._problem.setVisible(view.problem is not None)
        if view.problem is not None:
            self._problem.say(view.problem)
