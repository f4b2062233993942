"""A ticket's log in words: what was done, by whom, when. Newest last, as it was written."""

from collections.abc import Callable, Mapping
from typing import Final, get_args

from msgspec import Struct

from agent_app.desk.words import CategoryName, Listed, Words, capability
from shared.protocol.codec import UnknownEvent
from shared.protocol.messages import conversations as c
from shared.protocol.messages import tickets as t
from shared.protocol.messages.base import EventBody
from shared.protocol.messages.remote import EndReason
from shared.protocol.types import Capability, TicketState
from shared.strings import phrase, size, timer

STAGES: Final[tuple[str, ...]] = ("received", "assigned", "working", "resolved", "closed")
STAGE_OF: Final[Mapping[TicketState, int]] = {
    "new": 0,
    "assigned": 1,
    "in_progress": 2,
    "waiting_customer": 2,
    "waiting_third_party": 2,
    "reopened": 2,
    "resolved": 3,
    "closed": 4,
}
"""Which stage of the step bar a state stands for."""


class Step(Struct, frozen=True, kw_only=True):
    """One line of the log. `note` is what somebody wrote with it."""

    seq: int
    at_ms: int
    icon: str
    words: Words
    by: str = ""
    note: str = ""


def step_of(record: c.EventRecord, event: EventBody | UnknownEvent, category_name: CategoryName) -> Step:
    """A record of a ticket's stream, as a line."""
    if isinstance(event, UnknownEvent):
        return Step(seq=record.seq, at_ms=record.at_ms, icon="alert-circle", words=phrase("tickets.step_unknown"))
    if isinstance(event, t.TicketFieldChanged) and event.field == "category":
        words = Listed("tickets.step_category", (category_name(event.new) if event.new else "-",))
        return Step(seq=record.seq, at_ms=record.at_ms, icon="pencil", words=words, by=event.by.name)
    icon, words, by, note = _TELLERS.get(type(event), _other)(event)
    return Step(seq=record.seq, at_ms=record.at_ms, icon=icon, words=words, by=by, note=note)


Told = tuple[str, Words, str, str]


def _other(_: EventBody) -> Told:
    return "info", phrase("tickets.step_unknown"), "", ""


def _opened(e: t.TicketOpened) -> Told:
    return "ticket", phrase("tickets.step_opened", number=e.number), e.customer.name, ""


def _assigned(e: t.TicketAssigned) -> Told:
    return "user", phrase("tickets.step_assigned", name=e.owner.name), "", ""


def _state(e: t.TicketStateChanged) -> Told:
    return "toggle", Listed("tickets.step_state", (phrase(f"tickets.state_{e.new}"),)), e.by.name, e.note


def _field(e: t.TicketFieldChanged) -> Told:
    new = phrase(f"tickets.priority_{e.new}")() if e.field == "priority" and e.new in {"1", "2", "3", "4"} else e.new
    return "pencil", phrase(f"tickets.step_{e.field}", new=new or "-"), e.by.name, ""


def _session(e: t.SessionStep) -> Told:
    known = _SESSION.get(e.what)
    if known is None:
        return "info", phrase("tickets.step_session_other", what=e.what), e.by.name, ""
    icon, key = known
    if e.what in _RECORDING:
        return icon, _recording(e), "", ""
    if e.what == "file_moved":
        return icon, _file(e), e.by.name, e.params.get("sha256", "")
    if e.what == "consent_answered" and e.params.get("granted") == "":
        return "slash", phrase("tickets.step_refused"), e.by.name, ""
    if (choice := _CHOICES.get(e.what)) is not None and e.params.get(choice[0]) in choice[1]:
        return icon, phrase(f"{choice[2]}_{e.params[choice[0]]}", name=e.by.name), "", ""
    listed = next((e.params[name] for name in ("capabilities", "granted", "capability") if name in e.params), "")
    parts = tuple(capability(name) for name in listed.split(",") if name in _CAPABILITIES)
    words: Words = Listed(f"{key}_list", parts) if parts and key in _WITH_LIST else phrase(key)
    return icon, words, e.by.name, e.params.get("reason", "") if e.what == "capability_asked" else ""


def _recording(e: t.SessionStep) -> Words:
    if e.what == "recording_deleted":
        by_hand = e.params.get("why") == "by_hand"
        return phrase(f"recording.event_deleted_{'by_hand' if by_hand else 'retention'}", name=e.by.name)
    if e.what == "recording_started":
        return phrase("recording.event_started", name=e.by.name, days=e.params.get("days", ""))
    whole, length = e.params.get("end") == "whole", e.params.get("length_ms", "")
    seconds = int(length) / 1000 if length.isdecimal() else 0
    return phrase(f"recording.event_{'whole' if whole else 'cut'}", name=e.by.name, length=timer(seconds))


def _file(e: t.SessionStep) -> Words:
    count = e.params.get("size", "")
    way = "to_customer" if e.params.get("way") == "to_customer" else "from_customer"
    shown = size(int(count)) if count.isdecimal() else ""
    return phrase(f"tickets.step_file_{way}", name=e.params.get("name", ""), size=shown)


_RECORDING: Final = frozenset({"recording_started", "recording_ended", "recording_deleted"})
_CHOICES: Final[Mapping[str, tuple[str, tuple[str, ...], str]]] = {
    "remote_ended": ("reason", get_args(EndReason), "conversation.event_remote"),
    "participant_left": ("reason", ("ended", "lost", "left"), "conversation.event_left"),
    "conversation_queued": ("reason", ("declined", "owner_lost", "reopened", "returned"), "conversation.event_queued"),
    "rating_given": ("solved", ("yes", "partly", "no"), "conversation.event_rated"),
}
"""Steps whose words depend on a parameter: its name, the values that have words, and where those are."""
_CAPABILITIES: Final[frozenset[str]] = frozenset(get_args(Capability))
_WITH_LIST: Final = frozenset({"tickets.step_asked", "tickets.step_answered", "tickets.step_grant_ended"})
_SESSION: Final[Mapping[str, tuple[str, str]]] = {
    "conversation_opened": ("form", "tickets.step_conversation_opened"),
    "conversation_queued": ("clock", "tickets.step_queued"),
    "message_left": ("mail", "tickets.step_message_left"),
    "conversation_abandoned": ("x-circle", "tickets.step_abandoned"),
    "participant_joined": ("user-plus", "tickets.step_joined"),
    "participant_left": ("logout", "tickets.step_left"),
    "chat_posted": ("chat", "tickets.step_first_reply"),
    "capability_asked": ("hand", "tickets.step_asked"),
    "ask_withdrawn": ("undo", "tickets.step_ask_withdrawn"),
    "consent_answered": ("shield-check", "tickets.step_answered"),
    "remote_started": ("monitor", "tickets.step_remote_started"),
    "grant_ended": ("shield", "tickets.step_grant_ended"),
    "remote_ended": ("monitor", "tickets.step_remote_ended"),
    "recording_started": ("record", "recording.event_started"),
    "recording_ended": ("record", "recording.event_whole"),
    "recording_deleted": ("trash", "recording.event_deleted_retention"),
    "file_moved": ("paperclip", "tickets.step_file_to_customer"),
    "receipt_stored": ("document", "tickets.step_receipt"),
    "conversation_ended": ("check-circle", "tickets.step_ended"),
    "conversation_closed": ("check-circle", "tickets.step_closed"),
    "conversation_reopened": ("undo", "tickets.step_reopened"),
    "rating_given": ("star", "tickets.step_rated"),
}
_TELLERS: Mapping[type[EventBody], Callable[..., Told]] = {
    t.TicketOpened: _opened,
    t.TicketAssigned: _assigned,
    t.TicketStateChanged: _state,
    t.TicketFieldChanged: _field,
    t.SessionStep: _session,
}
