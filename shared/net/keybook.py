"""Whose keys this program has seen, and which organisation's key it goes by; one small file for each relay.

A file that cannot be read counts as none: then codes are compared again, nothing is believed that was not before.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, structs

from shared.common.errors import UNDECODABLE
from shared.protocol.messages.trust import KeyRotation, Revocations
from shared.rules.certificates import Anchor, Fault, Seen, follow

_log = logging.getLogger(__name__)
MAX_SEEN: Final = 5000
_MAX_BYTES: Final = 8 * 1024 * 1024


class _Page(Struct, frozen=True, omit_defaults=True):
    """`pinned` is the key of the profile, `key` where rotations have led from it."""

    pinned: str = ""
    key: str = ""
    revocations: Revocations | None = None
    seen: dict[str, Seen] = {}


class KeyBook:
    """Kept at each change. `pinned` empty: no organisation's key is known, certificates say nothing here."""

    def __init__(self, path: Path | None, pinned: str = "") -> None:
        self._path = path
        page = _load(path) if path else _Page()
        # another profile: its key is the beginning, the list belongs to the old one; a pin without its key is none
        if page.pinned != pinned or bool(page.key) != bool(pinned):
            page = _Page(pinned=pinned, key=pinned, seen=page.seen)
        self._page = page

    @property
    def anchor(self) -> Anchor | None:
        """What certificates are checked against."""
        return Anchor(self._page.key, self._page.revocations) if self._page.key else None

    def learn(self, rotations: Sequence[KeyRotation], newest: Revocations | None) -> Fault | None:
        """Follows what the organisation's pinned key has signed."""
        before = self.anchor
        if before is None:
            return None
        after = follow(before, rotations, newest)
        if not isinstance(after, Anchor):
            return after
        if after != before:
            self._keep(structs.replace(self._page, key=after.key, revocations=after.revocations))
        return None

    def seen(self, person_id: str) -> Seen | None:
        """The key this person used before."""
        return self._page.seen.get(person_id)

    def remember(self, person_id: str, seen: Seen) -> None:
        """The key this person uses; the one that was seen longest ago gives way when there are too many."""
        known = self._page.seen.get(person_id)
        if known is not None and (known.key, known.how) == (seen.key, seen.how):
            return
        everybody = {**self._page.seen, person_id: seen}
        if len(everybody) > MAX_SEEN:
            del everybody[min(everybody, key=lambda each: everybody[each].at_ms)]
        self._keep(structs.replace(self._page, seen=everybody))

    def _keep(self, page: _Page) -> None:
        self._page = page
        if self._path is None:
            return
        try:
            _save(self._path, page)
        except OSError as error:
            _log.warning("keys seen are known for this run only: %s", type(error).__name__)


def _load(path: Path) -> _Page:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MAX_BYTES), type=_Page)
    except FileNotFoundError:
        return _Page()
    except (OSError, *UNDECODABLE) as error:
        _log.warning("keys seen before could not be read: %s", type(error).__name__)
        return _Page()


def _save(path: Path, page: _Page) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(page))
    fresh.replace(path)
