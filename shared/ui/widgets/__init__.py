"""The kit: one small widget a file, each with its words, its name for screen readers and its keys."""

from shared.ui.widgets.button import Button, ButtonKind, ButtonSize
from shared.ui.widgets.icon_button import IconButton
from shared.ui.widgets.label import Label

__all__ = ["Button", "ButtonKind", "ButtonSize", "IconButton", "Label"]
