"""What hears the person at the customer's machine, as the session process sees it."""

from typing import Literal, Protocol

from shared.rules.coordinates import Area

Cause = Literal["key", "button"]


class StopWatching(Protocol):
    """Calls back in its own thread; see `watch_x11.Watch`."""

    stop_areas: tuple[Area, ...]

    def start(self) -> None:
        """Begins to listen."""
        ...

    def close(self) -> None:
        """Ends. Idempotent."""
        ...
