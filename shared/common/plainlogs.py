"""Logs of the desktop programs: plain lines on stderr by the standard library alone.

`shared.common.logs`, which the relay uses, is richer, but structlog takes longer to import than a person should wait.
Chat text, keystrokes, frames and secrets are never logged.
"""

import logging
import sys


def set_up(level: str = "INFO") -> None:
    """Send all records at `level` or above to stderr. Raises ValueError for an unknown level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-8s %(message)s [%(name)s]"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
