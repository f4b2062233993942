"""What a window and its session process tell each other about what is shared and what stays hidden."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from shared.protocol.types import Id
from shared.rules.coordinates import Area
from shared.rules.sharing import MAX_HIDDEN, MAX_MONITORS, Pane, Share, WindowId
from shared.session.message import Message

MAX_STOPS: Final = MAX_MONITORS


class FindSources(Message, frozen=True, kw_only=True):
    """Answered by `SourcesFound`. Pictures fit into this size; 0: none."""

    thumbnail_width: Annotated[int, Meta(ge=0, le=960)] = 296
    thumbnail_height: Annotated[int, Meta(ge=0, le=540)] = 168


class StartSharing(Message, frozen=True, kw_only=True):
    """Once in the life of a session process. Nobody sees anything before a grant and `AddViewer`."""

    session_id: Id
    share: Share


class ChangeShare(Message, frozen=True, kw_only=True):
    """The customer has chosen something else to be seen."""

    share: Share


class ProtectedWindow(Struct, frozen=True, kw_only=True):
    """A window of ours: its native id and where it is now."""

    window_id: Annotated[int, Meta(ge=0, lt=2**62)]
    area: Area


class ProtectWindows(Message, frozen=True, kw_only=True):
    """Our windows that are open now: left out of the picture, no pointer lands on them, no key while one has the focus.

    `stops` are the Stop buttons: a press on one by the person ends sharing even when the window hangs. Send it again
    whenever one of them opens, moves or closes.
    """

    windows: Annotated[tuple[ProtectedWindow, ...], Meta(max_length=32)]
    stops: Annotated[tuple[Area, ...], Meta(max_length=MAX_STOPS)] = ()


class Hide(Message, frozen=True, kw_only=True):
    """All that the customer wants blank: other programs' windows, and areas of the screen. Nothing lands there either.

    At any time, also before sharing begins; each takes the place of the one before.
    """

    windows: Annotated[tuple[WindowId, ...], Meta(max_length=MAX_HIDDEN // 2)] = ()
    areas: Annotated[tuple[Area, ...], Meta(max_length=MAX_HIDDEN)] = ()


class MonitorSeen(Struct, frozen=True, kw_only=True):
    """A monitor; `thumbnail` is a PNG of it as it looks now, empty when none was asked for."""

    id: str
    name: str
    area: Area
    primary: bool
    thumbnail: bytes = b""


class WindowSeen(Struct, frozen=True, kw_only=True):
    """A window of another program."""

    id: int
    title: str
    app: str
    area: Area
    thumbnail: bytes = b""


class SourcesFound(Message, frozen=True, kw_only=True):
    """`fault` is a code for `shared.strings` when there is no screen to share; no windows where none can be chosen."""

    monitors: tuple[MonitorSeen, ...]
    windows: tuple[WindowSeen, ...] = ()
    fault: str = ""


class ShareChanged(Message, frozen=True, kw_only=True):
    """What is shared lies here on the screen now; `away`: the shared window is minimised.

    Without panes it is gone, nobody sees anything until something else is chosen, and `fault` says why.
    """

    panes: tuple[Pane, ...]
    window: bool = False
    away: bool = False
    fault: str = ""
