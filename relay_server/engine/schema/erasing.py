"""The two ways in which append-only rows give way, each held by the store itself: an event's body may be replaced while
an erasure of its stream is under way, and audit rows up to a cut that is on record may be taken away."""

from typing import Final

from sqlalchemy import DDL, event

from relay_server.engine.schema.base import metadata

_SAME: Final = ("position", "stream_id", "seq", "at_ms", "kind")
_MOVED: Final = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _SAME)
_MOVED_POSTGRESQL: Final = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _SAME)
_ERASING: Final = "EXISTS (SELECT 1 FROM erasures e WHERE e.stream_id = OLD.stream_id AND e.done_ms = 0)"
_KEPT: Final = "OLD.id > (SELECT coalesce(max(row_id), 0) FROM audit_cuts)"

SQLITE: Final = (
    f"CREATE TRIGGER events_no_update BEFORE UPDATE ON events WHEN {_MOVED} OR NOT {_ERASING}"
    " BEGIN SELECT RAISE(ABORT, 'events is append-only'); END",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN {_KEPT}"
    " BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)
POSTGRESQL: Final = (
    "CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN IF {_MOVED_POSTGRESQL} OR NOT {_ERASING} THEN"
    " RAISE EXCEPTION USING MESSAGE = 'events is append-only'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER events_no_update BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()",
    "CREATE FUNCTION refuse_cut() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN IF {_KEPT} THEN RAISE EXCEPTION USING MESSAGE = 'audit is append-only'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_cut()",
)

for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _statement in _statements:
        event.listen(metadata, "after_create", DDL(_statement).execute_if(dialect=_dialect))
