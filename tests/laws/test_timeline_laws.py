"""Law 4: old snapshot + events = fresh snapshot, in any interleaving of the two streams and with resent events."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.protocol import codec
from shared.protocol.messages import conversations as c
from shared.protocol.messages.base import EventBody
from shared.protocol.types import PersonRef
from shared.rules import timeline as t

CUSTOMER = PersonRef(id="maya", name="Maya", kind="customer")
AGENTS = [PersonRef(id=f"a{n}", name=f"Agent {n}", kind="agent", tier=1) for n in range(3)]
people = st.sampled_from([CUSTOMER, *AGENTS])
agents = st.sampled_from(AGENTS)
texts = st.text(max_size=20)

public = st.one_of(
    st.builds(c.ConversationQueued, group_id=st.just("g1"), since_ms=st.just(5)),
    st.builds(c.ParticipantJoined, person=agents, mode=st.sampled_from(["owner", "collaborator"])),
    st.builds(c.ParticipantLeft, person=agents),
    st.builds(c.ChatPosted, client_id=st.uuids().map(str), author=people, text=texts),
    st.builds(c.MessagesRead, person_id=st.just("maya"), up_to=st.integers(0, 9)),
    st.builds(c.MessagesDelivered, person_id=st.just("a1"), up_to=st.integers(0, 9)),
    st.builds(c.ConversationEnded, by=agents),
    st.builds(c.ConversationClosed, category=st.just("x"), result=st.just("solved"), reopen_until_ms=st.just(9)),
)
internal = st.one_of(
    st.builds(c.NoteAdded, client_id=st.uuids().map(str), author=agents, text=texts),
    st.builds(c.OfferMade, agent=agents, deadline_ms=st.just(9)),
    st.builds(c.OfferEnded, agent=agents, outcome=st.sampled_from(["accepted", "declined", "timed_out"])),
)
Pair = tuple[c.EventRecord, EventBody | codec.UnknownEvent]


@st.composite
def histories(draw: st.DrawFn) -> list[Pair]:
    kinds = draw(st.lists(st.one_of(public.map(lambda e: (e, False)), internal.map(lambda e: (e, True))), max_size=25))
    seqs = {False: 0, True: 0}
    pairs: list[Pair] = []
    for order, (event, hidden) in enumerate(kinds, 1):
        seqs[hidden] += 1
        stream = c.internal_stream("k1") if hidden else c.public_stream("k1")
        record = c.EventRecord(
            stream=stream,
            seq=seqs[hidden],
            order=order,
            at_ms=order,
            kind=codec.kind_of(event),
            body=codec.encode_event(event),
        )
        pairs.append((record, codec.decode_event(record)))
    return pairs


@given(histories(), st.data())
def test_old_snapshot_and_events_are_the_fresh_snapshot(history: list[Pair], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(history)))
    again = data.draw(st.integers(0, cut))
    old = t.apply_all(t.empty("k1"), history[:cut])
    assert t.apply_all(old, history[again:]) == t.apply_all(t.empty("k1"), history)


@given(histories(), st.randoms(use_true_random=False))
def test_streams_arrive_in_any_interleaving(history: list[Pair], random: Random) -> None:
    lanes = [
        [p for p in history if codec.is_public(p[0].stream)],
        [p for p in history if not codec.is_public(p[0].stream)],
    ]
    mixed: list[Pair] = []
    while any(lanes):
        lane = random.choice([one for one in lanes if one])
        mixed.append(lane.pop(0))
    fresh = t.apply_all(t.empty("k1"), history)
    shuffled = t.apply_all(t.empty("k1"), mixed)
    assert shuffled.entries == fresh.entries
    assert (shuffled.read, shuffled.delivered, shuffled.participants) == (
        fresh.read,
        fresh.delivered,
        fresh.participants,
    )
