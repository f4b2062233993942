"""The rows of a conversation as its customer reads them."""

from collections.abc import Callable, Mapping
from typing import Final

from customer_client.desk.words import capability_words, local, name_of, tone_of
from shared.protocol.codec import UnknownEvent
from shared.protocol.messages import conversations as c
from shared.protocol.messages import recordings as r
from shared.protocol.messages import remote as x
from shared.protocol.messages.base import EventBody
from shared.protocol.types import Attachment, PersonRef
from shared.rules.erasure import is_erased
from shared.rules.timeline import Entry, Timeline
from shared.strings import Phrase, phrase, text, timer
from shared.ui.chat.view import EventRow, File, MessageRow, MessageState, Person, Picture, PictureState

PictureStates = Mapping[str, PictureState]


def rows_of(timeline: Timeline, pictures: PictureStates) -> tuple[MessageRow | EventRow, ...]:
    """Everything that is stored, oldest first."""
    me = timeline.customer.id if timeline.customer else ""
    others = [each for each in timeline.read if each != me], [each for each in timeline.delivered if each != me]
    read = max((timeline.read[each] for each in others[0]), default=0)
    delivered = max((timeline.delivered[each] for each in others[1]), default=0)
    made = (_row(entry, me, delivered, read, pictures) for entry in timeline.entries)
    return tuple(row for row in made if row is not None)


def person(ref: PersonRef) -> Person:
    """An engineer or the customer as the panel names them."""
    return Person(ref.name, name_of(ref), tone_of(ref))


def _row(entry: Entry, me: str, delivered: int, read: int, pictures: PictureStates) -> MessageRow | EventRow | None:
    event = entry.event
    if isinstance(event, c.ChatPosted):
        mine = event.author.id == me
        picture, file = carried(event.attachments, pictures)
        return MessageRow(
            id=event.client_id,
            person=person(event.author),
            mine=mine,
            words=text("talk.erased_line") if is_erased(event) else event.text,
            time=local(entry.at_ms),
            state=_state(entry.seq, delivered, read) if mine else "none",
            picture=picture,
            file=file,
        )
    said = _say(event)
    return EventRow(f"e{entry.seq}", said[1], local(entry.at_ms), said[0]) if said else None


def carried(attachments: tuple[Attachment, ...], pictures: PictureStates) -> tuple[Picture | None, File | None]:
    """The first picture and the first other file of a message; a message of ours carries one at most."""
    picture = next((each for each in attachments if each.media_type.startswith("image/")), None)
    file = next((each for each in attachments if not each.media_type.startswith("image/")), None)
    return (
        Picture(picture.blob_id, picture.name, pictures.get(picture.blob_id, "loading")) if picture else None,
        File(file.blob_id, file.name, file.size_bytes) if file else None,
    )


def _state(seq: int, delivered: int, read: int) -> MessageState:
    if read >= seq:
        return "read"
    return "delivered" if delivered >= seq else "sent"


Said = tuple[str, Phrase]


def _say(event: EventBody | UnknownEvent) -> Said | None:
    if isinstance(event, UnknownEvent):
        return "alert-circle", phrase("talk.event_unknown")
    teller = _TELLERS.get(type(event))
    return teller(event) if teller else None


def _joined(e: c.ParticipantJoined) -> Said | None:
    return None if e.mode == "customer" else ("user-plus", phrase("talk.event_joined", who=name_of(e.person)()))


def _left(e: c.ParticipantLeft) -> Said | None:
    return None if e.person.kind == "customer" else ("logout", phrase("talk.event_left", who=name_of(e.person)()))


def _queued(e: c.ConversationQueued) -> Said | None:
    return ("clock", phrase("talk.event_queued_again")) if e.reason in ("owner_lost", "returned") else None


def _asked(e: x.CapabilityAsked) -> Said:
    return "hand", phrase("talk.event_asked", who=name_of(e.agent)())


def _answered(e: x.ConsentAnswered) -> Said:
    if not e.grants:
        return "slash", phrase("talk.event_refused")
    names = text("talk.joint").join(capability_words(each.capability)() for each in e.grants)
    return "shield-check", phrase("talk.event_granted", who=name_of(e.agent)(), what=names)


def _closed(_: c.ConversationClosed) -> Said:
    return "check-circle", phrase("talk.event_closed")


def _ended(e: c.ConversationEnded) -> Said:
    return "check-circle", phrase("talk.event_ended", who=name_of(e.by)())


def _recording_started(e: r.RecordingStarted) -> Said:
    return "record", phrase("recording.event_started", name=name_of(e.agent)(), days=e.keep_days)


def _recording_ended(e: r.RecordingEnded) -> Said:
    key = "recording.event_whole" if e.whole else "recording.event_cut"
    return "record", phrase(key, name=name_of(e.agent)(), length=timer(e.length_ms / 1000))


def _recording_deleted(e: r.RecordingDeleted) -> Said:
    return "trash", phrase(f"recording.event_deleted_{e.why}", name=name_of(e.by)())


def _erased(e: c.ContentErased) -> Said:
    return "trash", phrase(f"talk.event_erased_{e.what}")


def _plain(icon: str, key: str) -> Callable[[EventBody], Said]:
    return lambda _: (icon, phrase(key))


_TELLERS: Final[Mapping[type[EventBody], Callable[..., Said | None]]] = {
    c.MessageLeft: _plain("mail", "talk.event_message_left"),
    c.ConversationAbandoned: _plain("x-circle", "talk.event_abandoned"),
    c.ParticipantJoined: _joined,
    c.ParticipantLeft: _left,
    c.ConversationQueued: _queued,
    c.ConversationEnded: _ended,
    c.ConversationClosed: _closed,
    c.ConversationReopened: _plain("undo", "talk.event_reopened"),
    c.ContentErased: _erased,
    x.CapabilityAsked: _asked,
    x.AskWithdrawn: _plain("undo", "talk.event_withdrawn"),
    x.ConsentAnswered: _answered,
    x.RemoteStarted: _plain("monitor", "talk.event_sharing"),
    x.RemoteEnded: _plain("shield-check", "talk.event_sharing_over"),
    r.RecordingStarted: _recording_started,
    r.RecordingEnded: _recording_ended,
    r.RecordingDeleted: _recording_deleted,
    x.ReceiptStored: _plain("document", "talk.event_receipt"),
}
