"""How this computer is and how it fares, read with what every system brings; nothing that says who its person is."""

from shared.session.snapshot.gather import gather

__all__ = ["gather"]
