"""What the person chose, kept in a small file: server, name, language, colours. No secrets."""

import logging
import os
import tempfile
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from shared.common.errors import UNDECODABLE

_log = logging.getLogger(__name__)
PROGRAM: Final = "threeline-agent"
MAX_BYTES: Final = 64 * 1024


class Choices(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`language` empty: as the system."""

    server: str = ""
    username: str = ""
    language: Literal["", "en", "zh_CN"] = ""
    look: Literal["system", "light", "dark"] = "system"


def config_dir() -> Path:
    """Where choices live."""
    base = os.environ.get("APPDATA") or os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / PROGRAM


def data_dir() -> Path:
    """Where outboxes live."""
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / PROGRAM


def load_choices(path: Path) -> Choices:
    """What was kept; a missing or broken file is as good as none."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(MAX_BYTES), type=Choices)
    except FileNotFoundError:
        return Choices()
    except (OSError, *UNDECODABLE) as error:
        _log.info("choices could not be read: %s", type(error).__name__)
        return Choices()


def keep_choices(path: Path, choices: Choices) -> None:
    """Keep them whole or not at all; a full disk loses no more than this."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(msgspec.json.encode(choices))
        Path(file.name).replace(path)
    except OSError as error:
        _log.info("choices could not be kept: %s", type(error).__name__)
