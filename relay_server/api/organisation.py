"""Routes of agents, groups, figures, and of the servers that clients may use."""

from typing import Annotated

from msgspec import Meta, Struct

from relay_server.api.routes import Call, Nothing, Pages, Route, after_id, cursor_of
from relay_server.engine.raw import Rows
from relay_server.identity.permissions import refuse
from relay_server.insight.figures import Figures, figures
from relay_server.organisation import staff
from relay_server.organisation.staff import AgentDocument
from relay_server.remote.turn import Helpers
from shared.common.clock import now_ms
from shared.protocol.frames import Refused
from shared.protocol.messages.organisation import GroupView
from shared.protocol.messages.remote import IceServer
from shared.protocol.types import Millis

_FAR: int = 2**48 - 1


class AgentPage(Struct, frozen=True, kw_only=True):
    """By id; `next_cursor` is empty on the last page."""

    items: tuple[AgentDocument, ...]
    next_cursor: str


class GroupList(Struct, frozen=True, kw_only=True):
    """Every group in its order."""

    items: tuple[GroupView, ...]


class Span(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a moment on and before another."""

    from_ms: Millis = 0
    to_ms: Annotated[int, Meta(ge=0, lt=2**48)] = _FAR


class Servers(Struct, frozen=True, kw_only=True):
    """`relays` are the addresses that clients may connect to, any of them; `ice` the STUN and TURN servers with
    credentials that hold until `expires_ms`."""

    relays: tuple[str, ...]
    ice: tuple[IceServer, ...]
    expires_ms: Millis


def _agents(rows: Rows, call: Call[Pages, None]) -> AgentPage | Refused:
    after = after_id(call.query.cursor)
    if isinstance(after, Refused):
        return after
    found = staff.agents(rows, call.actor, after, call.query.limit)
    if isinstance(found, Refused):
        return found
    full = len(found) == call.query.limit
    return AgentPage(items=tuple(found), next_cursor=cursor_of(found[-1].agent_id) if full else "")


def _groups(rows: Rows, call: Call[Nothing, None]) -> GroupList | Refused:
    found = staff.groups(rows, call.actor)
    return found if isinstance(found, Refused) else GroupList(items=tuple(found))


def _figures(rows: Rows, call: Call[Span, None]) -> Figures | Refused:
    return figures(rows, call.actor, call.query.from_ms, call.query.to_ms)


def routes(helpers: Helpers, relays: tuple[str, ...]) -> tuple[Route, ...]:
    """`helpers` make credentials; `relays` are the settings' own words."""

    def servers(rows: Rows, call: Call[Nothing, None]) -> Servers | Refused:
        del rows
        if refused := refuse(call.actor, "servers.read"):
            return refused
        at_ms = now_ms()
        ice = helpers.servers(call.actor.id, at_ms)
        return Servers(relays=relays, ice=ice, expires_ms=at_ms + helpers.ttl_s * 1000)

    return (
        Route(
            method="GET",
            path="/agents",
            name="list_agents",
            summary="Agents by id",
            scope="read:organisation",
            query=Pages,
            answer=AgentPage,
            read=_agents,
        ),
        Route(
            method="GET",
            path="/groups",
            name="list_groups",
            summary="Every group",
            scope="read:organisation",
            answer=GroupList,
            read=_groups,
        ),
        Route(
            method="GET",
            path="/figures",
            name="read_figures",
            summary="What was asked, done and said about it in a span of time",
            scope="read:figures",
            query=Span,
            answer=Figures,
            read=_figures,
        ),
        Route(
            method="GET",
            path="/servers",
            name="read_servers",
            summary="Relays, and STUN and TURN servers with fresh credentials",
            scope="read:servers",
            answer=Servers,
            read=servers,
        ),
    )
