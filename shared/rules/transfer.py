"""The life of one file on its way, the same at both ends. Held and forbidden are conditions beside the state."""

from types import MappingProxyType
from typing import Final, Literal

State = Literal["offered", "agreed", "moving", "done", "failed"]
Event = Literal["agree", "begin", "interrupt", "complete", "fail"]

TABLE: Final[MappingProxyType[tuple[State, Event], State]] = MappingProxyType(
    {
        ("offered", "agree"): "agreed",
        ("offered", "interrupt"): "offered",
        ("offered", "complete"): "done",
        ("offered", "fail"): "failed",
        ("agreed", "agree"): "agreed",
        ("agreed", "begin"): "moving",
        ("agreed", "interrupt"): "offered",
        ("agreed", "complete"): "done",
        ("agreed", "fail"): "failed",
        ("moving", "interrupt"): "offered",
        ("moving", "complete"): "done",
        ("moving", "fail"): "failed",
    }
)
"""`agree` names the offset to go on from; after `interrupt` (pause, lost connection, no grant) it is named anew.
`complete` may also come late to the sender: the receiver's word was lost with a connection, and is said again."""

OVER: Final[frozenset[State]] = frozenset({"done", "failed"})


def diagram() -> str:
    """The table as a Mermaid state diagram, for docs/."""
    arrows = [f"    {before} --> {after}: {event}" for (before, event), after in TABLE.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> offered", *arrows])
