"""PostgreSQL goes back to a moment by the commands that docs/operations.md names: what was acknowledged before it is
there, what came after is not, and the store is whole."""

import asyncio
import os
import shutil
import signal
import subprocess
from pathlib import Path

from sqlalchemy.util import greenlet_spawn

from relay_server.engine import audit
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal_postgres import open_journal
from relay_server.engine.postgres_link import PostgresAddress, opened
from shared.protocol.messages.conversations import public_stream
from tests import pg
from tests.relay_house import ok
from tests.relay_store import chat


async def say(address: PostgresAddress, client_id: str) -> None:
    async with open_journal(address, LocalBus()) as journal:
        ok(await journal.write(lambda tx: tx.append(public_stream("C1"), chat(client_id))))
        ok(await journal.write(lambda tx: audit.record(tx, "cli", client_id) or True))


async def test_back_to_a_moment() -> None:
    server = pg.start_server(durable=True)
    try:
        archive, base = server.home / "wal", server.home / "base"
        archive.mkdir()
        if os.geteuid() == 0:
            shutil.chown(archive, "postgres", "postgres")
        command = f"test ! -f {archive}/%f && cp %p {archive}/%f"
        pg.run_sql(server, "ALTER SYSTEM SET archive_mode = on")
        pg.run_sql(server, f"ALTER SYSTEM SET archive_command = '{command}'")
        pg.stop(server, signal.SIGINT, keep=True)
        server = pg.start_again(server.home, server.port, durable=True)
        address = pg.fresh_database(server)
        await say(address, "m1")
        where = ("-h", str(server.home), "-p", str(server.port), "-U", "threeline")
        taking = pg.as_postgres(pg.binary("pg_basebackup"), *where, "-D", str(base), "-X", "none", "-c", "fast")
        await asyncio.to_thread(subprocess.run, taking, check=True, timeout=60, cwd="/", capture_output=True)
        await say(address, "m2")
        async with opened(address) as (db, _):
            moment = await db.fetchval("SELECT clock_timestamp()::text")
        await say(address, "m3")
        pg.run_sql(server, "SELECT pg_switch_wal()")
        pg.stop(server, signal.SIGINT, keep=True)
        _put_back(server.home, base, archive, moment)
        server = pg.start_again(server.home, server.port, durable=True)
        await _is_as_it_was(address)
    finally:
        pg.stop(server)


def _put_back(home: Path, base: Path, archive: Path, moment: str) -> None:
    shutil.rmtree(home / "data")
    base.rename(home / "data")
    with (home / "data" / "postgresql.auto.conf").open("a") as conf:
        conf.write(f"restore_command = 'cp {archive}/%f %p'\nrecovery_target_time = '{moment}'\n")
        conf.write("recovery_target_action = 'promote'\narchive_mode = off\n")
    (home / "data" / "recovery.signal").touch()
    if os.geteuid() == 0:
        shutil.chown(home / "data" / "recovery.signal", "postgres", "postgres")


async def _is_as_it_was(address: PostgresAddress) -> None:
    async with open_journal(address, LocalBus()) as journal:
        page = await journal.page(public_stream("C1"), 0)
        said = [event.body.partition('"client_id":"')[2][:2] for event in page.events]
        assert said == ["m1", "m2"]
    async with opened(address) as (_, sql):
        held = await greenlet_spawn(audit.examine, sql)
        assert isinstance(held, audit.Held)
        assert held.rows == 2
