"""Fonts: families by language, sizes by role, tabular figures everywhere."""

from typing import Final

from PySide6.QtGui import QFont

from shared.strings import LanguageCode
from shared.ui.theme.tokens import TYPE_SIZE_PX, TypeRole

_LATIN: Final = ("Inter", "Segoe UI", "Noto Sans")
_CHINESE: Final = ("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC")


def families(code: LanguageCode) -> list[str]:
    """Font families, first choice first: the Chinese one leads in Chinese, so that quotes and commas sit right."""
    ordered = (*_CHINESE, *_LATIN) if code == "zh_CN" else (*_LATIN, *_CHINESE)
    return [*ordered, "sans-serif"]


def font(role: TypeRole, weight: int, scale: float, code: LanguageCode) -> QFont:
    """A font of a role's pixel size times `scale`. `weight` is 400, 500 or 600; Chinese has no 500 and shows 400."""
    made = QFont()
    made.setFamilies(families(code))
    made.setPixelSize(max(1, round(TYPE_SIZE_PX[role] * scale)))
    made.setWeight(QFont.Weight(400 if code == "zh_CN" and weight == 500 else weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
