"""One set-up of structured logs for every program: lines for people on a terminal, JSON elsewhere, always on stderr.

Loggers are the standard library's, one a module; ids are bound per connection with `structlog.contextvars`.
Chat text, keystrokes, frames and secrets are never logged; so a trace never shows the values of variables.
"""

import logging
import sys
from typing import Literal

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

Format = Literal["text", "json"]
_CHATTY = ("alembic.runtime.plugins",)
"""Loggers that tell of themselves at each start what nobody asks."""


def set_up(level: str = "INFO", form: Format = "text") -> None:
    """Send all records at `level` or above to stderr; raises ValueError for an unknown level."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor]
    if form == "json":
        last = [ExceptionRenderer(ExceptionDictTransformer(show_locals=False)), structlog.processors.JSONRenderer()]
    else:
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
