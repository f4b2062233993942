"""What was erased is gone from every copy: an old snapshot that hears of it equals a fresh one of the erased record,
wherever the snapshot was made; erasing twice is erasing once; nothing typed is left."""

from random import Random
from typing import get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from shared.protocol import codec
from shared.protocol import frames as f
from shared.protocol.messages import conversations as c
from shared.protocol.messages import insight as m
from shared.protocol.messages import remote as x
from shared.protocol.messages import tickets as tk
from shared.protocol.messages.base import EventBody
from shared.protocol.types import Attachment, PersonRef
from shared.rules import erasure
from shared.rules import timeline as t

TYPED = "Qx7"
CUSTOMER = PersonRef(id="maya", name=TYPED, kind="customer")
AGENT = PersonRef(id="a1", name="Agent", kind="agent", tier=1)
people = st.sampled_from([CUSTOMER, AGENT])
PICTURE = Attachment(blob_id="b1", name=f"{TYPED}.png", media_type="image/png", size_bytes=3)

public = st.one_of(
    st.builds(
        c.ConversationOpened,
        conversation_id=st.just("k1"),
        customer=st.just(CUSTOMER),
        group_id=st.just("g1"),
        subject=st.just(TYPED),
        answers=st.just({"problem": TYPED}),
        system=st.sampled_from([None, {"os": TYPED}]),
    ),
    st.builds(
        c.ChatPosted,
        client_id=st.uuids().map(str),
        author=people,
        text=st.just(TYPED),
        attachments=st.sampled_from([(), (PICTURE,)]),
    ),
    st.builds(c.MessageLeft, answers=st.just({"message": TYPED}), keep_place=st.booleans()),
    st.builds(c.ParticipantJoined, person=people, mode=st.sampled_from(["owner", "customer"])),
    st.builds(c.MessagesRead, person_id=st.just("maya"), up_to=st.integers(0, 9)),
    st.builds(
        x.CapabilityAsked,
        request_id=st.sampled_from(["r1", "r2"]),
        session_id=st.just("s1"),
        agent=st.just(AGENT),
        capabilities=st.just(("view",)),
        reason=st.just(TYPED),
        expires_ms=st.just(9),
    ),
    st.builds(
        x.ConsentAnswered,
        request_id=st.sampled_from(["r1", "r2"]),
        session_id=st.just("s1"),
        agent=st.just(AGENT),
        grants=st.just(()),
        source=st.just(TYPED),
    ),
    st.builds(x.RemoteEnded, session_id=st.just("s1"), by=people, reason=st.just("customer_stopped")),
    st.builds(m.RatingGiven, by=st.just(CUSTOMER), solved=st.just("yes"), comment=st.just(TYPED)),
)
internal = st.one_of(
    st.builds(c.NoteAdded, client_id=st.uuids().map(str), author=st.just(AGENT), text=st.just(TYPED)),
    st.builds(c.OfferEnded, agent=st.just(AGENT), outcome=st.just("declined"), reason=st.just(TYPED)),
)
whats = st.sampled_from(sorted(erasure.DEPTH))
Pair = tuple[c.EventRecord, EventBody | codec.UnknownEvent]


def pair(event: EventBody, hidden: bool, seq: int, order: int) -> Pair:
    stream = c.internal_stream("k1") if hidden else c.public_stream("k1")
    kind, body = codec.kind_of(event), codec.encode_event(event)
    record = c.EventRecord(stream=stream, seq=seq, order=order, at_ms=order, kind=kind, body=body)
    return record, codec.decode_event(record)


@st.composite
def erased_histories(draw: st.DrawFn) -> tuple[list[Pair], list[Pair]]:
    """A history with erasures in it, as it was written, and as a relay keeps it afterwards."""
    erasing = whats.map(lambda what: c.ContentErased(what=what, why="asked"))
    hidden = internal.map(lambda event: (event, True))
    steps = draw(st.lists(st.one_of(public.map(lambda e: (e, False)), hidden, erasing.map(lambda e: (e, False)))))
    seqs = {False: 0, True: 0}
    written: list[tuple[EventBody, bool]] = []
    kept: list[EventBody] = []
    for event, is_hidden in steps:
        if isinstance(event, c.ContentErased):
            kept = [erasure.erased(each, event.what) for each in kept]
        written.append((event, is_hidden))
        kept.append(event)
    old: list[Pair] = []
    new: list[Pair] = []
    for order, ((event, is_hidden), left) in enumerate(zip(written, kept, strict=True), 1):
        seqs[is_hidden] += 1
        old.append(pair(event, is_hidden, seqs[is_hidden], order))
        new.append(pair(left, is_hidden, seqs[is_hidden], order))
    return old, new


@given(erased_histories(), st.data())
def test_an_old_snapshot_that_hears_of_it_is_the_fresh_one(
    histories: tuple[list[Pair], list[Pair]], data: st.DataObject
) -> None:
    written, kept = histories
    fresh = t.apply_all(t.empty("k1"), kept)
    cut = data.draw(st.integers(0, len(kept)))
    assert t.apply_all(t.apply_all(t.empty("k1"), written[:cut]), kept[cut:]) == fresh
    assert t.apply_all(t.empty("k1"), written) == fresh


@given(erased_histories(), st.randoms(use_true_random=False))
def test_the_streams_may_arrive_in_any_interleaving(histories: tuple[list[Pair], list[Pair]], random: Random) -> None:
    written, kept = histories
    lanes = [[p for p in written if codec.is_public(p[0].stream) is public] for public in (True, False)]
    mixed: list[Pair] = []
    while any(lanes):
        mixed.append(random.choice([one for one in lanes if one]).pop(0))
    assert t.apply_all(t.empty("k1"), mixed).entries == t.apply_all(t.empty("k1"), kept).entries


@given(erased_histories())
def test_nothing_typed_is_left_after_everything_was_erased(histories: tuple[list[Pair], list[Pair]]) -> None:
    written, _ = histories
    seq = sum(codec.is_public(record.stream) for record, _ in written) + 1
    last = pair(c.ContentErased(what="everything", why="asked"), False, seq, len(written) + 1)
    folded = t.apply_all(t.empty("k1"), [*written, last])
    assert TYPED not in repr(folded)


@given(st.one_of(public, internal), whats, whats)
def test_erasing_again_changes_nothing_and_more_includes_less(
    event: EventBody, first: erasure.What, second: erasure.What
) -> None:
    deeper = max(first, second, key=erasure.DEPTH.__getitem__)
    assert erasure.erased(erasure.erased(event, first), second) == erasure.erased(event, deeper)


def test_every_event_says_what_of_it_is_erased() -> None:
    every = set(get_args(f.EventBody))
    assert every == erasure.TYPED | erasure.NOTHING_TYPED
    assert not erasure.TYPED & erasure.NOTHING_TYPED


def test_no_event_that_is_left_as_it_is_has_room_for_words() -> None:
    """Texts longer than a code or a name, and maps of texts, are where people type."""
    for kind in erasure.NOTHING_TYPED:
        fields = {each.name: repr(each.type) for each in msgspec.structs.fields(kind)}
        wordy = {name for name, type_ in fields.items() if "max_length=4000" in type_ or "max_length=8000" in type_}
        assert wordy == set(), kind


def test_a_ticket_log_loses_subject_notes_and_the_customers_name() -> None:
    opened = tk.TicketOpened(number="T-1", subject=TYPED, customer=CUSTOMER, group_id="g", priority=3)
    changed = tk.TicketStateChanged(old="new", new="closed", by=CUSTOMER, note=TYPED)
    asked = tk.SessionStep(what="capability_asked", by=AGENT, params={"capabilities": "view", "reason": TYPED})
    ended = tk.SessionStep(what="remote_ended", by=AGENT, params={"reason": "expired"})
    moved = tk.SessionStep(what="file_moved", by=AGENT, params={"name": TYPED, "size": "9", "sha256": TYPED})
    left = [erasure.erased(each, "everything") for each in (opened, changed, asked, moved)]
    assert TYPED not in repr(left)
    assert erasure.erased(asked, "everything").params == {"capabilities": "view", "reason": ""}
    assert erasure.erased(ended, "everything") == ended
