"""What there is to show of a remote session on the customer's side."""

from typing import Literal

from msgspec import Struct

from customer_client.desk.relay import Failed
from customer_client.sharing.introductions import Introduction
from shared.protocol.messages import remote as x
from shared.protocol.types import Capability, PersonRef
from shared.rules.sharing import Pane
from shared.session import channel as ch
from shared.strings import Words


class Watcher(Struct, frozen=True):
    """An engineer who has something in this session. `picture` is how their connection stands."""

    person: PersonRef
    sees: bool
    controls: bool
    also: tuple[Capability, ...] = ()
    picture: ch.PeerState | Literal["none"] = "none"
    introduction: Introduction | None = None


class SharingView(Struct, frozen=True):
    """What the banner shows; not `live`: there is none. `what` is shared and lies at `panes` on the screen.

    `returned`: it goes on after a restart of this computer. `away`: the shared window is minimised; `gone` is why
    nothing is shown until something else is chosen.
    """

    live: bool = False
    session_id: str = ""
    conversation_id: str = ""
    what: Words = ""
    panes: tuple[Pane, ...] = ()
    window: bool = False
    away: bool = False
    gone: str = ""
    watchers: tuple[Watcher, ...] = ()
    paused: bool = False
    lost: bool = False
    left_s: int = 0
    stop_key_works: bool = False
    drawn: bool = False
    returned: bool = False
    failed: Failed | None = None

    @property
    def tone(self) -> Literal["control", "view", "paused", "lost"]:
        """Which of the four looks banner and frame have."""
        if self.lost:
            return "lost"
        if self.paused:
            return "paused"
        return "control" if any(watcher.controls for watcher in self.watchers) else "view"


class Finished(Struct, frozen=True):
    """A session that is over, with its receipt."""

    conversation_id: str
    receipt: x.Receipt
    reason: x.EndReason
