"""Every table of the relay. One file a subject; importing this package fills `metadata`."""

from relay_server.engine.schema import events
from relay_server.engine.schema.base import metadata

__all__ = ["events", "metadata"]
