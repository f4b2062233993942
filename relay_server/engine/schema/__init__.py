"""Every table of the relay. One file a subject; importing this package fills `metadata`."""

from relay_server.engine.schema import append_only, events, identity
from relay_server.engine.schema.base import metadata

__all__ = ["append_only", "events", "identity", "metadata"]
