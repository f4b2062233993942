"""The state machines, drawn from their own tables. `python -m relay_server.diagrams` writes docs/diagrams.md."""

import sys
from pathlib import Path
from typing import Final

from relay_server.conversations.rules import TABLE as CONVERSATION
from relay_server.engine.diagram import Way, diagram
from relay_server.remote.rules import TABLE as REMOTE
from relay_server.routing.rules import AGENT_TABLE as AGENT
from relay_server.tickets.rules import TABLE as TICKET
from shared.rules import consent, trust

TABLES: Final[tuple[tuple[str, tuple[Way, ...]], ...]] = (
    ("A conversation", tuple(CONVERSATION.items())),
    ("An agent", tuple(AGENT.items())),
    ("A remote session on record", tuple(REMOTE.items())),
    ("A ticket", tuple(TICKET.items())),
    ("Trust in the other end of a remote session, at either end", tuple(trust.TABLE.items())),
)


_PATH: Final = Path(__file__).parents[1] / "docs" / "diagrams.md"


def document() -> str:
    """The Markdown page of all of them."""
    drawn = [(title, diagram(table)) for title, table in TABLES]
    drawn.append(("Consent to one capability, on the customer's machine", consent.diagram()))
    parts = [f"## {title}\n\n```mermaid\n{picture.strip()}\n```" for title, picture in drawn]
    note = "Drawn from the tables in the rules of each room. What has no arrow is refused."
    return "\n\n".join(["# State machines", note, *parts]) + "\n"


def main(arguments: list[str]) -> int:
    """Writes the page, or with `--check` says whether it is in date."""
    text = document()
    if "--check" not in arguments:
        _PATH.write_text(text, encoding="utf-8")
        return 0
    same = _PATH.exists() and _PATH.read_text(encoding="utf-8") == text
    sys.stderr.write("" if same else "docs/diagrams.md is out of date: run python -m relay_server.diagrams\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
