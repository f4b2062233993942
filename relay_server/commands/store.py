"""A store that is open for one command."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import Connection, func, inspect, select

from relay_server.app import Adapters
from relay_server.engine.journal import Journal
from relay_server.engine.schema.identity import setup
from relay_server.engine.store import Store
from relay_server.settings import Settings
from shared.common.errors import ThreelineError
from shared.protocol.frames import Refused


class CommandRefused(ThreelineError):
    """What was asked cannot be done; `code` and `params` find the words (`relay.refused_<code>`)."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params  # `detail` may be one of them


@asynccontextmanager
async def opened(settings: Settings, adapters: Adapters) -> AsyncGenerator[Journal]:
    """The journal of a relay that is set up. Raises CommandRefused."""
    async with (await ready(settings, adapters)).open(adapters.bus) as journal:
        yield journal


async def ready(settings: Settings, adapters: Adapters) -> Store:
    """The store of a relay that is set up, as it is. Raises CommandRefused `not_set_up`."""
    require_set_up(settings)
    store = adapters.open_store(settings)
    if not await store.look(is_set_up):
        raise CommandRefused("not_set_up", path=str(settings.data_dir))
    return store


def require_set_up(settings: Settings) -> None:
    """Looks at the data directory only. Raises CommandRefused `not_set_up`."""
    if not (settings.pass_key_file if settings.store_url else settings.store_file).is_file():
        raise CommandRefused("not_set_up", path=str(settings.data_dir))


def is_set_up(sql: Connection) -> bool:
    """Whether the first set-up has locked itself."""
    there = inspect(sql).has_table(setup.name)
    return there and bool(sql.execute(select(func.count()).select_from(setup)).scalar_one())


def settled(answer: object) -> None:
    """Raises CommandRefused for a refusal of the store (full, busy)."""
    if isinstance(answer, Refused):
        raise CommandRefused("not_done", why=answer.code)
