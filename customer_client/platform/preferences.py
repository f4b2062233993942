"""What a person chose, kept in one small JSON file and saved at each change."""

import logging
import os
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from shared.common.errors import UNDECODABLE
from shared.common.shown import Shown

_log = logging.getLogger(__name__)
_MAX_BYTES = 64 * 1024


class Preferences(Struct, frozen=True, omit_defaults=True):
    """`language` empty follows the system."""

    language: Literal["", "en", "zh_CN"] = ""
    colours: Literal["system", "light", "dark"] = "system"
    text_percent: int = 100
    name: str = ""
    email: str = ""
    tell_turn: bool = True
    dismissed: tuple[str, ...] = ()


class PreferenceFile:
    """The preferences as they stand; `change` keeps them. A file that cannot be read counts as none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.shown = Shown(_load(path) if path else Preferences())

    @property
    def value(self) -> Preferences:
        """As they stand now."""
        return self.shown.value

    def change(self, preferences: Preferences) -> None:
        """Keep other preferences. A disk that takes no more costs only the memory of them."""
        if preferences == self.value:
            return
        self.shown.set(preferences)
        if self._path is not None:
            try:
                _save(self._path, preferences)
            except OSError as error:
                _log.info("preferences were not saved: %s", type(error).__name__)


def _load(path: Path) -> Preferences:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MAX_BYTES), type=Preferences)
    except (OSError, *UNDECODABLE):
        return Preferences()


def _save(path: Path, preferences: Preferences) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(preferences)))
    fresh.replace(path)
