"""A PostgreSQL of the bench's own, as Debian packages it, on loopback; what makes it durable stays on."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import asyncpg

from benchmarks.relay.cases import Unavailable
from relay_server.engine.postgres_link import PostgresAddress

START_S, STOP_S = 60.0, 30.0
USER, DATABASE = "threeline", "threeline"
_SIZES = ("shared_buffers=256MB", "max_connections=100", "jit=off", "max_wal_size=2GB")
"""Room, and no compiling of short statements; what makes it durable stays as it comes."""


@dataclass(frozen=True)
class Postgres:
    """A running server with one empty database."""

    home: Path
    port: int
    pid: int

    @property
    def url(self) -> str:
        """Over its Unix socket, without a password."""
        return f"postgresql://{USER}@/{DATABASE}?host={self.home}&port={self.port}"

    @property
    def address(self) -> PostgresAddress:
        """The same for the relay's own parts."""
        return PostgresAddress(self.url)


@asynccontextmanager
async def open_postgres() -> AsyncGenerator[Postgres]:
    """Raises Unavailable where the package is missing or does not start."""
    # Its Unix socket's path may have 107 bytes at most, and its user may not see what belongs to others.
    home = Path(mkdtemp(prefix="tl-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, "postgres", "postgres")
        made = ("-D", str(home / "data"), "-U", USER, "-E", "UTF8", "--locale=C", "--auth=trust")
        await _finished(_as_postgres(_program("initdb"), *made))
        port = free_port()
        where = ("-D", str(home / "data"), "-k", str(home), "-h", "127.0.0.1", "-p", str(port))
        command = _as_postgres(_program("postgres"), *where, *(f"-c{each}" for each in _SIZES))
        with (home / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, cwd="/")
        try:
            server = Postgres(home, port, process.pid)
            await _ready(server, process)
            yield server
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
                async with asyncio.timeout(STOP_S):
                    await process.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    if not found:
        raise Unavailable("PostgreSQL is not installed: apt-get install postgresql")
    return str(found[-1])


def _as_postgres(*command: str) -> list[str]:
    """As a user whom PostgreSQL accepts; it ends with the bench."""
    user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig=QUIT", *command]


async def _finished(command: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")
    async with asyncio.timeout(START_S):
        _, errors = await process.communicate()
    if process.returncode:
        raise Unavailable(errors.decode(errors="replace")[-300:])


async def _ready(server: Postgres, process: asyncio.subprocess.Process) -> None:
    dsn = f"postgresql://{USER}@/postgres?host={server.home}&port={server.port}"
    async with asyncio.timeout(START_S):
        while True:
            try:
                db = await asyncpg.connect(dsn)
                break
            except (OSError, asyncpg.PostgresError):
                if process.returncode is not None:
                    raise Unavailable((server.home / "log").read_text("utf-8", "replace")[-300:]) from None
                await asyncio.sleep(0.1)
    try:
        await db.execute(f'CREATE DATABASE "{DATABASE}" TEMPLATE template0')
    finally:
        await db.close()


def free_port() -> int:
    """One of loopback's that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
