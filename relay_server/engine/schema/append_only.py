"""Rows that the store itself refuses to change or take away: events and the audit chain."""

from typing import Final

from sqlalchemy import DDL, event

from relay_server.engine.schema.base import metadata
from relay_server.engine.schema.events import audit, events

STATEMENTS: Final = tuple(
    f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name}"
    f" BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
    for table in (events, audit)
    for verb in ("UPDATE", "DELETE")
)

for _statement in STATEMENTS:
    event.listen(metadata, "after_create", DDL(_statement))
