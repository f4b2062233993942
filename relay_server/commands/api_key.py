"""Keys of the outside interface, made and revoked in the store of a relay, also while it serves."""

from collections.abc import Sequence
from typing import TypeVar

from relay_server.app import Adapters
from relay_server.commands.store import CommandRefused, opened
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Rows, rows_of
from relay_server.identity import api_keys
from relay_server.identity.api_keys import ApiKey, ApiSecret, Made
from relay_server.identity.scopes import Scope
from relay_server.settings import Settings
from relay_server.webhooks import hooks
from shared.protocol.frames import Refused
from shared.strings import error_text

T = TypeVar("T")


async def create(settings: Settings, adapters: Adapters, name: str, scopes: Sequence[Scope], days: int) -> Made:
    """The secret is in the answer and nowhere else. Raises CommandRefused."""
    async with opened(settings, adapters) as journal:
        return carried_out(await journal.write(lambda tx: api_keys.create(tx, name, scopes, days)))


async def rotate(settings: Settings, adapters: Adapters, name: str, days: int, overlap_h: int) -> Made:
    """A second secret beside the first. Raises CommandRefused."""
    async with opened(settings, adapters) as journal:
        return carried_out(await journal.write(lambda tx: api_keys.rotate(tx, name, days, overlap_h)))


async def revoke(settings: Settings, adapters: Adapters, name: str) -> tuple[ApiKey, int]:
    """The key, and how many webhooks of its making were paused with it. Raises CommandRefused."""

    def work(tx: Transaction) -> tuple[ApiKey, int] | Refused:
        revoked = api_keys.revoke(tx, name)
        return revoked if isinstance(revoked, Refused) else (revoked, hooks.pause_of(tx, revoked.key_id))

    async with opened(settings, adapters) as journal:
        return carried_out(await journal.write(work))


async def listed(settings: Settings, adapters: Adapters) -> list[tuple[ApiKey, list[ApiSecret]]]:
    """Every key with what is seen of its secrets."""

    def look(rows: Rows) -> list[tuple[ApiKey, list[ApiSecret]]]:
        return [(each, api_keys.secrets_of(rows, each.key_id)) for each in api_keys.listed(rows)]

    async with opened(settings, adapters) as journal:
        return await journal.read(lambda sql: look(rows_of(sql)))


def carried_out(answer: T | Refused) -> T:
    """Raises CommandRefused with the words of a refusal."""
    if isinstance(answer, Refused):
        about = " ".join(answer.params.values())
        raise CommandRefused("not_done", why=f"{error_text(answer.code, answer.params)} {about}".strip())
    return answer
