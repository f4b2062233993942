"""Proves the laws of a run from everybody's history and the store. Pure: no clock, no files, no chance.

Each law is a function that yields what breaks it, so that one run names every broken law. `tests/crash/test_checker*`
show for each law that it finds a planted fault.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from shared.protocol.codec import decode_event, is_public
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import routing as q
from shared.protocol.messages.base import Command, EventBody, Result
from shared.protocol.messages.conversations import EventRecord
from shared.protocol.messages.tickets import TicketOpened
from shared.rules import timeline
from tests.crash.history import Answered, Asked, Heard, History, Leaked, Line, SignedIn, Store, Took, Wanted


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that did not hold, and where."""

    law: str
    detail: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A line as the store has it."""

    author_id: str
    line: Line
    text: str
    seq: int


@dataclass(frozen=True)
class Story:
    """A finished run: everybody caught up, nothing waits in any outbox."""

    histories: tuple[History, ...]
    store: Store

    @cached_property
    def bodies(self) -> list[tuple[EventRecord, EventBody]]:
        """The store's events, decoded."""
        decoded = [(record, decode_event(record)) for record in self.store.events]
        return [(record, body) for record, body in decoded if isinstance(body, EventBody)]

    @cached_property
    def streams(self) -> dict[str, list[EventRecord]]:
        """The store's events by stream, in the global order."""
        found: dict[str, list[EventRecord]] = defaultdict(list)
        for record in self.store.events:
            found[record.stream].append(record)
        return found

    @cached_property
    def placed(self) -> list[Placed]:
        """Every line and note in the store."""
        found: list[Placed] = []
        for record, body in self.bodies:
            if isinstance(body, c.ChatPosted | c.NoteAdded):
                where = "public" if isinstance(body, c.ChatPosted) else "internal"
                line = Line(record.stream.split("/")[1], body.client_id, where)
                found.append(Placed(body.author.id, line, body.text, record.seq))
        return found

    @cached_property
    def seq_of(self) -> dict[tuple[str, Line], int]:
        """Where each author's line stands."""
        return {(each.author_id, each.line): each.seq for each in self.placed}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and its answer when one came."""

    command: Command
    answer: Result | Refused | None


def person_of(history: History) -> str:
    """Who the relay said this person is; empty when they never signed in."""
    return next((moment.person_id for moment in history.moments if isinstance(moment, SignedIn)), "")


def exchanges(history: History) -> Iterator[Exchange]:
    """Every request with its answer."""
    answers = {(m.link, m.number): m.body for m in history.moments if isinstance(m, Answered)}
    for moment in history.moments:
        if isinstance(moment, Asked):
            yield Exchange(moment.body, answers.get((moment.link, moment.number)))


def line_of(command: Command) -> Line | None:
    """The line that a command sends."""
    if isinstance(command, c.SendChat):
        return Line(command.conversation_id, command.client_id, "public")
    return Line(command.conversation_id, command.client_id, "internal") if isinstance(command, c.AddNote) else None


def acknowledged(history: History) -> Iterator[tuple[Line, int]]:
    """The lines that the relay said it has, each with its place, once for each time it said so."""
    for each in exchanges(history):
        line = line_of(each.command)
        if line is not None and isinstance(each.answer, c.ChatAccepted | c.NoteAccepted):
            yield line, each.answer.seq


# The laws


def nothing_acknowledged_is_lost(story: Story) -> Iterator[str]:
    """An acknowledged line stands at the place that the acknowledgement named, with the words that were sent."""
    at = {(each.author_id, each.line, each.seq): each.text for each in story.placed}
    for history in story.histories:
        person_id = person_of(history)
        words = {moment.line: moment.text for moment in history.moments if isinstance(moment, Wanted)}
        for line, seq in acknowledged(history):
            if at.get((person_id, line, seq)) != words.get(line):
                yield f"{history.name}: {line} was acknowledged at {seq}"


def nothing_is_doubled(story: Story) -> Iterator[str]:
    """One line, one event."""
    for (author_id, line), count in Counter((each.author_id, each.line) for each in story.placed).items():
        if count > 1:
            yield f"{author_id}: {line} is there {count} times"


def nothing_is_reordered(story: Story) -> Iterator[str]:
    """Somebody's lines stand in the order in which they pressed Enter."""
    for history in story.histories:
        person_id, newest = person_of(history), dict[tuple[str, str], int]()
        for moment in history.moments:
            seq = story.seq_of.get((person_id, moment.line)) if isinstance(moment, Wanted) else None
            if not isinstance(moment, Wanted) or seq is None:
                continue
            stream = (moment.line.conversation_id, moment.line.where)
            if seq <= newest.get(stream, 0):
                yield f"{history.name}: {moment.line} stands at {seq}, after {newest[stream]}"
            newest[stream] = seq


def nothing_is_made_up(story: Story) -> Iterator[str]:
    """Every line in the store was wanted by its author, in these words."""
    wanted = {
        (person_of(history), moment.line, moment.text)
        for history in story.histories
        for moment in history.moments
        if isinstance(moment, Wanted)
    }
    for each in story.placed:
        if (each.author_id, each.line, each.text) not in wanted:
            yield f"nobody wanted {each.line} of {each.author_id}"


def refused_is_not_there(story: Story) -> Iterator[str]:
    """A line whose every try was refused is not in the store. `internal` says nothing either way."""
    for history in story.histories:
        tries: dict[Line, list[bool]] = defaultdict(list)
        for each in exchanges(history):
            line = line_of(each.command)
            if line is not None:
                tries[line].append(isinstance(each.answer, Refused) and each.answer.code != "internal")
        for line, refused in tries.items():
            if all(refused) and (person_of(history), line) in story.seq_of:
                yield f"{history.name}: {line} was refused each time"


def promises_are_kept(story: Story) -> Iterator[str]:
    """What else was answered with success is in the store: opened, accepted, ended, closed."""
    done = {(record.stream, _deed(body)) for record, body in story.bodies}
    for history in story.histories:
        person_id = person_of(history)
        for each in exchanges(history):
            deed = _promised(each.command, person_id)
            if deed and isinstance(each.answer, c.Done | c.ConversationOpen) and deed not in done:
                yield f"{history.name}: {each.command}"


def _promised(command: Command, person_id: str) -> tuple[str, tuple[str, ...]] | None:
    match command:
        case c.OpenConversation(conversation_id=found):
            return c.public_stream(found), ("opened", person_id)
        case q.AcceptOffer(conversation_id=found):
            return c.public_stream(found), ("owned", person_id)
        case c.EndConversation(conversation_id=found):
            return c.public_stream(found), ("ended",)
        case c.CloseConversation(conversation_id=found):
            return c.public_stream(found), ("closed",)
        case _:
            return None


def _deed(body: EventBody) -> tuple[str, ...]:
    match body:
        case c.ConversationOpened(customer=customer):
            return "opened", customer.id
        case c.ParticipantJoined(person=person, mode="owner"):
            return "owned", person.id
        case c.ConversationEnded():
            return ("ended",)
        case c.ConversationClosed():
            return ("closed",)
        case _:
            return ()


def streams_have_no_gaps(story: Story) -> Iterator[str]:
    """`seq` counts from 1 in every stream, `order` from 1 over all."""
    if [record.order for record in story.store.events] != list(range(1, len(story.store.events) + 1)):
        yield "the global order"
    for stream, records in story.streams.items():
        if [record.seq for record in records] != list(range(1, len(records) + 1)):
            yield stream


def what_was_heard_is_true(story: Story) -> Iterator[str]:
    """No client was ever told an event that the store does not have, exactly so."""
    real = {(record.stream, record.seq): record for record in story.store.events}
    for history in story.histories:
        for moment in history.moments:
            if isinstance(moment, Heard) and real.get((moment.record.stream, moment.record.seq)) != moment.record:
                yield f"{history.name} heard {moment.record.stream} {moment.record.seq} {moment.record.kind}"


def followers_see_all_in_order(story: Story) -> Iterator[str]:
    """Each life of a program folds a stream from 1 on without a gap; the last life of each reaches the head."""
    for history in story.histories:
        for (life, stream), records in _taken(history).items():
            expected = story.streams.get(stream, [])[: len(records)]
            if records != expected:
                yield f"{history.name}, life {life}: {stream}"
            if life == _last_life(history) and len(records) != len(story.streams.get(stream, [])):
                yield f"{history.name}: {stream} ended at {len(records)}"


def snapshots_agree(story: Story) -> Iterator[str]:
    """Folding events as they came gives what a fresh fold of the same events gives."""
    for history in story.histories:
        lives: dict[tuple[int, str], list[EventRecord]] = defaultdict(list)
        for moment in history.moments:
            if isinstance(moment, Took):
                lives[moment.life, moment.record.stream.split("/")[1]].append(moment.record)
        for (life, conversation_id), records in lives.items():
            live = _fold(conversation_id, records)
            fresh = live and _fresh(story, conversation_id, live.public_seq, live.internal_seq)
            if live is None or live != fresh:
                yield f"{history.name}, life {life}: {conversation_id}"


def rows_are_the_fold(story: Story) -> Iterator[str]:
    """The relay's own rows say what its events say."""
    for row in story.store.standings:
        folded = _fresh(story, row.conversation_id)
        if folded is None:
            yield f"{row.conversation_id} cannot be folded"
        elif (row.state, row.owner_id) != (folded.state, folded.owner.id if folded.owner else ""):
            yield f"{row}, but {folded.state} by its events"
        elif bool(row.offered_to) != (row.state == "offered"):
            yield f"{row}: offered to nobody, or needlessly"


def _fresh(
    story: Story, conversation_id: str, public: int | None = None, internal: int | None = None
) -> timeline.Timeline | None:
    """What somebody who comes now would fold, as far as those two places."""
    seen = story.streams.get(c.public_stream(conversation_id), [])[:public]
    hidden = story.streams.get(c.internal_stream(conversation_id), [])[:internal]
    return _fold(conversation_id, sorted((*seen, *hidden), key=lambda record: record.order))


def _fold(conversation_id: str, records: Iterable[EventRecord]) -> timeline.Timeline | None:
    """None when an event is missing."""
    try:
        return timeline.apply_all(timeline.empty(conversation_id), [(each, decode_event(each)) for each in records])
    except timeline.GapError:
        return None


def one_owner_and_room_for_it(story: Story) -> Iterator[str]:
    """At no moment has a conversation two owners, nor an agent more than they may hold, offers included."""
    owners: dict[str, set[str]] = defaultdict(set)
    offers: dict[str, str] = {}
    for record, body in story.bodies:
        conversation_id = record.stream.split("/")[1]
        match body:
            case c.ParticipantJoined(person=person, mode="owner"):
                owners[conversation_id].add(person.id)
                if len(owners[conversation_id]) > 1:
                    yield f"{conversation_id} has {len(owners[conversation_id])} owners at {record.order}"
            case c.ParticipantLeft(person=person):
                owners[conversation_id].discard(person.id)
            case c.OfferMade(agent=agent):
                offers[conversation_id] = agent.id
                held = {key for key, who in offers.items() if who == agent.id}
                held |= {key for key, who in owners.items() if agent.id in who}
                if len(held) > story.store.capacity.get(agent.id, 0):
                    yield f"{agent.id} holds {len(held)} at {record.order}"
            case c.OfferEnded():
                offers.pop(conversation_id, None)
            case _:
                pass


def notes_stay_inside(story: Story) -> Iterator[str]:
    """Nothing internal reached a customer, as an event, in a page or anywhere else in a frame."""
    for history in story.histories:
        if history.audience != "customer":
            continue
        for moment in history.moments:
            if isinstance(moment, Leaked):
                yield f"{history.name}: {moment.what}"
            elif isinstance(moment, Heard | Took) and not is_public(moment.record.stream):
                yield f"{history.name} was told of {moment.record.stream}"


def people_stay_who_they_are(story: Story) -> Iterator[str]:
    """Whoever comes back with the same key or account is the same person."""
    for history in story.histories:
        found = {moment.person_id for moment in history.moments if isinstance(moment, SignedIn)}
        if len(found) > 1:
            yield f"{history.name}: {sorted(found)}"


def each_conversation_has_its_ticket(story: Story) -> Iterator[str]:
    """The fold of tickets handled every conversation once, whenever it was interrupted."""
    tickets = Counter(body.conversation_id for _, body in story.bodies if isinstance(body, TicketOpened))
    for record, body in story.bodies:
        if isinstance(body, c.ConversationOpened) and tickets[body.conversation_id] != 1:
            yield f"{record.stream} has {tickets[body.conversation_id]} tickets"


def _taken(history: History) -> dict[tuple[int, str], list[EventRecord]]:
    found: dict[tuple[int, str], list[EventRecord]] = defaultdict(list)
    for moment in history.moments:
        if isinstance(moment, Took):
            found[moment.life, moment.record.stream].append(moment.record)
    return found


def _last_life(history: History) -> int:
    return max((moment.life for moment in history.moments if isinstance(moment, Took)), default=0)


Law = Callable[[Story], Iterable[str]]
LAWS: Final[tuple[Law, ...]] = (
    nothing_acknowledged_is_lost,
    nothing_is_doubled,
    nothing_is_reordered,
    nothing_is_made_up,
    refused_is_not_there,
    promises_are_kept,
    streams_have_no_gaps,
    what_was_heard_is_true,
    followers_see_all_in_order,
    snapshots_agree,
    rows_are_the_fold,
    one_owner_and_room_for_it,
    notes_stay_inside,
    people_stay_who_they_are,
    each_conversation_has_its_ticket,
)


def check(story: Story) -> list[Broken]:
    """Every law that does not hold, with every place."""
    return [Broken(law.__name__, detail) for law in LAWS for detail in law(story)]
