"""Every route there is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relay_server.api import articles, conversations, customers, organisation, tickets, webhooks
from relay_server.api.routes import Route
from relay_server.remote.turn import NO_HELPERS, Helpers
from relay_server.webhooks.hooks import Terms
from relay_server.webhooks.reach import Reach
from relay_server.webhooks.sealing import Seal


@dataclass(frozen=True, slots=True)
class Means:
    """What some routes need beside the store."""

    helpers: Helpers
    relays: tuple[str, ...]
    terms: Terms
    keep_trying_ms: int


NO_MEANS: Final = Means(NO_HELPERS, (), Terms(Reach(), Seal(Path())), 0)
"""Enough to describe the routes, not to carry them out."""


def routes(means: Means) -> tuple[Route, ...]:
    """In the order of the description."""
    return (
        *customers.ROUTES,
        *conversations.ROUTES,
        *tickets.ROUTES,
        *articles.ROUTES,
        *organisation.routes(means.helpers, means.relays),
        *webhooks.routes(means.terms, means.keep_trying_ms),
    )
