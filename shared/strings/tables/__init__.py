"""The explicit list of word tables, one a room. A new room adds its import and its line here."""

from typing import Final

from shared.strings.tables import chat, common, errors

TABLES: Final[tuple[tuple[dict[str, str], dict[str, str]], ...]] = (
    (common.EN, common.ZH_CN),
    (chat.EN, chat.ZH_CN),
    (errors.EN, errors.ZH_CN),
)
