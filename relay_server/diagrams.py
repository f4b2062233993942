"""The relay's machines, drawn from their own tables."""

from collections.abc import Mapping
from typing import Final

from relay_server.conversations.rules import TABLE as CONVERSATION
from relay_server.engine.diagram import diagram
from relay_server.remote.rules import TABLE as REMOTE
from relay_server.routing.rules import AGENT_TABLE as AGENT
from relay_server.tickets.rules import TABLE as TICKET

TABLES: Final[tuple[tuple[str, Mapping[tuple[str, str], str]], ...]] = (
    ("A conversation", dict(CONVERSATION)),
    ("An agent", dict(AGENT)),
    ("A remote session on record", dict(REMOTE)),
    ("A ticket", dict(TICKET)),
)


def document() -> str:
    """The Markdown page of all of them."""
    parts = [f"## {title}\n\n```mermaid\n{diagram(table)}\n```" for title, table in TABLES]
    note = "Drawn from the tables in `rules.py` of each room. What has no arrow is refused."
    return "\n\n".join(["# State machines of the relay", note, *parts]) + "\n"
