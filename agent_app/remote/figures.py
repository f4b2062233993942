"""Figures of the picture as measured: rates above, stages with p50 and p95 below."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from shared.session.channel import Stage, ViewingFigures
from shared.strings import phrase
from shared.ui.theme import SPACE_M, SPACE_S, theme
from shared.ui.widgets import Card, Label, Rule

_WIDTH_PX = 304
_BAR_FULL_MS = 60
_RATES = ("fps", "kbps", "rtt")
_STAGES = ("screen", "grab", "make", "network", "decode", "convert", "paint")


class _Bar(QWidget):
    """p50 filled over p95."""

    def __init__(self) -> None:
        super().__init__()
        self._p50_ms = self._p95_ms = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_stage(self, stage: Stage) -> None:
        self._p50_ms, self._p95_ms = stage.p50_ms, stage.p95_ms
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(72, theme().px(8))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme()
        for tone, value in (("line", self._p95_ms), ("accent", self._p50_ms)):
            width = self.width() * min(1.0, value / _BAR_FULL_MS)
            painter.fillRect(QRectF(0, 0, width, self.height()), look.colour("line" if tone == "line" else "accent"))


class FiguresPanel(Card):
    """Lies over the picture, lower left."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("floating", pad=SPACE_M, spacing=SPACE_S, parent=parent)
        self.setObjectName("remote.figures-panel")
        self.setFixedWidth(theme().px(_WIDTH_PX))
        self._rates = {name: Label("-", "lead", weight=600) for name in _RATES}
        self._figures: dict[str, tuple[_Bar, Label, Label]] = {}
        self._losses = Label(phrase("remote.figures_none"), "small", tone="muted", wrap=True)
        self.box.addWidget(Label(phrase("remote.figures"), "body", weight=600))
        self.box.addLayout(self._head())
        self.box.addWidget(Rule())
        self.box.addLayout(self._stages())
        self.box.addWidget(self._losses)

    def show_figures(self, figures: ViewingFigures | None, paint: Stage | None, screen: Stage | None) -> None:
        """What was measured lately."""
        if figures is None:
            return
        self._rates["fps"].set_words(f"{figures.fps:.1f}")
        self._rates["kbps"].set_words(f"{figures.kbps:.0f}")
        self._rates["rtt"].set_words(f"{figures.rtt_ms:.0f}")
        stages = {
            "screen": screen,
            "grab": figures.grab,
            "make": figures.make,
            "network": figures.network,
            "decode": figures.decode,
            "convert": figures.convert,
            "paint": paint,
        }
        for name, stage in stages.items():
            if stage is not None and stage.count:
                bar, p50, p95 = self._figures[name]
                bar.set_stage(stage)
                p50.set_words(f"{stage.p50_ms:.1f}")
                p95.set_words(f"{stage.p95_ms:.1f}")
        self._losses.set_words(phrase("remote.losses", lost=figures.lost, nacks=figures.nacks, plis=figures.plis))

    def _head(self) -> QGridLayout:
        grid = QGridLayout()
        for column, name in enumerate(_RATES):
            words = QVBoxLayout()
            words.addWidget(self._rates[name])
            words.addWidget(Label(phrase(f"remote.{name}"), "small", tone="muted"))
            grid.addLayout(words, 0, column)
        return grid

    def _stages(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_S)
        grid.addWidget(Label(phrase("remote.stage_head"), "small", tone="muted"), 0, 0, 1, 2)
        grid.addWidget(Label(phrase("remote.p50_short"), "small", tone="muted"), 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(Label(phrase("remote.p95_short"), "small", tone="muted"), 0, 3, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(_STAGES, 1):
            bar, p50, p95 = _Bar(), Label("-", "small"), Label("-", "small")
            grid.addWidget(Label(phrase(f"remote.stage_{name}"), "small"), row, 0)
            grid.addWidget(bar, row, 1, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(p50, row, 2, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(p95, row, 3, Qt.AlignmentFlag.AlignRight)
            self._figures[name] = (bar, p50, p95)
        return grid
