import pytest

from shared.protocol import codec
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.messages.base import EventBody
from shared.protocol.types import Grant, PersonRef
from shared.rules import timeline as t

MAYA = PersonRef(id="maya", name="Maya", kind="customer")
ANA = PersonRef(id="ana", name="Ana", kind="agent", tier=1)


class Journal:
    """Numbers events as the relay does."""

    def __init__(self) -> None:
        self.events: list[tuple[c.EventRecord, EventBody | codec.UnknownEvent]] = []
        self.seqs: dict[str, int] = {}

    def add(self, event: EventBody, internal: bool = False) -> None:
        stream = c.internal_stream("k1") if internal else c.public_stream("k1")
        self.seqs[stream] = self.seqs.get(stream, 0) + 1
        record = c.EventRecord(
            stream=stream,
            seq=self.seqs[stream],
            order=len(self.events) + 1,
            at_ms=1000 + len(self.events),
            kind=codec.kind_of(event),
            body=codec.encode_event(event),
        )
        self.events.append((record, event))


def a_conversation() -> Journal:
    journal = Journal()
    journal.add(
        c.ConversationOpened(conversation_id="k1", customer=MAYA, group_id="g1", subject="Export stops", answers={})
    )
    journal.add(c.ConversationQueued(group_id="g1", since_ms=1000))
    journal.add(c.OfferMade(agent=ANA, deadline_ms=9000), internal=True)
    journal.add(c.OfferEnded(agent=ANA, outcome="accepted"), internal=True)
    journal.add(c.ParticipantJoined(person=ANA, mode="owner"))
    journal.add(c.NoteAdded(client_id="n1", author=ANA, text="seen before"), internal=True)
    journal.add(c.ChatPosted(client_id="m1", author=MAYA, text="hello"))
    journal.add(c.MessagesRead(person_id="ana", up_to=4))
    return journal


def fold(events: list[tuple[c.EventRecord, EventBody | codec.UnknownEvent]]) -> t.Timeline:
    return t.apply_all(t.empty("k1"), events)


def test_a_conversation_folds_to_what_people_see() -> None:
    timeline = fold(a_conversation().events)
    assert timeline.state == "active"
    assert timeline.owner == ANA
    assert timeline.read == {"ana": 4}
    assert timeline.delivered == {"ana": 4}
    assert [type(e.event).__name__ for e in timeline.entries][-2:] == ["NoteAdded", "ChatPosted"]


def test_an_offer_shows_only_to_those_who_follow_the_internal_stream() -> None:
    events = a_conversation().events[:3]
    assert fold(events).state == "offered"
    assert fold([pair for pair in events if codec.is_public(pair[0].stream)]).state == "queued"


def test_the_two_streams_may_arrive_in_any_interleaving() -> None:
    events = a_conversation().events
    public = [pair for pair in events if codec.is_public(pair[0].stream)]
    internal = [pair for pair in events if not codec.is_public(pair[0].stream)]
    assert fold(public + internal) == fold(internal + public) == fold(events)


def test_an_event_twice_is_one_and_a_missing_one_is_told() -> None:
    events = a_conversation().events
    timeline = fold(events)
    assert t.apply(timeline, *events[0]) == timeline
    with pytest.raises(t.GapError):
        fold([events[0], events[4]])


def test_an_event_of_a_newer_relay_is_counted_and_passed() -> None:
    journal = a_conversation()
    record = c.EventRecord(stream=c.public_stream("k1"), seq=6, order=99, at_ms=1, kind="teleported", body="{}")
    event = codec.decode_event(record)
    timeline = t.apply(fold(journal.events), record, event)
    assert (timeline.unknown, timeline.public_seq) == (1, 6)
    assert timeline.entries[-1].event == codec.UnknownEvent(kind="teleported")


def test_a_remote_session_from_question_to_end() -> None:
    journal = a_conversation()
    ask = x.CapabilityAsked(
        request_id="r1", session_id="s1", agent=ANA, capabilities=("view",), reason="look", expires_ms=60_000
    )
    grant = Grant(capability="view", agent_id="ana", until_ms=900_000)
    journal.add(ask)
    assert fold(journal.events).asks == (ask,)
    journal.add(x.ConsentAnswered(request_id="r1", session_id="s1", agent=ANA, grants=(grant,), source="Monitor 1"))
    journal.add(x.RemoteStarted(session_id="s1", agent=ANA))
    live = fold(journal.events)
    assert live.asks == ()
    assert live.remote is not None
    assert (live.remote.live, live.remote.grants, live.remote.source) == (True, (grant,), "Monitor 1")
    journal.add(x.RemoteEnded(session_id="s1", by=MAYA, reason="customer_stopped"))
    ended = fold(journal.events).remote
    assert ended is not None
    assert (ended.live, ended.grants) == (False, ())
