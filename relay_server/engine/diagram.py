"""A table of transitions as a picture: Mermaid text for the documentation."""

from collections.abc import Iterable

Way = tuple[tuple[str, str], str]
"""An item of a table: (state, event), and the next state."""


def diagram(ways: Iterable[Way]) -> str:
    """A Mermaid state diagram. Events between the same two states share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), following in ways:
        arrows.setdefault((state, following), []).append(event.replace("_", " "))
    lines = [f"    {old} --> {new}: {', '.join(sorted(events))}" for (old, new), events in arrows.items()]
    return "\n".join(["stateDiagram-v2", *lines])
