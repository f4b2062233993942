"""The relay's machines, drawn from their own tables."""

from typing import Final

from relay_server.conversations.rules import TABLE as CONVERSATION
from relay_server.engine.diagram import Way, diagram
from relay_server.remote.rules import TABLE as REMOTE
from relay_server.routing.rules import AGENT_TABLE as AGENT
from relay_server.tickets.rules import TABLE as TICKET

TABLES: Final[tuple[tuple[str, tuple[Way, ...]], ...]] = (
    ("A conversation", tuple(CONVERSATION.items())),
    ("An agent", tuple(AGENT.items())),
    ("A remote session on record", tuple(REMOTE.items())),
    ("A ticket", tuple(TICKET.items())),
)


def document() -> str:
    """The Markdown page of all of them."""
    parts = [f"## {title}\n\n```mermaid\n{diagram(table)}\n```" for title, table in TABLES]
    note = "Drawn from the tables in `rules.py` of each room. What has no arrow is refused."
    return "\n\n".join(["# State machines of the relay", note, *parts]) + "\n"
