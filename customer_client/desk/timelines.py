"""The conversations that are followed, folded as their events arrive."""

from collections.abc import Callable

from customer_client.desk.relay import Relay
from shared.common.shown import Forget, Heard, Shown
from shared.protocol.codec import UnknownEvent
from shared.protocol.messages import conversations as c
from shared.protocol.messages.base import EventBody
from shared.rules import timeline as fold

Soon = Callable[[Callable[[], None]], object]
"""Runs a function once this turn of the loop is over."""


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
        self.changed = Heard[fold.Timeline]()

    def open(self, conversation_id: str) -> Shown[fold.Timeline]:
        """The timeline of a conversation, followed from its first event."""
        if conversation_id not in self._shown:
            self._folded[conversation_id] = fold.empty(conversation_id)
            self._shown[conversation_id] = Shown(self._folded[conversation_id])
            self._relay.follow(c.public_stream(conversation_id))
        return self._shown[conversation_id]

    def watch(self, conversation_id: str, show: Callable[[fold.Timeline], None]) -> Forget:
        """Open it and show it now and after each change."""
        return self.open(conversation_id).watch(show)

    def on_event(self, record: c.EventRecord, event: EventBody | UnknownEvent) -> None:
        """One event of the link, in order within its stream."""
        conversation_id = record.stream.split("/")[1]
        known = self._folded.get(conversation_id)
        if known is None:
            return
        self._folded[conversation_id] = fold.apply(known, record, event)
        if isinstance(event, c.ChatPosted):
            self._deliverable[conversation_id] = record.seq
        first = not self._stale
        self._stale.add(conversation_id)
        if first:
            self._soon(self._catch_up)

    def _catch_up(self) -> None:
        stale, self._stale = self._stale, set()
        for conversation_id in stale:
            self._mark_delivered(conversation_id)
            self._shown[conversation_id].set(self._folded[conversation_id])
            self.changed.tell(self._folded[conversation_id])

    def _mark_delivered(self, conversation_id: str) -> None:
        timeline = self._folded[conversation_id]
        me = timeline.customer.id if timeline.customer else ""
        seq = self._deliverable.get(conversation_id, 0)
        if seq > max(self._told.get(conversation_id, 0), timeline.delivered.get(me, 0)):
            self._told[conversation_id] = seq
            self._relay.tell(c.MarkDelivered(conversation_id=conversation_id, seq=seq))
