"""A relay's store in PostgreSQL."""

from sqlalchemy.util import greenlet_spawn

from relay_server.engine.migrate import NEWEST, refuse_newer, revision_of
from relay_server.engine.postgres_link import PostgresAddress, in_turn, opened


async def upgrade(address: PostgresAddress) -> None:
    """Brings a database that is there to the schema of this build: all of it or, on a fault, nothing.

    Several relays may start at once: one works, the others wait and see. Raises ConfigError.
    """
    async with opened(address) as (db, sql):
        found = await greenlet_spawn(revision_of, sql)
        if found == NEWEST:
            return
        refuse_newer(found)
        from relay_server.engine import revisions

        async with in_turn(db):
            await greenlet_spawn(revisions.run_on, sql)
