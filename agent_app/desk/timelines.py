"""The conversations whose two streams are followed, folded as their events arrive."""

from collections.abc import Callable
from typing import Final

from agent_app.desk.relay import Relay
from shared.common.shown import Forget, Heard, Shown
from shared.protocol.codec import UnknownEvent
from shared.protocol.messages import conversations as c
from shared.protocol.messages.base import EventBody
from shared.rules import timeline as fold

Soon = Callable[[Callable[[], None]], object]
"""Runs a function once this turn of the loop is over."""
_STREAM_PARTS: Final = 3


class Timelines:
    """Watchers are told once a turn of the loop, however many events a page brought."""

    def __init__(self, relay: Relay, soon: Soon) -> None:
        self._relay = relay
        self._soon = soon
        self._folded: dict[str, fold.Timeline] = {}
        self._shown: dict[str, Shown[fold.Timeline]] = {}
        self._stale: set[str] = set()
        self._deliverable: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self.others = Heard[tuple[c.EventRecord, EventBody | UnknownEvent]]()
        """Events of streams that are no conversation's: tickets."""

    def open(self, conversation_id: str) -> Shown[fold.Timeline]:
        """The timeline of a conversation, followed from its first event until `close`."""
        if conversation_id not in self._shown:
            self._folded[conversation_id] = fold.empty(conversation_id)
            self._shown[conversation_id] = Shown(self._folded[conversation_id])
            self._relay.follow(c.public_stream(conversation_id))
            self._relay.follow(c.internal_stream(conversation_id))
        return self._shown[conversation_id]

    def watch(self, conversation_id: str, show: Callable[[fold.Timeline], None]) -> Forget:
        """Open it and show it now and after each change."""
        return self.open(conversation_id).watch(show)

    def close(self, conversation_id: str) -> None:
        """Follow it no more and forget it."""
        if self._shown.pop(conversation_id, None) is not None:
            self._relay.unfollow(c.public_stream(conversation_id))
            self._relay.unfollow(c.internal_stream(conversation_id))
            for kept in (self._folded, self._deliverable, self._told):
                kept.pop(conversation_id, None)
            self._stale.discard(conversation_id)

    def close_all(self) -> None:
        """Nobody is signed in any more."""
        for conversation_id in tuple(self._shown):
            self.close(conversation_id)

    def on_event(self, record: c.EventRecord, event: EventBody | UnknownEvent) -> None:
        """One event of the link, in order within its stream."""
        parts = record.stream.split("/")
        if len(parts) != _STREAM_PARTS or parts[0] != "c":
            self.others.tell((record, event))
            return
        conversation_id = parts[1]
        known = self._folded.get(conversation_id)
        if known is None:
            return
        self._folded[conversation_id] = fold.apply(known, record, event)
        if isinstance(event, c.ChatPosted):
            self._deliverable[conversation_id] = record.seq
        if not self._stale:
            self._soon(self._catch_up)
        self._stale.add(conversation_id)

    def _catch_up(self) -> None:
        stale, self._stale = self._stale, set()
        for conversation_id in stale:
            self._mark_delivered(conversation_id)
            self._shown[conversation_id].set(self._folded[conversation_id])

    def _mark_delivered(self, conversation_id: str) -> None:
        seq = self._deliverable.get(conversation_id, 0)
        if seq > self._told.get(conversation_id, 0):
            self._told[conversation_id] = seq
            self._relay.tell(c.MarkDelivered(conversation_id=conversation_id, seq=seq))
