"""All of them by name."""

from typing import Final

from tests.fuzz import at_door, at_rest, in_session, on_wire
from tests.fuzz.target import Target

TARGETS: Final[dict[str, Target]] = {**on_wire.TARGETS, **in_session.TARGETS, **at_rest.TARGETS, **at_door.TARGETS}
