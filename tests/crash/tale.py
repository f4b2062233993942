"""Invented stories for tests of the checker: consistent ones, and ways to spoil them. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from msgspec import structs

from shared.protocol.codec import encode_event, kind_of
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import routing as q
from shared.protocol.messages.base import Command, EventBody, Result
from shared.protocol.messages.conversations import EventRecord
from shared.protocol.messages.tickets import TicketOpened
from shared.protocol.types import PersonRef
from tests.crash.checker import Story
from tests.crash.history import (
    Answered,
    Asked,
    Heard,
    History,
    Leaked,
    Line,
    Moment,
    SignedIn,
    Standing,
    Store,
    Took,
    Wanted,
)

AGENT: Final = PersonRef(id="lin", name="Lin", kind="agent", tier=1)
OTHER: Final = PersonRef(id="chen", name="Chen", kind="agent", tier=1)


@dataclass
class Tale:
    """Writes store and histories side by side, as a relay without faults would leave them."""

    events: list[EventRecord] = field(default_factory=list[EventRecord])
    histories: dict[str, History] = field(default_factory=dict[str, History])
    open: dict[str, PersonRef] = field(default_factory=dict[str, PersonRef])
    states: dict[str, str] = field(default_factory=dict[str, str])
    asked: int = 0

    def __post_init__(self) -> None:
        self._person(AGENT)

    def begin(self, customer_id: str) -> str:
        """Somebody asks, is offered, is taken."""
        customer = PersonRef(id=customer_id, name=customer_id, kind="customer")
        self._person(customer)
        name = f"{customer_id}-c{len(self.states)}"
        opening = c.OpenConversation(conversation_id=name, group_id="desk", subject="x", answers={})
        self.open[name], self.states[name] = customer, "active"
        self._append(
            name,
            c.ConversationOpened(conversation_id=name, customer=customer, group_id="desk", subject="x", answers={}),
        )
        self._append(name, c.ConversationQueued(group_id="desk", since_ms=1))
        self._exchange(customer, opening, c.ConversationOpen(conversation_id=name, state="queued", seq=2))
        ticket = TicketOpened(
            number="1", subject="x", customer=customer, group_id="desk", priority=3, conversation_id=name
        )
        self._write(f"t/{name}", ticket)
        self._append(name, c.OfferMade(agent=AGENT, deadline_ms=9))
        self._append(name, c.OfferEnded(agent=AGENT, outcome="accepted"))
        self._append(name, c.ParticipantJoined(person=AGENT, mode="owner"))
        self._exchange(AGENT, q.AcceptOffer(conversation_id=name), c.Done())
        return name

    def say(self, name: str, *, agent: bool = False, answered: bool = True) -> None:
        """A line, acknowledged or cut off before the acknowledgement."""
        person = AGENT if agent else self.open[name]
        command = c.SendChat(conversation_id=name, client_id=f"m{self.asked}", text=f"text {self.asked}")
        self._wants(person, Line(name, command.client_id, "public"), command.text)
        posted = c.ChatPosted(client_id=command.client_id, author=person, text=command.text)
        record = self._append(name, posted)
        reply = c.ChatAccepted(client_id=command.client_id, seq=record.seq, at_ms=record.at_ms)
        self._exchange(person, command, reply if answered else None)
        if not answered:
            self._exchange(person, command, reply)

    def refuse(self, name: str) -> None:
        """A line that the relay did not take."""
        command = c.SendChat(conversation_id=name, client_id=f"m{self.asked}", text="no")
        self._wants(self.open[name], Line(name, command.client_id, "public"), command.text)
        self._exchange(self.open[name], command, Refused(code="store_full"))

    def note(self, name: str) -> None:
        """A note of the agent's."""
        command = c.AddNote(conversation_id=name, client_id=f"n{self.asked}", text="hidden")
        self._wants(AGENT, Line(name, command.client_id, "internal"), command.text)
        record = self._append(name, c.NoteAdded(client_id=command.client_id, author=AGENT, text=command.text))
        self._exchange(AGENT, command, c.NoteAccepted(client_id=command.client_id, seq=record.seq))

    def close(self, name: str) -> None:
        """Ended and written up."""
        self._append(name, c.ConversationEnded(by=AGENT))
        self._exchange(AGENT, c.EndConversation(conversation_id=name), c.Done())
        self._append(name, c.ParticipantLeft(person=AGENT, reason="ended"))
        self._append(name, c.ConversationClosed(category="x", result="solved", reopen_until_ms=1))
        self._exchange(AGENT, c.CloseConversation(conversation_id=name, category="x", result="solved"), c.Done())
        self.states[name] = "closed"

    def story(self) -> Story:
        """All of it."""
        standings = tuple(
            Standing(name, state, AGENT.id if state == "active" else "", "") for name, state in self.states.items()
        )
        return Story(tuple(self.histories.values()), Store(tuple(self.events), standings, {AGENT.id: 99}))

    # The parts

    def _person(self, person: PersonRef) -> History:
        if person.id not in self.histories:
            history = History(person.id, "customer" if person.kind == "customer" else "agent", [SignedIn(person.id)])
            self.histories[person.id] = history
        return self.histories[person.id]

    def _wants(self, person: PersonRef, line: Line, text: str) -> None:
        self._person(person).moments.append(Wanted(line, text))

    def _exchange(self, person: PersonRef, command: Command, answer: Result | Refused | None) -> None:
        self.asked += 1
        self._person(person).moments.append(Asked(1, self.asked, command))
        if answer is not None:
            self._person(person).moments.append(Answered(1, self.asked, answer))

    def _append(self, name: str, body: EventBody) -> EventRecord:
        hidden = isinstance(body, c.NoteAdded | c.OfferMade | c.OfferEnded)
        record = self._write(c.internal_stream(name) if hidden else c.public_stream(name), body)
        for person in (AGENT,) if hidden else (AGENT, self.open[name]):
            self._person(person).moments.extend((Heard(1, record), Took(1, record)))
        return record

    def _write(self, stream: str, body: EventBody) -> EventRecord:
        seq = 1 + sum(each.stream == stream for each in self.events)
        record = EventRecord(
            stream=stream,
            seq=seq,
            order=len(self.events) + 1,
            at_ms=len(self.events),
            kind=kind_of(body),
            body=encode_event(body),
        )
        self.events.append(record)
        return record


def renumbered(events: Iterable[EventRecord]) -> tuple[EventRecord, ...]:
    """As if this had been the whole truth from the beginning: no gap tells what was done to it."""
    heads: dict[str, int] = {}
    found: list[EventRecord] = []
    for order, record in enumerate(events, 1):
        heads[record.stream] = heads.get(record.stream, 0) + 1
        found.append(structs.replace(record, seq=heads[record.stream], order=order))
    return tuple(found)


def with_events(story: Story, events: Iterable[EventRecord]) -> Story:
    """The same people, another store."""
    return Story(story.histories, replace(story.store, events=renumbered(events)))


def with_moments(story: Story, name: str, change: Callable[[list[Moment]], list[Moment]]) -> Story:
    """The same store, one person remembers otherwise."""
    histories = tuple(
        replace(each, moments=change(list(each.moments))) if each.name == name else each for each in story.histories
    )
    return Story(histories, story.store)


# Faults. Each takes a story and any number, which says where; None when the story has no place for it.

Fault = Callable[[Story, int], Story | None]


def _some(story: Story, at: int, kind: str) -> EventRecord | None:
    found = [record for record in story.store.events if record.kind == kind]
    return found[at % len(found)] if found else None


def lose(kind: str) -> Fault:
    """The store forgot an event."""

    def fault(story: Story, at: int) -> Story | None:
        lost = _some(story, at, kind)
        return with_events(story, [e for e in story.store.events if e is not lost]) if lost else None

    return fault


def double(kind: str) -> Fault:
    """The store has an event twice."""

    def fault(story: Story, at: int) -> Story | None:
        twice = _some(story, at, kind)
        return with_events(story, (*story.store.events, twice)) if twice else None

    return fault


def insert(body: EventBody) -> Fault:
    """The store has an event that nobody caused."""

    def fault(story: Story, at: int) -> Story | None:
        joined = _some(story, at, "participant_joined")
        if joined is None:
            return None
        place = story.store.events.index(joined) + 1
        made_up = structs.replace(joined, kind=kind_of(body), body=encode_event(body))
        return with_events(story, (*story.store.events[:place], made_up, *story.store.events[place:]))

    return fault


def swap_lines(story: Story, at: int) -> Story | None:
    """Two lines of one author changed places before anybody had seen them; all were told the wrong order."""
    pairs = [
        (one, two)
        for history in story.histories
        for one, two in zip(*_successive(history), strict=False)
        if one.conversation_id == two.conversation_id
    ]
    if not pairs:
        return None
    one, two = pairs[at % len(pairs)]

    def changed(moments: list[Moment]) -> list[Moment]:
        places = [n for n, m in enumerate(moments) if isinstance(m, Wanted) and m.line in (one, two)]
        moments[places[0]], moments[places[1]] = moments[places[1]], moments[places[0]]
        return moments

    owner = next(h.name for h in story.histories if any(isinstance(m, Wanted) and m.line == one for m in h.moments))
    return with_moments(story, owner, changed)


def _successive(history: History) -> tuple[list[Line], list[Line]]:
    lines = [m.line for m in history.moments if isinstance(m, Wanted) and m.text != "no" and m.line.where == "public"]
    return lines, lines[1:]


def gap(story: Story, at: int) -> Story | None:
    """An event is missing and its number with it."""
    events = story.store.events
    hole = at % (len(events) - 1)
    return Story(story.histories, replace(story.store, events=(*events[:hole], *events[hole + 1 :])))


def forget(kind: type[Moment]) -> Fault:
    """A program missed something."""

    def fault(story: Story, at: int) -> Story | None:
        places = [(h, n) for h in story.histories for n, m in enumerate(h.moments) if isinstance(m, kind)]
        history, place = places[at % len(places)]
        return with_moments(story, history.name, lambda moments: [*moments[:place], *moments[place + 1 :]])

    return fault


def refuse_what_is_there(story: Story, at: int) -> Story | None:
    """The relay said no each time, and did it all the same."""
    lines = [each.line for each in story.placed]
    if not lines:
        return None
    line = lines[at % len(lines)]

    def changed(moments: list[Moment]) -> list[Moment]:
        mine = {
            (m.link, m.number)
            for m in moments
            if isinstance(m, Asked)
            and isinstance(m.body, c.SendChat | c.AddNote)
            and (m.body.conversation_id, m.body.client_id) == (line.conversation_id, line.client_id)
        }
        kept = [m for m in moments if not (isinstance(m, Answered) and (m.link, m.number) in mine)]
        return kept + [Answered(link, number, Refused(code="busy")) for link, number in sorted(mine)]

    author = next(h.name for h in story.histories if any(isinstance(m, Wanted) and m.line == line for m in h.moments))
    return with_moments(story, author, changed)


def lie(story: Story, at: int) -> Story | None:
    """A client was told an event otherwise than it is."""
    heard = [(h, m) for h in story.histories for m in h.moments if isinstance(m, Heard)]
    history, moment = heard[at % len(heard)]
    false = Heard(moment.link, structs.replace(moment.record, at_ms=moment.record.at_ms + 1))
    return with_moments(story, history.name, lambda moments: [false if m is moment else m for m in moments])


def tell_a_customer(story: Story, at: int) -> Story | None:
    """A note was sent down a customer's link."""
    note = _some(story, at, "note_added") or _some(story, at, "offer_made")
    customer = next((h for h in story.histories if h.audience == "customer"), None)
    if note is None or customer is None:
        return None
    return with_moments(story, customer.name, lambda moments: [*moments, Heard(1, note)])


def leak(story: Story, at: int) -> Story | None:
    """A note's words were in some other frame."""
    names = [h.name for h in story.histories if h.audience == "customer"]
    return with_moments(story, names[at % len(names)], lambda m: [*m, Leaked("Push")]) if names else None


def become_another(story: Story, at: int) -> Story | None:
    """Somebody came back and was taken for somebody else."""
    history = story.histories[at % len(story.histories)]
    return with_moments(story, history.name, lambda moments: [*moments, SignedIn("stranger")])


def wrong_row(story: Story, at: int) -> Story | None:
    """A projection was left behind."""
    rows = list(story.store.standings)
    if not rows:
        return None
    rows[at % len(rows)] = replace(rows[at % len(rows)], state="queued")
    return Story(story.histories, replace(story.store, standings=tuple(rows)))


def no_room(story: Story, at: int) -> Story | None:
    """An agent was given more than they hold."""
    del at
    offered = _some(story, 0, "offer_made")
    return Story(story.histories, replace(story.store, capacity={AGENT.id: 0})) if offered else None


FAULTS: Final[tuple[tuple[str, Fault], ...]] = (
    ("nothing_acknowledged_is_lost", lose("chat_posted")),
    ("nothing_acknowledged_is_lost", lose("note_added")),
    ("nothing_is_doubled", double("chat_posted")),
    ("nothing_is_doubled", double("note_added")),
    ("nothing_is_reordered", swap_lines),
    ("nothing_is_made_up", insert(c.ChatPosted(client_id="ghost", author=AGENT, text="boo"))),
    ("refused_is_not_there", refuse_what_is_there),
    ("promises_are_kept", lose("conversation_closed")),
    ("promises_are_kept", lose("conversation_ended")),
    ("promises_are_kept", lose("conversation_opened")),
    ("promises_are_kept", lose("participant_joined")),
    ("streams_have_no_gaps", gap),
    ("what_was_heard_is_true", lie),
    ("what_was_heard_is_true", lose("conversation_queued")),
    ("followers_see_all_in_order", forget(Took)),
    ("snapshots_agree", lose("chat_posted")),
    ("rows_are_the_fold", wrong_row),
    ("one_owner_and_room_for_it", insert(c.ParticipantJoined(person=OTHER, mode="owner"))),
    ("one_owner_and_room_for_it", no_room),
    ("notes_stay_inside", tell_a_customer),
    ("notes_stay_inside", leak),
    ("people_stay_who_they_are", become_another),
    ("each_conversation_has_its_ticket", lose("ticket_opened")),
    ("each_conversation_has_its_ticket", double("ticket_opened")),
)
"""The law that must notice, and the fault."""
