"""How much is logged, changed while the relay serves: a small file that it reads again when it changes.

Each line is `LOGGER=LEVEL`; an empty logger is the root. What no line names is as the settings say.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, get_args

from shared.common.errors import ConfigError

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
FILE_NAME: Final = "log-levels"
_MAX_BYTES: Final = 16 * 1024
_OURS: Final = ("relay_server", "shared", "aiohttp", "asyncio", "sqlalchemy", "alembic", "nats", "asyncpg")


def read(path: Path) -> dict[str, Level]:
    """By logger; nothing when there is no file. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            lines = file.read(_MAX_BYTES).decode("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    found: dict[str, Level] = {}
    for line in filter(None, (each.strip() for each in lines)):
        name, equals, level = line.partition("=")
        known: Level | None = next((each for each in LEVELS if each == level), None)
        if not equals or known is None or not may_name(name):
            raise ConfigError(f"{path}: {line}")
        found[name] = known
    return found


def may_name(logger: str) -> bool:
    """The root, or a logger of the relay's or of a library that it uses."""
    return not logger or logger.partition(".")[0] in _OURS


def write(path: Path, levels: Mapping[str, Level]) -> None:
    """In one step, so that the relay never reads half of it. Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text("".join(f"{name}={level}\n" for name, level in sorted(levels.items())), "utf-8")
    fresh.replace(path)


class LogLevels:
    """Puts the file's levels in force, and takes back what it no longer names."""

    def __init__(self, path: Path, usual: Level) -> None:
        self.path = path
        self._usual = usual
        self._set: set[str] = set()

    def take(self) -> None:
        """Raises ConfigError; then everything stays as it is."""
        levels = read(self.path)
        for name in self._set - set(levels):
            logging.getLogger(name).setLevel(logging.NOTSET if name else self._usual)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        self._set = set(levels)
