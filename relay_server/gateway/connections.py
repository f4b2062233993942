"""Who is connected and which streams each link follows; what was committed goes to them, encoded once an audience."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from relay_server.engine.bus import (
    LOOK,
    Bus,
    Committed,
    Note,
    ToGroupAgents,
    ToPerson,
    ToStream,
    Wake,
    group_key,
    person_key,
    stream_key,
)
from relay_server.gateway.connection import FOLLOWED_AT_MOST, HELD_AT_MOST, RESYNC, Connection
from relay_server.identity.actors import AgentActor
from shared.protocol import codec, frames
from shared.protocol.messages.base import PushBody
from shared.protocol.messages.conversations import EventRecord, StreamPage

BEHIND_AT_MOST: Final = 1_000
_log = logging.getLogger(__name__)


class Connections:
    """The live links of this node; the bus is told what they want."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._by_person: dict[str, dict[Connection, None]] = {}
        self._by_stream: dict[str, dict[Connection, None]] = {}
        self._by_group: dict[str, dict[Connection, None]] = {}
        self.all: dict[Connection, None] = {}
        self.behind: set[str] = set()
        """Streams of which something may not have been told, empty for all: the heartbeat tells their heads."""
        self.emptied = asyncio.Event()
        """Set while there is no link."""
        self.emptied.set()

    def add(self, connection: Connection) -> None:
        """From now on pushes reach this link."""
        self.all[connection] = None
        self.emptied.clear()
        self._index(self._by_person, connection.actor.id, connection, person_key)
        for group_id in _groups(connection):
            self._index(self._by_group, group_id, connection, group_key)

    def remove(self, connection: Connection) -> None:
        """The link is gone."""
        self.all.pop(connection, None)
        self._drop(self._by_person, connection.actor.id, connection, person_key)
        for group_id in _groups(connection):
            self._drop(self._by_group, group_id, connection, group_key)
        for stream in list(connection.following):
            self.unfollow(connection, stream)
        if not self.all:
            self.emptied.set()

    def online(self, person_id: str) -> bool:
        """Whether the person has a link now."""
        return person_id in self._by_person

    async def settled(self) -> None:
        """Returns once other nodes know what the links here want, or have been waited for long enough."""
        await self._bus.settled()

    def end_all(self) -> None:
        """Every link is to connect again, here or elsewhere, and resume."""
        for connection in list(self.all):
            connection.end(RESYNC)

    def of(self, person_id: str) -> tuple[Connection, ...]:
        """The person's links."""
        return tuple(self._by_person.get(person_id, ()))

    # Streams

    async def follow(
        self, connection: Connection, stream: str, fetch: Callable[[], Awaitable[StreamPage | frames.Refused]]
    ) -> StreamPage | frames.Refused:
        """Holds the stream's events back while its page is fetched; `release` lets them go after the reply.

        Only the page that reaches the head makes the link a follower: until then it asks again. Whatever `fetch` would
        say, no customer's link follows an internal stream.
        """
        if not connection.is_agent and not codec.is_public(stream):
            return frames.Refused(code="not_allowed")
        if len(connection.following) >= FOLLOWED_AT_MOST and stream not in connection.following:
            self.unfollow(connection, next(iter(connection.following)))
        connection.following[stream] = []
        self._index(self._by_stream, stream, connection, stream_key)
        await self.settled()
        page = await fetch()
        if isinstance(page, frames.Refused) or page.more:
            self.unfollow(connection, stream)
        return page

    def release(self, connection: Connection, page: StreamPage) -> None:
        """The page is on its way: what came meanwhile follows it."""
        held = connection.following.get(page.stream)
        if held is None:
            return
        connection.following[page.stream] = None
        sent = page.events[-1].seq if page.events else page.head
        for record in held:
            if record.seq > sent:
                connection.send(_event_frame(record, for_agents=connection.is_agent))

    def unfollow(self, connection: Connection, stream: str) -> None:
        """No more events of the stream on this link."""
        connection.following.pop(stream, None)
        self._drop(self._by_stream, stream, connection, stream_key)

    def _index(
        self,
        index: dict[str, dict[Connection, None]],
        name: str,
        connection: Connection,
        key: Callable[[str], str],
    ) -> None:
        found = index.get(name)
        if found is None:
            found = index[name] = {}
            self._bus.want(key(name))
        found[connection] = None

    def _drop(
        self,
        index: dict[str, dict[Connection, None]],
        name: str,
        connection: Connection,
        key: Callable[[str], str],
    ) -> None:
        found = index.get(name)
        if found is not None:
            found.pop(connection, None)
            if not found:
                del index[name]
                self._bus.unwant(key(name))

    # What the bus says

    def hear(self, committed: Committed) -> None:
        """Listener of the bus."""
        for record in committed.events:
            followers = self._by_stream.get(record.stream)
            if followers:
                self._fan_out(record, followers)
        for note in committed.notes:
            self._tell(note)

    def _fan_out(self, record: EventRecord, followers: Iterable[Connection]) -> None:
        encoded: dict[bool, bytes] = {}
        for connection in followers:
            held = connection.following.get(record.stream)
            if held is not None:
                held.append(record)
                if len(held) > HELD_AT_MOST:
                    connection.end(RESYNC)
                continue
            for_agents = connection.is_agent
            frame = encoded.get(for_agents)
            if frame is None:
                frame = encoded[for_agents] = _event_frame(record, for_agents=for_agents)
            connection.send(frame)

    def _tell(self, note: Note) -> None:
        match note:
            case ToPerson(person_id, push):
                _push(self._by_person.get(person_id, ()), push)
            case ToGroupAgents(group_id, push):
                _push(self._by_group.get(group_id, ()), push)
            case ToStream(stream, push, but_not):
                others = [each for each in self._by_stream.get(stream, ()) if each.actor.id != but_not]
                _push(others, push)
            case Wake(topic, key):
                if topic == LOOK and len(self.behind) < BEHIND_AT_MOST:
                    self.behind.add(key)


def _event_frame(record: EventRecord, *, for_agents: bool) -> bytes:
    if not for_agents:
        return codec.encode_to_customer(frames.PublicEvent(record=record))
    if codec.is_public(record.stream):
        return codec.encode_to_agent(frames.PublicEvent(record=record))
    return codec.encode_to_agent(frames.InternalEvent(record=record))


def _push(connections: Iterable[Connection], push: PushBody) -> None:
    encoded: dict[bool, bytes | None] = {}
    for connection in connections:
        for_agents = connection.is_agent
        if for_agents not in encoded:
            encoded[for_agents] = push_frame(push, for_agents=for_agents)
        frame = encoded[for_agents]
        if frame is not None:
            connection.send(frame)


def push_frame(push: PushBody, *, for_agents: bool) -> bytes | None:
    """The push as that audience may read it; None when it is none of theirs."""
    if for_agents and isinstance(push, frames.AgentPush):
        return codec.encode_to_agent(frames.Push(body=push))
    if not for_agents and isinstance(push, frames.CustomerPush):
        return codec.encode_to_customer(frames.Push(body=push))
    _log.error("a %s was addressed to the wrong audience and is dropped", type(push).__name__)
    return None


def _groups(connection: Connection) -> tuple[str, ...]:
    return connection.actor.profile.group_ids if isinstance(connection.actor, AgentActor) else ()
