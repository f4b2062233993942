"""A relay's store in PostgreSQL."""

from sqlalchemy.util import greenlet_spawn

from relay_server.engine.migrate import NEWEST, revision_of
from relay_server.engine.postgres_link import PostgresAddress, in_turn, opened


async def upgrade(address: PostgresAddress) -> None:
    """Brings a database that is there to the schema of this build: all of it or, on a fault, nothing.

    Several relays may start at once: one works, the others wait and see. Raises ConfigError.
    """
    async with opened(address) as (db, sql):
        if await greenlet_spawn(revision_of, sql) == NEWEST:
            return
        from relay_server.engine import revisions

        async with in_turn(db):
            await greenlet_spawn(revisions.run_on, sql)
