"""Breaking words into lines, as the timeline paints them."""

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QFont, QTextLayout, QTextOption

_LINE_SEPARATOR = "\u2028"


def set_words(words: str, font: QFont, widest: float, line_px: float) -> tuple[QTextLayout, QSizeF]:
    """Break words into lines of a fixed height, at most `widest` wide; returns them and the room they take."""
    layout = QTextLayout(words.replace("\n", _LINE_SEPARATOR), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    layout.beginLayout()
    down, across = 0.0, 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(widest)
        line.setPosition(QPointF(0, down + (line_px - line.height()) / 2))
        down += line_px
        across = max(across, line.naturalTextWidth())
    layout.endLayout()
    return layout, QSizeF(across + 1, down)
