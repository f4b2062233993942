"""Connecting to PostgreSQL: where it is, how long anything may take, the raw and the Core side of a connection."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool

from relay_server.settings import masked
from shared.common.errors import ConfigError

CONNECT_S: Final = 5.0
STATEMENT_S: Final = 12.0
"""What a statement may take before the server ends it; the client waits a little longer, for a server that is gone."""
LOCK_S: Final = 8.0
"""What one statement may wait for a lock: for the writer's turn, above all."""
IDLE_S: Final = 5.0
"""An open transaction that hears nothing from us for so long is ended by the server: a frozen relay holds up nobody."""
WRITER: Final = 0x7468_7265_656C_6E65
"""The advisory lock that whoever writes holds until its transaction ends: one writer at a time over all relays."""
BEGIN_IN_TURN: Final = f"BEGIN; SELECT pg_advisory_xact_lock({WRITER})"
AWAY: Final = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresError)
"""What the driver raises when there is no server, or none for us."""
UNCONNECTED: Final = (*AWAY, DBAPIError)
"""The same of connecting as a whole: the connection may go while Core asks the server its first things."""
STATEMENTS: Final = 1000
"""Prepared statements that a connection keeps."""
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
        if parts.scheme not in _SCHEMES or len(parts.path) < 2 or parts.password is not None:
            raise ConfigError("store_url: postgresql://user@host:port/database is wanted, without a password in it")
        if "sslmode" in asked or host in _HERE or host.startswith("/"):
            return self.url
        return f"{self.url}{'&' if parts.query else '?'}sslmode=verify-full"


async def connect(address: PostgresAddress, *, patient: bool = False, idle_s: float = IDLE_S) -> asyncpg.Connection:
    """A connection with bounded waits; a `patient` one lets statements take their time. Raises `AWAY`."""
    settings = {
        "application_name": "threeline-relay",
        "statement_timeout": "0" if patient else _ms(STATEMENT_S),
        "lock_timeout": "0" if patient else _ms(LOCK_S),
        "idle_in_transaction_session_timeout": "0" if patient else _ms(idle_s),
        "synchronous_commit": "on",
        "jit": "off",
    }
    return await asyncpg.connect(
        address.dsn(),
        password=address.password or None,
        timeout=CONNECT_S,
        command_timeout=None if patient else STATEMENT_S + 3,
        statement_cache_size=STATEMENTS,
        server_settings=settings,
    )


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))


@asynccontextmanager
async def core(db: asyncpg.Connection, before: Callable[[], None] | None = None) -> AsyncGenerator[Connection]:
    """SQLAlchemy Core over this very connection; transactions stay with whoever opened it.

    `before` is called ahead of each statement that goes through Core.
    """

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
            if before is not None:
                event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: before())
            if connection.sync_connection is None:
                raise asyncpg.InterfaceError("not connected")
            yield connection.sync_connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def opened(address: PostgresAddress) -> AsyncGenerator[tuple[asyncpg.Connection, Connection]]:
    """A connection of one's own for one piece of work that may take its time. Raises ConfigError without a server."""
    try:
        db = await connect(address, patient=True)
    except UNCONNECTED as error:
        raise ConfigError(f"{masked(address.url)}: {error or type(error).__name__}") from error
    try:
        async with core(db) as sql:
            yield db, sql
    finally:
        db.terminate() if db.is_closed() else await db.close(timeout=CONNECT_S)


@asynccontextmanager
async def in_turn(db: asyncpg.Connection) -> AsyncGenerator[None]:
    """A transaction that no other writer of the cluster runs beside; it waits for its turn."""
    await db.execute(BEGIN_IN_TURN)
    try:
        yield
    except BaseException:
        if not db.is_closed():
            await db.execute("ROLLBACK")
        raise
    await db.execute("COMMIT")


def plain(error: BaseException) -> BaseException:
    """The driver's own error under what Core makes of it."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error


def state_of(error: BaseException) -> str:
    """The five letters by which PostgreSQL names a fault; empty for what it did not say."""
    found = plain(error)
    return found.sqlstate if isinstance(found, asyncpg.PostgresError) else ""


def is_away(error: BaseException) -> bool:
    """Whether the connection is of no use any more: gone, being shut down, or to a server that only reads."""
    state = state_of(error)
    if state:
        return (state[:2] in ("08", "57") and state != "57014") or state in ("25P03", "25006", "53300", "0A000")
    return isinstance(plain(error), AWAY)
