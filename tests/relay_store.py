"""A relay's store for tests: migrated once a run, copied for each test."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from relay_server.engine import migrate
from shared.protocol.messages.conversations import ChatPosted
from shared.protocol.types import PersonRef

_ROOM = tempfile.TemporaryDirectory(prefix="relay-template-")


@cache
def _template() -> Path:
    path = Path(_ROOM.name) / "template.sqlite3"
    migrate.upgrade(path)
    return path


def empty_store(directory: Path) -> Path:
    """The path of a store with the newest schema and nothing in it."""
    return Path(shutil.copy(_template(), directory / "relay.sqlite3"))


def chat(client_id: str, text: str = "hello") -> ChatPosted:
    """A line of chat by somebody."""
    return ChatPosted(client_id=client_id, author=PersonRef(id="p", name="P", kind="customer"), text=text)


class Clock:
    """A clock that stands until it is moved; milliseconds."""

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def pass_ms(self, duration_ms: int) -> None:
        """Time goes by."""
        self.now_ms += duration_ms
