"""The typed channel between a window and its session process: unions by role and direction, one codec, framing.

A frame is its length as u32, big-endian, then one msgpack message of at most 4 MiB. Nothing here imports the media
stack: the window uses it too. Times are milliseconds since 1970; areas are pixels of the whole screen.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE, PeerBroken
from shared.control.guard import Guarded
from shared.control.input import Input, Quality
from shared.protocol.messages.remote import EndReason, GrantEnd, IceServer, Signal
from shared.protocol.types import Capability, Grant, Id, Millis
from shared.rules.sharing import Pane
from shared.session import drawing_messages as d
from shared.session.clip_messages import ClipIn, ClipOut
from shared.session.facts_messages import AskFacts, FactsGathered, FactsOrder, FactsOver, FactsReport
from shared.session.files_messages import FilesOrder, FilesReport
from shared.session.frames import FrameReady
from shared.session.message import Message
from shared.session.recording_messages import (
    ChaptersFound,
    FileGrew,
    FilmChanged,
    NoteMoment,
    OpenPlayer,
    Play,
    PlayerChanged,
    RecordingChanged,
    Rest,
    SaveFilm,
    SeekTo,
    StartRecording,
    StopPlaying,
    StopRecording,
)
from shared.session.scene_messages import (
    ChangeShare,
    FindSources,
    Hide,
    ProtectWindows,
    ShareChanged,
    SourcesFound,
    StartSharing,
)
from shared.session.voice_messages import VoiceOrder, VoiceReport

MAX_FRAME_BYTES: Final = 4 * 1024 * 1024
HEADER_BYTES: Final = 4

PeerState = Literal["connecting", "connected", "lost", "closed"]


class Stage(Struct, frozen=True, kw_only=True):
    """How long one stage took lately."""

    p50_ms: float
    p95_ms: float
    count: int


NOT_MEASURED: Final = Stage(p50_ms=0.0, p95_ms=0.0, count=0)


# Customer's window to its session process


class GiveGrants(Message, frozen=True, kw_only=True):
    """The customer has granted these, or given them more time; `control` needs `view` before or with it. `seal_to` is
    the recording key that the customer's window has checked; recordings are sealed to nothing else."""

    grants: Annotated[tuple[Grant, ...], Meta(max_length=64)]
    seal_to: Annotated[str, Meta(max_length=64)] = ""


class TakeGrant(Message, frozen=True, kw_only=True):
    """The customer takes a grant back at once; the view takes control with it and closes that agent's picture."""

    agent_id: Id
    capability: Capability


class Pause(Message, frozen=True):
    """A plain cover instead of the picture, no input. The clock runs on."""


class Resume(Message, frozen=True):
    """Ends a pause."""


class StopSharing(Message, frozen=True, kw_only=True):
    """Ends everything for good; answered by `Stopped`."""

    reason: EndReason = "customer_stopped"


class AddViewer(Message, frozen=True, kw_only=True):
    """Makes an offer for this agent, who must hold a live grant to view; a second one replaces the connection.

    After a lost connection this is the customer's own act: it also lets control back in.
    """

    agent_id: Id
    ice_servers: Annotated[tuple[IceServer, ...], Meta(max_length=16)] = ()


class RemoveViewer(Message, frozen=True, kw_only=True):
    """Closes this agent's connection; the grants stay."""

    agent_id: Id


class SignalIn(Message, frozen=True, kw_only=True):
    """What the relay brought. Customer: from this agent. Agent: from the customer, `agent_id` is not used.

    `fingerprint` is the one that the window has verified: a description that promises another, or comes without one,
    is refused, and the handshake connects to nothing else.
    """

    signal: Signal
    fingerprint: Annotated[str, Meta(max_length=95)] = ""
    tag: Annotated[str, Meta(max_length=64)] = ""
    """Agent's side: comes back with the answer to this offer."""
    agent_id: Annotated[str, Meta(max_length=40)] = ""
    ice_servers: Annotated[tuple[IceServer, ...], Meta(max_length=16)] = ()
    """Agent's side: for answering an offer."""


CustomerOrder = (
    FindSources
    | StartSharing
    | ChangeShare
    | ProtectWindows
    | Hide
    | GiveGrants
    | TakeGrant
    | Pause
    | Resume
    | StopSharing
    | AddViewer
    | RemoveViewer
    | SignalIn
    | d.WipeDrawings
    | VoiceOrder
    | FactsOrder
    | FilesOrder
    | ClipOut
)


# Customer's session process to its window


class SharingChanged(Message, frozen=True, kw_only=True):
    """`ready`: may add viewers. `running`: somebody is being shown the screen. `failed` has a code."""

    state: Literal["ready", "running", "paused", "failed"]
    fault: str = ""
    width: int = 0
    height: int = 0


class StopWatch(Message, frozen=True, kw_only=True):
    """Whether the session process itself hears Ctrl+Shift+F12 and presses on the Stop button, without the window."""

    works: bool


class ControlPossible(Message, frozen=True, kw_only=True):
    """Whether this machine takes remote input at all."""

    works: bool


class SignalOut(Message, frozen=True, kw_only=True):
    """For the relay, once the window has signed it. Customer: to this agent. Agent: to the customer, `agent_id` is
    empty. `fingerprint` is what the description promises."""

    signal: Signal
    fingerprint: str = ""
    tag: str = ""
    agent_id: str = ""


class ViewerChanged(Message, frozen=True, kw_only=True):
    """`lost` and `closed` take control off at once; `AddViewer` makes a new connection."""

    agent_id: str
    state: PeerState


class RestartWished(Message, frozen=True, kw_only=True):
    """An agent who was allowed it would like this computer to restart now."""

    agent_id: Id


class ViewerSees(Message, frozen=True, kw_only=True):
    """This agent has the first picture of a connection before their eyes: whoever they replace may go now."""

    agent_id: str


class Used(Message, frozen=True, kw_only=True):
    """What an agent did with a capability since the start; sent about once a second when it changed, and at the end.

    `count` is input events that landed (control) or connections that showed the screen (view, none are refused).
    """

    agent_id: str
    capability: Capability
    count: int
    refused: int
    first_ms: Millis
    last_ms: Millis


class GrantOver(Message, frozen=True, kw_only=True):
    """A grant has ended; the session process has already acted on it."""

    agent_id: str
    capability: Capability
    why: GrantEnd


class GrantsRefused(Message, frozen=True, kw_only=True):
    """`GiveGrants` or `AddViewer` did not hold: `needs_view`, `expired`, `stopped`, `no_grant`..."""

    why: str


class ControlHeld(Message, frozen=True, kw_only=True):
    """The person uses mouse or keyboard: remote input is refused until `until_ms`, renewed while they go on."""

    until_ms: Millis


class Stopped(Message, frozen=True, kw_only=True):
    """Sharing is over, nobody sees or controls anything. The last message."""

    reason: EndReason


class SharingFigures(Message, frozen=True, kw_only=True):
    """About once a second while somebody watches."""

    fps: float
    kbps: float
    viewers: int
    target_kbps: float
    grab: Stage
    convert: Stage
    encode: Stage
    send: Stage
    dropped: int
    key_frames: int


CustomerReport = (
    SourcesFound
    | ShareChanged
    | SharingChanged
    | StopWatch
    | ControlPossible
    | SignalOut
    | ViewerChanged
    | ViewerSees
    | RestartWished
    | Used
    | GrantOver
    | GrantsRefused
    | ControlHeld
    | Stopped
    | SharingFigures
    | d.DrawingsShown
    | VoiceReport
    | FactsGathered
    | FactsOver
    | FilesReport
    | ClipIn
)


# Agent's window to its session process


class StartViewing(Message, frozen=True, kw_only=True):
    """Once; then `SignalIn` with the customer's offer."""

    session_id: Id


class SendInput(Message, frozen=True, kw_only=True):
    """Input for the customer's machine, in order; whether it lands is decided there."""

    inputs: Annotated[tuple[Input, ...], Meta(max_length=64)]


class ChooseQuality(Message, frozen=True, kw_only=True):
    """What we wish the picture to be; told to the customer's machine whenever it lets us in."""

    quality: Quality


class AskRestart(Message, frozen=True):
    """The engineer wants the customer's computer to restart; the person there says when."""


class StopViewing(Message, frozen=True):
    """Closes the connection and ends the process."""


AgentOrder = (
    StartViewing
    | SignalIn
    | SendInput
    | ChooseQuality
    | AskRestart
    | StopViewing
    | d.SendDrawing
    | StartRecording
    | NoteMoment
    | StopRecording
    | VoiceOrder
    | AskFacts
    | FilesOrder
    | ClipOut
)


# Agent's session process to its window


class FrameShown(Message, frozen=True, kw_only=True):
    """A new picture is in the frame file (shared.session.frames)."""

    frame: FrameReady


class CursorAt(Message, frozen=True, kw_only=True):
    """The customer's pointer, in picture pixels."""

    x: int
    y: int
    visible: bool = True


class LayoutChanged(Message, frozen=True, kw_only=True):
    """The parts of a picture of this size, in its pixels: its monitors, or the one window.

    `away`: the window is minimised. No panes: what was shared is gone, and the customer has not chosen anew yet.
    """

    width: int
    height: int
    panes: tuple[Pane, ...]
    window: bool = False
    away: bool = False


class CursorLooks(Message, frozen=True, kw_only=True):
    """The pointer's picture: premultiplied BGRA, `width * height * 4` bytes."""

    width: int
    height: int
    hot_x: int
    hot_y: int
    pixels: bytes


class ViewingChanged(Message, frozen=True, kw_only=True):
    """How the connection to the customer stands."""

    state: Literal["connecting", "connected", "playing", "paused", "lost", "closed"]


class StandingChanged(Message, frozen=True, kw_only=True):
    """What the customer's machine lets us do now, in its own words."""

    capabilities: tuple[Capability, ...]
    paused: bool
    guarded: Guarded = ""


class CustomerActs(Message, frozen=True, kw_only=True):
    """The customer uses mouse or keyboard; ours lands again `for_ms` after their last use."""

    for_ms: int


class SharingEnded(Message, frozen=True, kw_only=True):
    """The customer's machine has said over the media connection that sharing is over."""

    reason: EndReason


class ViewingFigures(Message, frozen=True, kw_only=True):
    """About once a second."""

    fps: float
    kbps: float
    rtt_ms: float
    capture_to_decoded: Stage
    decode: Stage
    convert: Stage
    lost: int
    nacks: int
    plis: int
    make: Stage = NOT_MEASURED
    grab: Stage = NOT_MEASURED
    network: Stage = NOT_MEASURED
    ahead_us: int | None = None
    """How far the clock that stamps the pictures is ahead of ours."""


AgentReport = (
    SignalOut
    | FrameShown
    | CursorAt
    | CursorLooks
    | LayoutChanged
    | ViewingChanged
    | StandingChanged
    | CustomerActs
    | SharingEnded
    | ViewingFigures
    | d.DrawingWiped
    | RecordingChanged
    | VoiceReport
    | FactsReport
    | FilesReport
    | ClipIn
)

PlayerOrder = OpenPlayer | FileGrew | Play | Rest | SeekTo | SaveFilm | StopPlaying
"""A window to the process that plays a recording for it."""

PlayerReport = FrameShown | CursorAt | CursorLooks | ChaptersFound | PlayerChanged | FilmChanged

Order = CustomerOrder | AgentOrder | PlayerOrder
Report = CustomerReport | AgentReport | PlayerReport

T = TypeVar("T")
_encoder: Final = msgspec.msgpack.Encoder()


def encode(message: Order | Report) -> bytes:
    """One whole frame. Raises ValueError when it is too large."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise ValueError(f"{type(message).__name__} of {len(body)} bytes, {MAX_FRAME_BYTES} allowed")
    return len(body).to_bytes(HEADER_BYTES, "big") + body


class Frames(Generic[T]):
    """Bytes in, messages out."""

    def __init__(self, decode: Callable[[bytes], T]) -> None:
        self._decode = decode
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[T]:
        """The messages that are complete now. Raises PeerBroken for what is none of ours."""
        self._buffer += data
        while (end := self._end()) is not None:
            body = bytes(memoryview(self._buffer)[HEADER_BYTES:end])
            del self._buffer[:end]
            try:
                yield self._decode(body)
            except UNDECODABLE as error:
                raise PeerBroken(str(error)) from error

    def _end(self) -> int | None:
        if len(self._buffer) < HEADER_BYTES:
            return None
        size = int.from_bytes(self._buffer[:HEADER_BYTES], "big")
        if size > MAX_FRAME_BYTES:
            raise PeerBroken(f"a frame of {size} bytes, {MAX_FRAME_BYTES} allowed")
        end = HEADER_BYTES + size
        return end if len(self._buffer) >= end else None


def customer_orders() -> Frames[CustomerOrder]:
    """For the customer's session process."""
    return Frames(msgspec.msgpack.Decoder(CustomerOrder).decode)


def customer_reports() -> Frames[CustomerReport]:
    """For the customer's window."""
    return Frames(msgspec.msgpack.Decoder(CustomerReport).decode)


def agent_orders() -> Frames[AgentOrder]:
    """For the agent's session process."""
    return Frames(msgspec.msgpack.Decoder(AgentOrder).decode)


def agent_reports() -> Frames[AgentReport]:
    """For the agent's window."""
    return Frames(msgspec.msgpack.Decoder(AgentReport).decode)


def player_orders() -> Frames[PlayerOrder]:
    """For the process that plays."""
    return Frames(msgspec.msgpack.Decoder(PlayerOrder).decode)


def player_reports() -> Frames[PlayerReport]:
    """For the window it plays for."""
    return Frames(msgspec.msgpack.Decoder(PlayerReport).decode)
