"""Rows that the store itself refuses to change or take away: events and the audit chain. The two exceptions, with their
conditions, are in `erasing`."""

from typing import Final

from sqlalchemy import DDL, event

from relay_server.engine.schema.base import metadata
from relay_server.engine.schema.events import audit, events

SQLITE: Final = tuple(
    f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name}"
    f" BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
    for table, verb in ((events, "DELETE"), (audit, "UPDATE"))
)
POSTGRESQL: Final = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$",
    *(
        f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table, verb in ((events, "DELETE"), (events, "TRUNCATE"), (audit, "UPDATE"), (audit, "TRUNCATE"))
    ),
)

for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _statement in _statements:
        event.listen(metadata, "after_create", DDL(_statement).execute_if(dialect=_dialect))
