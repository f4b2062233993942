"""Webhooks as the administrator sees them: which there are, what was told, telling it again."""

from typing import Final

from relay_server.app import Adapters
from relay_server.commands.api_key import carried_out
from relay_server.commands.store import opened
from relay_server.engine.raw import rows_of
from relay_server.identity.actors import KeyActor
from relay_server.identity.scopes import SCOPES
from relay_server.settings import Settings
from relay_server.webhooks import hooks, log
from relay_server.webhooks.hooks import Hook
from relay_server.webhooks.log import Delivery, State

_CLI: Final = KeyActor("cli", "cli", SCOPES)
_HOUR_MS: Final = 3_600_000


async def listed(settings: Settings, adapters: Adapters) -> list[Hook]:
    """Those that are not removed."""
    async with opened(settings, adapters) as journal:
        return await journal.read(lambda sql: hooks.every(rows_of(sql)))


async def log_of(
    settings: Settings, adapters: Adapters, webhook_id: str, state: State | None, last: int
) -> list[Delivery]:
    """The newest deliveries, the oldest of them first. Raises CommandRefused."""
    async with opened(settings, adapters) as journal:
        return carried_out(await journal.read(lambda sql: log.newest(rows_of(sql), _CLI, webhook_id, state, last)))


async def redeliver(settings: Settings, adapters: Adapters, webhook_id: str, delivery_id: int) -> Delivery:
    """Tells one event once more, by the relay that serves. Raises CommandRefused."""
    keep_ms = settings.webhook_hours * _HOUR_MS
    async with opened(settings, adapters) as journal:
        return carried_out(await journal.write(lambda tx: log.redeliver(tx, _CLI, webhook_id, delivery_id, keep_ms)))
