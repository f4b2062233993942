"""A remote session that goes on after this computer has restarted: what is written down, and for how long it holds.

The file lies among the program's own, readable by nobody else; it is used once. Nothing in it can widen what was
granted: grants keep their ends, and none holds beyond `LIMIT_MS`.
"""

import logging
import os
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from customer_client.sharing.log import MAX_LINES
from shared.protocol.messages.remote import ReceiptEntry
from shared.protocol.types import Grant, Id, Line, Millis, PersonRef
from shared.rules.coordinates import Area
from shared.rules.sharing import Share

_log = logging.getLogger(__name__)
LIMIT_MS: Final = 15 * 60_000
"""Whoever is not back by then is asked anew."""
_MAX_BYTES: Final = 512 * 1024


class ReturnNote(Struct, frozen=True, kw_only=True):
    """`server` is where the session was; `areas` stay blank. `veiled`: windows were blank too, and those are others
    now, so it comes back paused."""

    server: str
    session_id: Id
    conversation_id: Id
    ticket_number: Line
    until_ms: Millis
    share: Share
    areas: Annotated[tuple[Area, ...], Meta(max_length=16)] = ()
    veiled: bool = False
    seal_to: str = ""
    agents: Annotated[tuple[PersonRef, ...], Meta(max_length=16)] = ()
    grants: Annotated[tuple[Grant, ...], Meta(max_length=64)] = ()
    entries: Annotated[tuple[ReceiptEntry, ...], Meta(max_length=MAX_LINES)] = ()

    def holds(self, server: str, now_ms: int) -> bool:
        """Whether it may be used: here, in time, and not from the future."""
        return self.server == server and self.until_ms - LIMIT_MS <= now_ms < self.until_ms and bool(self.grants)


class ReturnFile:
    """The one note there is, if any."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, note: ReturnNote) -> None:
        """Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._path.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(note))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def take(self) -> ReturnNote | None:
        """The note, which is gone from then on; one that cannot be read counts as none."""
        try:
            with self._path.open("rb") as file:
                data = file.read(_MAX_BYTES)
            self._path.unlink()
            return msgspec.json.decode(data, type=ReturnNote)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            _log.warning("the note of a restart could not be used: %s", type(error).__name__)
            return None

    def drop(self) -> None:
        """Nobody comes back. Idempotent."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            _log.error("the note of a restart could not be removed: %s", type(error).__name__)
