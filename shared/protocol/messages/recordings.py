"""Recordings of remote sessions: who may find, open and delete them. What is in them the relay cannot read."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.messages.base import Command, EventBody, Result
from shared.protocol.types import Id, Line, Millis, PersonRef, Value

RecordingState = Literal["open", "whole", "cut"]
"""`open` while more may come; `cut`: its last part never came, what is there plays."""
OpenFor = Literal["play", "export"]
Bytes = Annotated[int, Meta(ge=0, le=2**44)]
Days = Annotated[int, Meta(ge=1, le=3650)]


class RecordingRow(Value, frozen=True, kw_only=True):
    """What the relay knows of a recording. `delete_ms`: when it goes; 0 while it is held."""

    recording_id: Id
    session_id: Id
    conversation_id: Id
    agent: PersonRef
    key_id: Line
    started_ms: Millis
    length_ms: Millis
    size_bytes: Bytes
    chunks: Annotated[int, Meta(ge=0, le=10**6)]
    state: RecordingState
    held: bool = False
    delete_ms: Millis = 0


class ListRecordings(Command, frozen=True, kw_only=True):
    """The recordings of a conversation."""

    conversation_id: Id


class Recordings(Result, frozen=True, kw_only=True):
    """Oldest first, with what this agent may do with them."""

    rows: Annotated[tuple[RecordingRow, ...], Meta(max_length=200)]
    may_play: bool = False
    may_export: bool = False
    may_manage: bool = False


class OpenRecording(Command, frozen=True, kw_only=True):
    """Asks to read a recording. That it was asked for, by whom and for what, goes into the audit."""

    recording_id: Id
    purpose: OpenFor = "play"


class RecordingOpened(Result, frozen=True, kw_only=True):
    """`opening_id` fetches its bytes for the rest of the day."""

    opening_id: Id
    row: RecordingRow


class HoldRecording(Command, frozen=True, kw_only=True):
    """A held recording is not deleted when its time is over, nor by hand."""

    recording_id: Id
    held: bool


class DeleteRecording(Command, frozen=True, kw_only=True):
    """Deletes a recording before its time; that it was there and who deleted it stays on record."""

    recording_id: Id


class RecordingStored(Result, frozen=True, kw_only=True):
    """How much of a recording the relay has; answers every chunk that is brought over HTTP."""

    chunks: Annotated[int, Meta(ge=0, le=10**6)]
    size_bytes: Bytes
    state: RecordingState


# Events of the public stream


class RecordingStarted(EventBody, frozen=True, kw_only=True):
    """The screen is being recorded; the recording is kept for `keep_days` after its end."""

    recording_id: Id
    session_id: Id
    agent: PersonRef
    keep_days: Days


class RecordingEnded(EventBody, frozen=True, kw_only=True):
    """Nothing more comes."""

    recording_id: Id
    session_id: Id
    agent: PersonRef
    length_ms: Millis
    whole: bool


class RecordingDeleted(EventBody, frozen=True, kw_only=True):
    """It is gone: its time was over, or somebody deleted it."""

    recording_id: Id
    session_id: Id
    by: PersonRef
    why: Literal["retention", "by_hand"]
