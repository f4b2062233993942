"""All English words, put together from the rooms' tables."""

from typing import Final

from shared.strings.assembly import assemble
from shared.strings.tables import TABLES

WORDS: Final = assemble(en for en, _ in TABLES)
