"""A store that is open for one command."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import func, select

from relay_server.app import Adapters
from relay_server.engine.journal import Journal, Transaction
from relay_server.engine.schema.identity import setup
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
    require_set_up(settings.store_file, settings.data_dir)
    async with adapters.open_journal(settings.store_file, adapters.bus) as journal:
        yield journal


def require_set_up(store_file: Path, data_dir: Path) -> None:
    """Raises CommandRefused `not_set_up`."""
    if not store_file.is_file():
        raise CommandRefused("not_set_up", path=str(data_dir))


def is_set_up(tx: Transaction) -> bool:
    """Whether the first set-up has locked itself."""
    return bool(tx.sql.execute(select(func.count()).select_from(setup)).scalar_one())


def settled(answer: object) -> None:
    """Raises CommandRefused for a refusal of the store (full, busy)."""
    if isinstance(answer, Refused):
        raise CommandRefused("not_done", why=answer.code)
