"""What every message between a window and its session process is made from."""

from msgspec import Struct


class Message(Struct, frozen=True, kw_only=True, tag=True):
    """Immutable, told apart by its class's name. A feature keeps its own in `<feature>_messages.py`."""
