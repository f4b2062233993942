"""On PostgreSQL, too, the migrations lead to the very schema that the tables describe."""

import asyncio

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.util import greenlet_spawn

from relay_server.engine import migrate
from relay_server.engine.postgres_link import PostgresAddress, opened
from relay_server.engine.postgres_store import PostgresStore
from relay_server.engine.schema import metadata
from relay_server.engine.schema.base import WHOLE
from shared.common.errors import ConfigError
from tests import pg

_LOOKS = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '')"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT 'f', proname, pg_get_functiondef(oid) FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace",
}


def described(sql: Connection) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Everything that matters of a schema: (sort, table, name) -> what it is."""
    return {
        (sort, row[0], row[1]): tuple(map(str, row[2:]))
        for sort, look in _LOOKS.items()
        for row in sql.execute(text(look))
        if row[0] != "alembic_version"
    }


async def schema_of(address: PostgresAddress) -> dict[tuple[str, str, str], tuple[str, ...]]:
    async with opened(address) as (_, sql):
        return await greenlet_spawn(described, sql)


async def test_migrated_is_what_the_tables_say() -> None:
    created_in = pg.copy_database(pg.shared_server())
    async with opened(created_in) as (_, sql):
        await greenlet_spawn(metadata.create_all, sql)
    created, migrated = await schema_of(created_in), await schema_of(pg.fresh_database())
    assert created.keys() == migrated.keys()
    assert {key for key in created if created[key] != migrated[key]} == set()
    assert len(created) > 200


def test_every_whole_number_is_of_the_type_that_both_engines_hold_in_64_bits() -> None:
    numbers = [column for table in metadata.sorted_tables for column in table.c if column.type.python_type is int]
    assert [str(column) for column in numbers if column.type is not WHOLE] == []


async def test_several_relays_that_start_at_once_upgrade_once() -> None:
    address = pg.copy_database(pg.shared_server())
    await asyncio.gather(*(PostgresStore(address).upgrade() for _ in range(3)))
    assert await PostgresStore(address).look(migrate.revision_of) == migrate.NEWEST
    assert await PostgresStore(address).faults() == []


async def test_a_revision_that_fails_leaves_nothing() -> None:
    address = pg.copy_database(pg.shared_server())
    async with opened(address) as (db, _):
        await db.execute("CREATE TABLE tickets (in_the_way int)")
    with pytest.raises(Exception, match="already exists"):
        await PostgresStore(address).upgrade()
    assert {name for _, name, _ in await schema_of(address)} == {"tickets"}


async def test_a_database_that_orders_texts_by_a_language_is_refused() -> None:
    server = pg.shared_server()
    name = "by_language"
    pg.run_sql(server, f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'")
    with pytest.raises(ConfigError, match="createdb"):
        await PostgresStore(server.address(name)).upgrade()
