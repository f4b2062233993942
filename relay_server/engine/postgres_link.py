"""Connecting to PostgreSQL: where it is, how long anything may take, the raw and the Core side of a connection."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import StaticPool

from shared.common.errors import ConfigError

CONNECT_S: Final = 10.0
STATEMENT_S: Final = 20.0
"""What a statement may take before the server ends it; the client waits a little longer, for a server that is gone."""
LOCK_S: Final = 15.0
"""What one statement may wait for a lock: for the writer's turn, above all."""
IDLE_S: Final = 30.0
"""An open transaction that hears nothing from us for so long is ended by the server: a frozen relay holds up nobody."""
WRITER: Final = 0x7468_7265_656C_6E65
"""The advisory lock that whoever writes holds until its transaction ends: one writer at a time over all relays."""
_SCHEMES: Final = ("postgresql", "postgres")
_HERE: Final = ("127.0.0.1", "::1", "localhost", "")


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """`postgresql://user@host:port/database?sslmode=...` and the password, which is shown nowhere."""

    url: str
    password: str = field(default="", repr=False)

    def dsn(self) -> str:
        """The address with TLS that proves the server, unless the address says otherwise or the server is this machine.

        Raises ConfigError for what is no address.
        """
        try:
            parts = urlsplit(self.url)
            asked = parse_qs(parts.query)
            host = parts.hostname or asked.get("host", [""])[0]
            _ = parts.port
        except ValueError as error:
            raise ConfigError(f"store_url: {error}") from error
        if parts.scheme not in _SCHEMES or len(parts.path) < 2:
            raise ConfigError("store_url: postgresql://user@host:port/database is wanted")
        if "sslmode" in asked or host in _HERE or host.startswith("/"):
            return self.url
        return f"{self.url}{'&' if parts.query else '?'}sslmode=verify-full"


def shown(url: str) -> str:
    """The address without a password that may stand in it."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user = quote(parts.username or "", safe="")
    return parts._replace(netloc=f"{user}:******@{parts.netloc.rpartition('@')[2]}").geturl()


async def connect(address: PostgresAddress, application: str = "threeline-relay") -> asyncpg.Connection:
    """A connection with bounded waits. Raises OSError, TimeoutError or asyncpg's errors."""
    settings = {
        "application_name": application,
        "statement_timeout": _ms(STATEMENT_S),
        "lock_timeout": _ms(LOCK_S),
        "idle_in_transaction_session_timeout": _ms(IDLE_S),
        "synchronous_commit": "on",
        "jit": "off",
    }
    return await asyncpg.connect(
        address.dsn(),
        password=address.password or None,
        timeout=CONNECT_S,
        command_timeout=STATEMENT_S + 5,
        server_settings=settings,
    )


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))


@asynccontextmanager
async def core(db: asyncpg.Connection) -> AsyncGenerator[AsyncConnection]:
    """SQLAlchemy Core over this very connection; transactions stay with whoever opened it."""

    async def given() -> asyncpg.Connection:
        return db

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=given,
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def opened(address: PostgresAddress) -> AsyncGenerator[tuple[asyncpg.Connection, AsyncConnection]]:
    """A connection of one's own for one piece of work. Raises ConfigError when there is no reaching the server."""
    try:
        db = await connect(address)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise ConfigError(f"{shown(address.url)}: {error or type(error).__name__}") from error
    try:
        async with core(db) as sql:
            yield db, sql
    finally:
        async with asyncio.timeout(CONNECT_S):
            await db.close()


@asynccontextmanager
async def in_turn(db: asyncpg.Connection) -> AsyncGenerator[None]:
    """A transaction that no other writer of the cluster runs beside; it waits for its turn, at most `LOCK_S`."""
    await db.execute("BEGIN")
    try:
        await db.execute(f"SELECT pg_advisory_xact_lock({WRITER})")
        yield
    except BaseException:
        if not db.is_closed():
            await db.execute("ROLLBACK")
        raise
    await db.execute("COMMIT")
