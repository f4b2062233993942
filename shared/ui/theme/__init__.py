"""Tokens, fonts, palette and style sheet; `install_theme` once, `theme()` everywhere else."""

from shared.ui.theme.theme import ColourMode, Theme, install_theme, theme
from shared.ui.theme.tokens import (
    DARK,
    LIGHT,
    LINE_HEIGHT_PX,
    RADIUS,
    RADIUS_LARGE,
    RADIUS_SMALL,
    SPACE_L,
    SPACE_M,
    SPACE_S,
    SPACE_XL,
    SPACE_XS,
    SPACE_XXL,
    Tokens,
    Tone,
    TypeRole,
)

__all__ = [
    "DARK",
    "LIGHT",
    "LINE_HEIGHT_PX",
    "RADIUS",
    "RADIUS_LARGE",
    "RADIUS_SMALL",
    "SPACE_L",
    "SPACE_M",
    "SPACE_S",
    "SPACE_XL",
    "SPACE_XS",
    "SPACE_XXL",
    "ColourMode",
    "Theme",
    "Tokens",
    "Tone",
    "TypeRole",
    "install_theme",
    "theme",
]
