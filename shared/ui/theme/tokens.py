"""Design tokens: the only place where a colour, radius, space or type size of the programs is written down."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme, as `#RRGGBB`. `faint` is for borders and icons only, never for words."""

    bg: str
    surface: str
    sunken: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_strong: str
    accent_soft: str
    on_accent: str
    info: str
    info_soft: str
    ok: str
    ok_soft: str
    warn: str
    warn_soft: str
    danger: str
    danger_soft: str
    note: str
    note_soft: str
    vip: str
    vip_soft: str


Tone = Literal[
    "bg",
    "surface",
    "sunken",
    "line",
    "text",
    "muted",
    "faint",
    "accent",
    "accent_strong",
    "accent_soft",
    "on_accent",
    "info",
    "info_soft",
    "ok",
    "ok_soft",
    "warn",
    "warn_soft",
    "danger",
    "danger_soft",
    "note",
    "note_soft",
    "vip",
    "vip_soft",
]
"""The name of a token's colour."""

LIGHT: Final = Tokens(
    bg="#F6F7F9",
    surface="#FFFFFF",
    sunken="#EEF1F4",
    line="#DDE3E9",
    text="#15202B",
    muted="#586674",
    faint="#8794A1",
    accent="#0B6B6B",
    accent_strong="#085454",
    accent_soft="#DDF0EE",
    on_accent="#FFFFFF",
    info="#1F5FBF",
    info_soft="#E3EDFB",
    ok="#1B7F46",
    ok_soft="#E0F4E7",
    warn="#9A5B00",
    warn_soft="#FCEFD9",
    danger="#B3261E",
    danger_soft="#FBE5E3",
    note="#7A5B00",
    note_soft="#FFF6D6",
    vip="#7A4FBF",
    vip_soft="#EFE8FA",
)

DARK: Final = Tokens(
    bg="#10151B",
    surface="#19212A",
    sunken="#141B22",
    line="#2A3642",
    text="#E6ECF2",
    muted="#9DABB8",
    faint="#748291",
    accent="#3FB8AE",
    accent_strong="#62CFC6",
    accent_soft="#17383A",
    on_accent="#06201F",
    info="#7FB0FF",
    info_soft="#1A2C46",
    ok="#63C98C",
    ok_soft="#173524",
    warn="#F0B45B",
    warn_soft="#3A2B12",
    danger="#FF8A80",
    danger_soft="#45201E",
    note="#E7C75B",
    note_soft="#372F14",
    vip="#BFA0F2",
    vip_soft="#2E2442",
)

RADIUS_SMALL: Final = 4
RADIUS: Final = 8
RADIUS_LARGE: Final = 12

SPACE_XS: Final = 4
SPACE_S: Final = 8
SPACE_M: Final = 12
SPACE_L: Final = 16
SPACE_XL: Final = 24
SPACE_XXL: Final = 32

TypeRole = Literal["small", "body", "lead", "title", "hero"]
"""Sizes of type: 12, 14, 16, 20 and 28 px."""

TYPE_SIZE_PX: Final[dict[TypeRole, int]] = {"small": 12, "body": 14, "lead": 16, "title": 20, "hero": 28}
LINE_HEIGHT_PX: Final[dict[TypeRole, int]] = {"small": 16, "body": 20, "lead": 24, "title": 28, "hero": 36}
