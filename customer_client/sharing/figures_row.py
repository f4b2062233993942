"""What sharing costs this computer, as it measures itself: in the banner, shown where somebody asks for it."""

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from customer_client.sharing.presenter import SharingPresenter
from shared.session.channel import CustomerReport, SharingFigures, Stage
from shared.strings import phrase
from shared.ui.theme import DARK, theme
from shared.ui.words import name_widget, show_words


class FiguresRow(QWidget):
    """Two lines, brought up to date about once a second; hidden until `toggle`."""

    def __init__(self, presenter: SharingPresenter) -> None:
        super().__init__()
        name_widget(self, phrase("sharing.figures"), "banner.figures-row")
        self._rates, self._stages = QLabel(), QLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for label, name in ((self._rates, "banner.figures-rates"), (self._stages, "banner.figures-stages")):
            label.setObjectName(name)
            label.setFont(theme().font("small"))
            label.setStyleSheet(f"color: {DARK.text};")
            column.addWidget(label)
        show_words(self._rates, self._rates.setText, phrase("sharing.figures_none"))
        forget = presenter.reports.watch(self._hear)
        self.destroyed.connect(lambda: forget())
        self.hide()

    def _hear(self, report: CustomerReport) -> None:
        if isinstance(report, SharingFigures):
            self.show_figures(report)

    def show_figures(self, figures: SharingFigures) -> None:
        """What was measured lately."""
        rates = phrase(
            "sharing.figures_rates",
            fps=f"{figures.fps:.1f}",
            kbps=f"{figures.kbps:.0f}",
            viewers=figures.viewers,
            dropped=figures.dropped,
        )
        show_words(self._rates, self._rates.setText, rates)
        stages = phrase(
            "sharing.figures_stages",
            grab=_spread(figures.grab),
            encode=_spread(figures.encode),
            send=_spread(figures.send),
        )
        show_words(self._stages, self._stages.setText, stages if figures.grab.count else "")


def _spread(stage: Stage) -> str:
    """p50 and p95."""
    return f"{stage.p50_ms:.1f} / {stage.p95_ms:.1f}"
