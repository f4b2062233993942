"""Lines as they may be shown and sent: bounded, and without the name of the account."""

import getpass
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from shared.control.facts import MAX_FACTS, MAX_NAME, MAX_VALUE, Fact, Key, Section, SectionName, plain

_GIB: Final = 1 << 30
_LEAST_NAME: Final = 2


def fact(key: Key, value: str, name: str = "") -> Fact:
    """A line; both ends of it are cut to what may be sent."""
    return Fact(key, plain(without_account(value), MAX_VALUE), plain(without_account(name), MAX_NAME))


def section(name: SectionName, facts: Iterable[Fact]) -> Section | None:
    """The lines that say something; None when none does."""
    kept = tuple(one for one in facts if one.value)[:MAX_FACTS]
    return Section(name, kept) if kept else None


def without_account(words: str) -> str:
    """The home folder is `~`, the account's name is `...`."""
    home = str(Path.home())
    if len(home) > _LEAST_NAME:
        words = words.replace(home, "~")
    for name in _account_names():
        words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "...", words)
    return words


def gib(count_bytes: int) -> str:
    """`15.6 GB`, in units of 2^30 bytes, as task managers say."""
    return f"{count_bytes / _GIB:.1f} GB"


def first_line(path: Path) -> str:
    """What a small file of the system says; nothing where there is none."""
    return text_of(path).partition("\n")[0].strip()


def text_of(path: Path, most_bytes: int = 64 * 1024) -> str:
    """The beginning of a file of the system; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(most_bytes).decode(errors="replace")
    except OSError:
        return ""


def _account_names() -> tuple[str, ...]:
    try:
        names = {getpass.getuser(), os.path.basename(str(Path.home()))}
    except (OSError, KeyError, ImportError):
        names = {os.path.basename(str(Path.home()))}
    return tuple(name for name in names if len(name) > _LEAST_NAME and name != "root")
