"""What SQLite has by itself and PostgreSQL is given: a field of a JSON text (`$.name`) as text."""

from typing import Final

from sqlalchemy import DDL, event

from relay_server.engine.schema.base import metadata

JSON_EXTRACT: Final = (
    "CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS"
    " $$ SELECT nullif(document, '')::json ->> substr(path, 3) $$"
)

event.listen(metadata, "after_create", DDL(JSON_EXTRACT).execute_if(dialect="postgresql"))
