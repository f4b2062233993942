"""All Chinese words, put together from the rooms' tables."""

from typing import Final

from shared.strings.assembly import assemble
from shared.strings.tables import TABLES

WORDS: Final = assemble(zh_cn for _, zh_cn in TABLES)
