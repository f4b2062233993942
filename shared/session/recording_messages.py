"""What a window and its session process say to each other about recording, and about playing what was recorded."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.protocol.types import Id, Key64, Millis
from shared.session.message import Message

Happening = Literal["chat", "note", "asked", "granted", "refused", "ended", "joined", "left", "file"]


Over = Literal["ended", "failed"]


class StartRecording(Message, frozen=True, kw_only=True):
    """Records from now on whatever the customer's machine lets this engineer record; a second one is ignored.

    `started_ms` is now in the relay's time. The file `path` is made anew; it holds encrypted chunks, `room_bytes` of
    them at most. `key` is the organisation's recording key.
    """

    recording_id: Id
    session_id: Id
    conversation_id: Id
    agent_id: Id
    started_ms: Millis
    key: Key64
    path: Annotated[str, Meta(max_length=1000)]
    room_bytes: Annotated[int, Meta(ge=0, le=2**44)]


class NoteMoment(Message, frozen=True, kw_only=True):
    """Something of the conversation that the recording is to say; encrypted with it."""

    what: Happening
    who: Annotated[str, Meta(max_length=80)]
    words: Annotated[str, Meta(max_length=200)] = ""


class StopRecording(Message, frozen=True):
    """The engineer ends the recording; the customer's grant is not touched."""


class RecordingChanged(Message, frozen=True, kw_only=True):
    """`waiting`: not granted now, or paused. `failed` has a code. `size_bytes` are on the disk, in whole chunks."""

    recording_id: str
    state: Literal["waiting", "recording", "ended", "failed"]
    size_bytes: int = 0
    length_ms: int = 0
    fault: str = ""


class OpenPlayer(Message, frozen=True, kw_only=True):
    """Once: plays the file `path`, which may still grow, with the content key of this one recording."""

    path: Annotated[str, Meta(max_length=1000)]
    key: Annotated[bytes, Meta(min_length=32, max_length=32)]


class FileGrew(Message, frozen=True, kw_only=True):
    """More of the file is there; `all_there`: nothing more comes."""

    all_there: bool = False


class Play(Message, frozen=True, kw_only=True):
    """Goes on, so many times as fast as it was."""

    speed: Annotated[float, Meta(ge=0.25, le=16)] = 1.0


class Rest(Message, frozen=True):
    """Stands still where it is."""


class SeekTo(Message, frozen=True, kw_only=True):
    """Shows the picture of that time; plays on if it was playing."""

    at_ms: Annotated[int, Meta(ge=0, lt=2**32)]


class FilmTitle(Message, frozen=True, kw_only=True):
    """A chapter of a film."""

    at_ms: Annotated[int, Meta(ge=0, lt=2**32)]
    words: Annotated[str, Meta(max_length=400)]


class SaveFilm(Message, frozen=True, kw_only=True):
    """Writes what was recorded to `path` as a film that anybody can play; a second one is ignored."""

    path: Annotated[str, Meta(max_length=1000)]
    titles: Annotated[tuple[FilmTitle, ...], Meta(max_length=5000)] = ()


class FilmChanged(Message, frozen=True, kw_only=True):
    """`failed` has a code."""

    state: Literal["writing", "done", "failed"]
    at_ms: int = 0
    fault: str = ""


class StopPlaying(Message, frozen=True):
    """Ends the process."""


class ChapterSeen(Message, frozen=True, kw_only=True):
    """A line of the table of contents; see media.recording.reader.Chapter."""

    at_ms: int
    what: str
    who: str = ""
    words: str = ""


class ChaptersFound(Message, frozen=True, kw_only=True):
    """The table of contents as far as it is known, in the order of time."""

    chapters: Annotated[tuple[ChapterSeen, ...], Meta(max_length=5000)]


class PlayerChanged(Message, frozen=True, kw_only=True):
    """`whole`: `loading` while more comes, `cut`: it has no end, `damaged`: what follows is not what was recorded."""

    state: Literal["resting", "playing", "ended"]
    at_ms: int
    length_ms: int
    whole: Literal["loading", "whole", "cut", "damaged"]
