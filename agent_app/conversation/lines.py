"""The lines of a timeline as agents read them: bubbles, notes and what happened, both streams in one order."""

from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct

from agent_app.desk.words import CategoryName, Listed, Words, listed_capabilities
from shared.protocol.codec import UnknownEvent
from shared.protocol.messages import conversations as c
from shared.protocol.messages import insight as m
from shared.protocol.messages import recordings as r
from shared.protocol.messages import remote as x
from shared.protocol.messages.base import EventBody
from shared.protocol.types import Attachment, PersonRef
from shared.rules.erasure import is_erased
from shared.rules.timeline import Entry, Timeline
from shared.strings import phrase, text, timer

Mark = Literal["", "waiting", "sent", "delivered", "read", "failed"]
Kind = Literal["message", "note", "event"]


class ChatLine(Struct, frozen=True, kw_only=True):
    """`key` stays the same while a line goes from waiting to read. Events have `words` and `icon`."""

    key: str
    kind: Kind
    at_ms: int
    author: PersonRef | None = None
    mine: bool = False
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    mark: Mark = ""
    icon: str = ""
    words: Words = ""


def lines_of(timeline: Timeline, my_id: str, category_name: CategoryName = str) -> tuple[ChatLine, ...]:
    """Everything that is stored, oldest first."""
    customer_id = timeline.customer.id if timeline.customer else ""
    reach = (timeline.delivered.get(customer_id, 0), timeline.read.get(customer_id, 0))
    made = (_line(entry, my_id, reach, category_name) for entry in timeline.entries)
    return tuple(line for line in made if line is not None)


def _line(entry: Entry, my_id: str, reach: tuple[int, int], category_name: CategoryName) -> ChatLine | None:
    event = entry.event
    match event:
        case c.ChatPosted():
            mine = event.author.id == my_id
            return ChatLine(
                key=event.client_id,
                kind="message",
                at_ms=entry.at_ms,
                author=event.author,
                mine=mine,
                text=_said(event),
                attachments=event.attachments,
                mark=_mark(entry.seq, *reach) if mine else "",
            )
        case c.NoteAdded():
            return ChatLine(
                key=event.client_id,
                kind="note",
                at_ms=entry.at_ms,
                author=event.author,
                mine=event.author.id == my_id,
                text=_said(event),
            )
        case _:
            said = describe(event, category_name)
            if said is None:
                return None
            return ChatLine(key=f"e{entry.order}", kind="event", at_ms=entry.at_ms, icon=said[0], words=said[1])


def _said(event: c.ChatPosted | c.NoteAdded) -> str:
    return text("conversation.erased_line") if is_erased(event) else event.text


def _mark(seq: int, delivered: int, read: int) -> Mark:
    if read >= seq:
        return "read"
    return "delivered" if delivered >= seq else "sent"


Said = tuple[str, Words]
"""An icon's name and the words beside it."""


def describe(event: EventBody | UnknownEvent, category_name: CategoryName) -> Said | None:
    """What an event of a conversation says to agents; None for those that need no line of their own."""
    if isinstance(event, UnknownEvent):
        return "alert-circle", phrase("conversation.event_unknown")
    if isinstance(event, c.ConversationClosed):
        return "check-circle", Listed("conversation.event_closed", (category_name(event.category) or "-",))
    teller = _TELLERS.get(type(event))
    return teller(event) if teller else None


def _opened(e: c.ConversationOpened) -> Said:
    return "form", phrase("conversation.event_opened", name=e.customer.name, subject=e.subject)


def _queued(e: c.ConversationQueued) -> Said | None:
    return ("clock", phrase(f"conversation.event_queued_{e.reason}")) if e.reason != "asked" else None


def _message_left(e: c.MessageLeft) -> Said:
    return "mail", phrase("conversation.event_message_left")


def _abandoned(e: c.ConversationAbandoned) -> Said:
    return "x-circle", phrase("conversation.event_abandoned")


def _joined(e: c.ParticipantJoined) -> Said:
    return "user-plus", phrase(
        f"conversation.event_joined_{'owner' if e.mode == 'owner' else 'other'}", **_who(e.person)
    )


def _left(e: c.ParticipantLeft) -> Said:
    return "logout", phrase(f"conversation.event_left_{e.reason}", **_who(e.person))


def _ended(e: c.ConversationEnded) -> Said:
    return "check-circle", phrase("conversation.event_ended", **_who(e.by))


def _reopened(e: c.ConversationReopened) -> Said:
    return "undo", phrase("conversation.event_reopened", **_who(e.by))


def _erased(e: c.ContentErased) -> Said:
    return "trash", phrase(f"conversation.event_erased_{e.what}_{e.why}")


def _offered(e: c.OfferMade) -> Said:
    return "route", phrase("conversation.event_offered", **_who(e.agent))


def _offer_ended(e: c.OfferEnded) -> Said | None:
    return (
        None if e.outcome == "accepted" else ("route", phrase(f"conversation.event_offer_{e.outcome}", **_who(e.agent)))
    )


def _asked(e: x.CapabilityAsked) -> Said:
    return "hand", listed_capabilities("conversation.event_asked", e.capabilities, name=e.agent.name, reason=e.reason)


def _ask_withdrawn(e: x.AskWithdrawn) -> Said:
    return "undo", phrase("conversation.event_ask_withdrawn")


def _answered(e: x.ConsentAnswered) -> Said:
    if not e.grants:
        return "slash", phrase("conversation.event_refused")
    names = tuple(grant.capability for grant in e.grants)
    return "shield-check", listed_capabilities("conversation.event_granted", names, name=e.agent.name)


def _remote_started(e: x.RemoteStarted) -> Said:
    return "monitor", phrase("conversation.event_remote_started", **_who(e.agent))


def _grant_ended(e: x.GrantEnded) -> Said:
    return "shield", listed_capabilities(f"conversation.event_grant_{e.why}", (e.capability,))


def _remote_ended(e: x.RemoteEnded) -> Said:
    return "monitor", phrase(f"conversation.event_remote_{e.reason}")


def _receipt(e: x.ReceiptStored) -> Said:
    return "document", phrase("conversation.event_receipt", count=e.lines)


def _recording_started(e: r.RecordingStarted) -> Said:
    return "record", phrase("recording.event_started", name=e.agent.name, days=e.keep_days)


def _recording_ended(e: r.RecordingEnded) -> Said:
    key = "recording.event_whole" if e.whole else "recording.event_cut"
    return "record", phrase(key, name=e.agent.name, length=timer(e.length_ms / 1000))


def _recording_deleted(e: r.RecordingDeleted) -> Said:
    return "trash", phrase(f"recording.event_deleted_{e.why}", name=e.by.name)


def _rated(e: m.RatingGiven) -> Said:
    return "star", phrase(f"conversation.event_rated_{e.solved or 'none'}")


def _who(person: PersonRef) -> dict[str, str]:
    return {"name": person.name}


_TELLERS: Mapping[type[EventBody], Callable[..., Said | None]] = {
    c.ConversationOpened: _opened,
    c.ConversationQueued: _queued,
    c.MessageLeft: _message_left,
    c.ConversationAbandoned: _abandoned,
    c.ParticipantJoined: _joined,
    c.ParticipantLeft: _left,
    c.ConversationEnded: _ended,
    c.ConversationReopened: _reopened,
    c.ContentErased: _erased,
    c.OfferMade: _offered,
    c.OfferEnded: _offer_ended,
    x.CapabilityAsked: _asked,
    x.AskWithdrawn: _ask_withdrawn,
    x.ConsentAnswered: _answered,
    x.RemoteStarted: _remote_started,
    x.GrantEnded: _grant_ended,
    x.RemoteEnded: _remote_ended,
    x.ReceiptStored: _receipt,
    r.RecordingStarted: _recording_started,
    r.RecordingEnded: _recording_ended,
    r.RecordingDeleted: _recording_deleted,
    m.RatingGiven: _rated,
}
