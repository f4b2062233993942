"""The fold of a conversation's events: what every window and the relay's own lists show of it.

Law: folding old events and then new ones equals folding all of them, in whatever order the two streams arrive.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, structs

from shared.protocol.codec import UnknownEvent, is_public
from shared.protocol.messages import conversations as c
from shared.protocol.messages import insight as m
from shared.protocol.messages import remote as x
from shared.protocol.messages.base import EventBody
from shared.protocol.types import ConversationState, Grant, Mode, PersonRef
from shared.rules import erasure


class GapError(ValueError):
    """An event is missing before this one: ask `Follow` again from the last known `seq`."""


class Participant(Struct, frozen=True):
    """Somebody who is in the conversation now."""

    person: PersonRef
    mode: Mode


class Entry(Struct, frozen=True):
    """One line of the timeline: an event that people read, with where it stands."""

    order: int
    seq: int
    at_ms: int
    internal: bool
    event: EventBody | UnknownEvent


class Remote(Struct, frozen=True):
    """The remote session as the record tells it; the customer's machine alone knows what holds this second."""

    session_id: str
    live: bool = False
    grants: tuple[Grant, ...] = ()
    source: str = ""
    ended: x.RemoteEnded | None = None


class Timeline(Struct, frozen=True, kw_only=True):
    """A conversation as folded so far. `state_order` is the `order` of the event that set `state`."""

    conversation_id: str
    state: ConversationState = "new"
    state_order: int = -1
    subject: str = ""
    group_id: str = ""
    customer: PersonRef | None = None
    answers: Mapping[str, str] = {}
    system: Mapping[str, str] | None = None
    participants: tuple[Participant, ...] = ()
    entries: tuple[Entry, ...] = ()
    delivered: Mapping[str, int] = {}
    read: Mapping[str, int] = {}
    asks: tuple[x.CapabilityAsked, ...] = ()
    remote: Remote | None = None
    receipts: tuple[str, ...] = ()
    closed: c.ConversationClosed | None = None
    rating: m.RatingGiven | None = None
    public_seq: int = 0
    internal_seq: int = 0
    unknown: int = 0
    erasures: Mapping[erasure.What, int] = {}
    """What was erased, and the `order` before which."""

    @property
    def owner(self) -> PersonRef | None:
        """The one agent who is responsible now."""
        return next((p.person for p in self.participants if p.mode == "owner"), None)


def empty(conversation_id: str) -> Timeline:
    """Before the first event."""
    return Timeline(conversation_id=conversation_id)


def apply(timeline: Timeline, record: c.EventRecord, event: EventBody | UnknownEvent) -> Timeline:
    """The timeline after one event. A known one changes nothing; raises `GapError` when one before it is missing."""
    internal = not is_public(record.stream)
    known = timeline.internal_seq if internal else timeline.public_seq
    if record.seq <= known:
        return timeline
    if record.seq > known + 1:
        raise GapError(f"{record.stream}: {record.seq} after {known}")
    seqs = {"internal_seq" if internal else "public_seq": record.seq}
    timeline = structs.replace(timeline, **seqs)
    if isinstance(event, UnknownEvent):
        timeline = structs.replace(timeline, unknown=timeline.unknown + 1)
    elif isinstance(event, c.ContentErased):
        timeline = _erase(timeline, event.what, record.order)
    else:
        event = _without_erased(timeline.erasures, record.order, event)
        timeline = _set_state(timeline, record.order, event)
        change = _CHANGES.get(type(event))
        timeline = change(timeline, event) if change else timeline
    return timeline if isinstance(event, _SILENT) else _insert(timeline, record, event, internal)


def apply_all(timeline: Timeline, events: Iterable[tuple[c.EventRecord, EventBody | UnknownEvent]]) -> Timeline:
    """`apply` for a page of them."""
    for record, event in events:
        timeline = apply(timeline, record, event)
    return timeline


_SILENT = (c.MessagesDelivered, c.MessagesRead)

STATE_AFTER: Mapping[type[EventBody], ConversationState] = {
    c.ConversationOpened: "new",
    c.ConversationQueued: "queued",
    c.OfferMade: "offered",
    c.ConversationAbandoned: "abandoned",
    c.ConversationEnded: "wrap_up",
    c.ConversationClosed: "closed",
}
"""The state that an event leads to whatever was before; the rules of what may happen when are the relay's."""


def _without_erased(erasures: Mapping[erasure.What, int], order: int, event: EventBody) -> EventBody:
    """An old event that comes late, or from a copy made before, says no more than one that comes now."""
    for what, before in erasures.items():
        if order < before:
            event = erasure.erased(event, what)
    return event


def _erase(timeline: Timeline, what: erasure.What, order: int) -> Timeline:
    """Everything held of older events loses what they lost."""
    erasures: Mapping[erasure.What, int] = {**timeline.erasures, what: max(order, timeline.erasures.get(what, 0))}
    entries = tuple(
        each
        if isinstance(each.event, UnknownEvent)
        else structs.replace(each, event=_without_erased(erasures, each.order, each.event))
        for each in timeline.entries
    )
    timeline = structs.replace(timeline, erasures=erasures, entries=entries)
    depth = erasure.DEPTH[what]
    if depth >= erasure.DEPTH["words"]:
        timeline = _wordless(timeline, what)
    return _nameless(timeline) if depth >= erasure.DEPTH["everything"] else timeline


def _wordless(t: Timeline, what: erasure.What) -> Timeline:
    asks = tuple(erasure.erased(each, what) for each in t.asks)
    rating = erasure.erased(t.rating, what) if t.rating else None
    remote = structs.replace(t.remote, source="", ended=_maybe(t.remote.ended, what)) if t.remote else None
    return structs.replace(t, answers={}, system=None, asks=asks, rating=rating, remote=remote)


def _maybe(ended: x.RemoteEnded | None, what: erasure.What) -> x.RemoteEnded | None:
    return erasure.erased(ended, what) if ended else None


def _nameless(t: Timeline) -> Timeline:
    customer = erasure.nameless(t.customer) if t.customer else None
    people = tuple(
        structs.replace(each, person=erasure.nameless(each.person)) if each.person.kind == "customer" else each
        for each in t.participants
    )
    return structs.replace(t, subject="", customer=customer, participants=people)


def _set_state(timeline: Timeline, order: int, event: EventBody) -> Timeline:
    state = STATE_AFTER.get(type(event))
    if isinstance(event, c.OfferEnded) and event.outcome != "accepted" and timeline.state == "offered":
        state = "queued"
    elif isinstance(event, c.ParticipantJoined) and event.mode == "owner":
        state = "active"
    elif isinstance(event, c.MessageLeft) and not event.keep_place:
        state = "closed"
    if state is None or order < timeline.state_order:
        return timeline
    return structs.replace(timeline, state=state, state_order=order)


def _insert(timeline: Timeline, record: c.EventRecord, event: EventBody | UnknownEvent, internal: bool) -> Timeline:
    entry = Entry(record.order, record.seq, record.at_ms, internal, event)
    entries = timeline.entries
    if not entries or entries[-1].order < entry.order:
        return structs.replace(timeline, entries=(*entries, entry))
    place = bisect_right(entries, entry.order, key=lambda e: e.order)
    return structs.replace(timeline, entries=(*entries[:place], entry, *entries[place:]))


def _opened(t: Timeline, e: c.ConversationOpened) -> Timeline:
    return structs.replace(
        t,
        customer=e.customer,
        subject=e.subject,
        group_id=e.group_id,
        answers=e.answers,
        system=e.system,
        participants=(Participant(e.customer, "customer"),),
    )


def _queued(t: Timeline, e: c.ConversationQueued) -> Timeline:
    return structs.replace(t, group_id=e.group_id, closed=None)


def _joined(t: Timeline, e: c.ParticipantJoined) -> Timeline:
    others = tuple(p for p in t.participants if p.person.id != e.person.id)
    return structs.replace(t, participants=(*others, Participant(e.person, e.mode)))


def _left(t: Timeline, e: c.ParticipantLeft) -> Timeline:
    return structs.replace(t, participants=tuple(p for p in t.participants if p.person.id != e.person.id))


def _delivered(t: Timeline, e: c.MessagesDelivered) -> Timeline:
    return structs.replace(t, delivered=_raised(t.delivered, e.person_id, e.up_to))


def _read(t: Timeline, e: c.MessagesRead) -> Timeline:
    return structs.replace(
        t, read=_raised(t.read, e.person_id, e.up_to), delivered=_raised(t.delivered, e.person_id, e.up_to)
    )


def _raised(marks: Mapping[str, int], person_id: str, up_to: int) -> Mapping[str, int]:
    return marks if marks.get(person_id, 0) >= up_to else {**marks, person_id: up_to}


def _asked(t: Timeline, e: x.CapabilityAsked) -> Timeline:
    remote = t.remote if t.remote and t.remote.session_id == e.session_id else Remote(e.session_id)
    return structs.replace(t, asks=(*t.asks, e), remote=remote)


def _without_ask(t: Timeline, request_id: str) -> Timeline:
    return structs.replace(t, asks=tuple(a for a in t.asks if a.request_id != request_id))


def _withdrawn(t: Timeline, e: x.AskWithdrawn) -> Timeline:
    return _without_ask(t, e.request_id)


def _answered(t: Timeline, e: x.ConsentAnswered) -> Timeline:
    t = _without_ask(t, e.request_id)
    remote = t.remote if t.remote and t.remote.session_id == e.session_id else Remote(e.session_id)
    fresh = {(g.agent_id, g.capability) for g in e.grants}
    kept = tuple(g for g in remote.grants if (g.agent_id, g.capability) not in fresh)
    grants = (*kept, *e.grants)
    return structs.replace(t, remote=structs.replace(remote, grants=grants, source=e.source or remote.source))


def _remote_started(t: Timeline, e: x.RemoteStarted) -> Timeline:
    remote = t.remote if t.remote and t.remote.session_id == e.session_id else Remote(e.session_id)
    return structs.replace(t, remote=structs.replace(remote, live=True, ended=None))


def _grant_ended(t: Timeline, e: x.GrantEnded) -> Timeline:
    if t.remote is None or t.remote.session_id != e.session_id:
        return t
    gone = (e.agent_id, e.capability)
    grants = tuple(g for g in t.remote.grants if (g.agent_id, g.capability) != gone)
    return structs.replace(t, remote=structs.replace(t.remote, grants=grants))


def _remote_ended(t: Timeline, e: x.RemoteEnded) -> Timeline:
    asks = tuple(a for a in t.asks if a.session_id != e.session_id)
    if t.remote is None or t.remote.session_id != e.session_id:
        return structs.replace(t, asks=asks)
    return structs.replace(t, asks=asks, remote=structs.replace(t.remote, live=False, grants=(), ended=e))


def _receipt(t: Timeline, e: x.ReceiptStored) -> Timeline:
    return structs.replace(t, receipts=(*t.receipts, e.session_id))


def _closed(t: Timeline, e: c.ConversationClosed) -> Timeline:
    return structs.replace(t, closed=e)


def _reopened(t: Timeline, _: c.ConversationReopened) -> Timeline:
    return structs.replace(t, closed=None)


def _rated(t: Timeline, e: m.RatingGiven) -> Timeline:
    return structs.replace(t, rating=e)


_CHANGES: Mapping[type[EventBody], Callable[..., Timeline]] = {
    c.ConversationOpened: _opened,
    c.ConversationQueued: _queued,
    c.ParticipantJoined: _joined,
    c.ParticipantLeft: _left,
    c.MessagesDelivered: _delivered,
    c.MessagesRead: _read,
    c.ConversationClosed: _closed,
    c.ConversationReopened: _reopened,
    x.CapabilityAsked: _asked,
    x.AskWithdrawn: _withdrawn,
    x.ConsentAnswered: _answered,
    x.RemoteStarted: _remote_started,
    x.GrantEnded: _grant_ended,
    x.RemoteEnded: _remote_ended,
    x.ReceiptStored: _receipt,
    m.RatingGiven: _rated,
}
