"""Every table of the relay. One file a subject; importing this package fills `metadata`."""

from relay_server.engine.schema import (
    append_only,
    conversations,
    customers,
    events,
    files,
    functions,
    identity,
    insight,
    knowledge,
    organisation,
    recordings,
    remote,
    routing,
    tickets,
    trust,
)
from relay_server.engine.schema.base import metadata

__all__ = [
    "append_only",
    "conversations",
    "customers",
    "events",
    "files",
    "functions",
    "identity",
    "insight",
    "knowledge",
    "metadata",
    "organisation",
    "recordings",
    "remote",
    "routing",
    "tickets",
    "trust",
]
