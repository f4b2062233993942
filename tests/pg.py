"""A PostgreSQL of the tests' own: Debian's packages, one server a run, a fresh migrated database a test.

`fresh_database()` gives the address. The server listens on a Unix socket (no password) and on a loopback port (password
`PASSWORD`); it runs as `postgres` when the tests run as root, and it ends with the process that started it.
"""

import asyncio
import atexit
import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg

from relay_server.engine.postgres_link import PostgresAddress
from relay_server.engine.postgres_store import PostgresStore
from tests.nats import free_port

PASSWORD = "for tests only"
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=on")
_SMALL = ("shared_buffers=64MB", "max_connections=200", "jit=off", "max_wal_size=256MB", "autovacuum_naptime=10min")
DURABLE = "THREELINE_TEST_DURABLE"
"""Environment: the run's server writes to the disk as in production."""
_READY_S = 60.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A running server. `home` holds data and socket; `pid` is the postmaster's."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    def address(self, database: str) -> PostgresAddress:
        """Over the Unix socket."""
        return PostgresAddress(f"postgresql://threeline@/{database}?host={self.home}&port={self.port}")

    def loopback(self, database: str) -> PostgresAddress:
        """Over TCP on this machine, with a password."""
        return PostgresAddress(f"postgresql://threeline@127.0.0.1:{self.port}/{database}", PASSWORD)


def binary(name: str) -> str:
    """The newest installed PostgreSQL's program of that name."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    assert found, "the package postgresql is missing: ./dev setup"
    return str(found[-1])


def as_postgres(*command: str) -> list[str]:
    """The command as a user whom PostgreSQL accepts; it dies with us."""
    user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig=QUIT", *command]


def start_server(*, durable: bool = False) -> Server:
    """A server of one's own, ready to be asked; `durable` writes to the disk as in production. End it by `stop`."""
    home = Path(tempfile.mkdtemp(prefix="tl-pg-"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    password_file = home / "password"
    password_file.write_text(PASSWORD)
    password_file.chmod(0o644)
    initdb = (binary("initdb"), "-D", str(home / "data"), "-U", "threeline", "-E", "UTF8", "--locale=C", "--no-sync")
    auth = ("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password_file}")
    subprocess.run(as_postgres(*initdb, *auth), check=True, stdout=subprocess.DEVNULL, timeout=120)
    return start_again(home, durable=durable)


def start_again(home: Path, port: int = 0, *, durable: bool = False) -> Server:
    """Starts a server over data that are there; port 0: a free one."""
    port = port or free_port()
    options = [f"-c{each}" for each in (*_SMALL, *(() if durable else _FAST))]
    where = ("-D", str(home / "data"), "-k", str(home), "-h", "127.0.0.1", "-p", str(port))
    server = Server(home, port, _attended(as_postgres(binary("postgres"), *where, *options), home / "log"))
    _wait_ready(server)
    return server


def stop(server: Server, how: signal.Signals = signal.SIGQUIT, *, keep: bool = False) -> None:
    """Ends the server (at once) and, unless `keep`, takes its data away."""
    with contextlib.suppress(ProcessLookupError):
        server.process.send_signal(how)
    server.process.wait(30)
    if not keep:
        shutil.rmtree(server.home, ignore_errors=True)


@cache
def shared_server() -> Server:
    """The run's server; nobody may stop it. Fast and forgetful after a power cut, unless `DURABLE` is set."""
    server = start_server(durable=DURABLE in os.environ)
    atexit.register(stop, server)
    return server


def fresh_database(server: Server | None = None) -> PostgresAddress:
    """A database with the newest schema and nothing in it."""
    server = server or shared_server()
    return copy_database(server, _template(server))


def copy_database(server: Server, template: str = "template0") -> PostgresAddress:
    """A database like `template` (the default: without a schema)."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    run_sql(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server.address(name)


@cache
def _template(server: Server) -> str:
    address = copy_database(server)
    on_loop(PostgresStore(address).upgrade())
    return name_of(address)


def name_of(address: PostgresAddress) -> str:
    """The database's name."""
    return address.url.partition("?")[0].rpartition("/")[2]


def cut(server: Server, address: PostgresAddress) -> None:
    """Ends every connection to a database, whatever it is doing."""
    run_sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name_of(address))


def run_sql(server: Server, statement: str, *parameters: object) -> None:
    """One statement as the owner, in the database `postgres`."""

    async def run() -> None:
        db = await asyncpg.connect(server.address("postgres").dsn())
        try:
            await db.execute(statement, *parameters)
        finally:
            await db.close()

    on_loop(run())


def on_loop(work: Coroutine[Any, Any, None]) -> None:
    """Runs it to its end, wherever the caller is: a loop of its own in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def _attended(command: list[str], log_file: Path) -> subprocess.Popen[bytes]:
    """Starts it in a thread that then waits for it: the kernel ends a process with the *thread* that started it."""
    started: Future[subprocess.Popen[bytes]] = Future()

    def attend() -> None:
        with open(log_file, "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)
        started.set_result(process)
        process.wait()

    threading.Thread(target=attend, name="postgres", daemon=True).start()
    return started.result(_READY_S)


def _wait_ready(server: Server) -> None:
    ends_s = time.monotonic() + _READY_S
    asked = [binary("pg_isready"), "-q", "-h", str(server.home), "-p", str(server.port)]
    while subprocess.run(asked, check=False).returncode != 0:
        assert server.process.poll() is None, (server.home / "log").read_text("utf-8", "replace")
        assert time.monotonic() < ends_s, "PostgreSQL did not come up"
