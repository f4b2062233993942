"""What the toolbar of a conversation offers now, and why not where it does not. Pure."""

from msgspec import Struct

from shared.protocol.messages.remote import CapabilityAsked
from shared.protocol.types import Capability
from shared.rules.timeline import Timeline
from shared.strings import Phrase, phrase


class Tool(Struct, frozen=True):
    """A button: usable unless `why_not` says why."""

    why_not: Phrase | None = None

    @property
    def usable(self) -> bool:
        """Whether it can be pressed now."""
        return self.why_not is None


class Tools(Struct, frozen=True, kw_only=True):
    """`screen_open`: the screen is granted, so its button opens the window instead of asking."""

    screen: Tool
    control: Tool
    end: Tool
    screen_open: bool = False
    ask: CapabilityAsked | None = None


def tools(timeline: Timeline, my_id: str, ready: bool) -> Tools:
    """The toolbar for a timeline, for this agent, with the link ready or not."""
    ask = open_ask(timeline, my_id)
    blocked = _blocked(timeline, my_id, ready)
    seeing = granted(timeline, my_id, "view")
    busy = phrase("conversation.not_while_asked") if ask else None
    no_screen = None if seeing else phrase("conversation.not_without_screen")
    has_control = phrase("conversation.not_twice_control") if granted(timeline, my_id, "control") else None
    return Tools(
        screen=Tool(None if seeing else blocked or busy),
        control=Tool(blocked or busy or no_screen or has_control),
        end=Tool(blocked),
        screen_open=seeing,
        ask=ask,
    )


def open_ask(timeline: Timeline, my_id: str) -> CapabilityAsked | None:
    """This agent's question that the customer has not answered yet."""
    return next((each for each in timeline.asks if each.agent.id == my_id), None)


def granted(timeline: Timeline, my_id: str, capability: Capability) -> bool:
    """Whether the record says that the customer has granted this to this agent, in a session that goes on."""
    remote = timeline.remote
    if remote is None or remote.ended is not None:
        return False
    return any(grant.agent_id == my_id and grant.capability == capability for grant in remote.grants)


def _blocked(timeline: Timeline, my_id: str, ready: bool) -> Phrase | None:
    if timeline.state in {"wrap_up", "closed", "abandoned"}:
        return phrase("conversation.not_after_end")
    if timeline.owner is None or timeline.owner.id != my_id:
        return phrase("conversation.not_owner")
    return None if ready else phrase("conversation.not_offline")
