"""Typed access to what PySide's stubs leave out of item views."""

from typing import Any, Final, cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

AnyIndex = QModelIndex | QPersistentModelIndex
NO_PARENT: Final = QModelIndex()
"""The parent of the rows of a list."""


def option_rect(option: QStyleOptionViewItem) -> QRect:
    """Where a delegate is to paint."""
    return cast("QRect", cast("Any", option).rect)


def option_state(option: QStyleOptionViewItem) -> QStyle.StateFlag:
    """Selected, hovered, focused and so on."""
    return cast("QStyle.StateFlag", cast("Any", option).state)
