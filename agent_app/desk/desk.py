"""This agent's work as it stands: one snapshot at each sign-in, kept fresh by pushes."""

from collections.abc import Mapping
from typing import Final, Literal, assert_never

from msgspec import Struct

from agent_app.desk.relay import Clock, Failed, Outcome, Relay, ask
from agent_app.desk.words import Localised, Name
from shared.common.shown import Heard, Shown
from shared.protocol import frames
from shared.protocol.messages import account as a
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import organisation as o
from shared.protocol.messages import remote as x
from shared.protocol.messages import routing as q
from shared.protocol.messages import tickets as t
from shared.rules.introduction import Device

OWN_STATES: Final = frozenset({"active", "held", "wrap_up"})
"""While a conversation is in one of these it is in its owner's list."""


class LinkView(Struct, frozen=True):
    """How the connection stands, in what a person can use."""

    phase: Literal["connecting", "ready", "waiting", "refused"] = "connecting"
    attempt: int = 0
    next_try_ms: int = 0
    since_ms: int = 0
    latency_ms: int = 0


class Desk:
    """Everything that more than one room shows. Rooms watch it; only the app and `on_push` change it."""

    def __init__(self, relay: Relay, local_ms: Clock) -> None:
        self._relay = relay
        self._local_ms = local_ms
        self._ahead_ms = 0
        self.link = Shown(LinkView())
        self.me: Shown[i.AgentProfile | None] = Shown(None)
        self.device: Shown[Device | None] = Shown(None)
        self.organisation: Shown[i.OrganisationView | None] = Shown(None)
        self.state = Shown(o.AgentStateView(state="offline", since_ms=0))
        self.groups: Shown[Mapping[str, o.GroupView]] = Shown({})
        self.categories: Shown[tuple[o.FormChoice, ...]] = Shown(())
        self.forms: Shown[Mapping[str, o.IntakeForm]] = Shown({})
        self.conversations: Shown[Mapping[str, c.ConversationRow]] = Shown({})
        self.queue: Shown[tuple[c.ConversationRow, ...]] = Shown(())
        self.offers: Shown[tuple[o.OfferView, ...]] = Shown(())
        self.withdrawn = Heard[q.OfferWithdrawn]()
        self.tickets = Heard[t.TicketRow]()
        self.typing = Heard[c.TypingNow]()
        self.presence = Heard[c.PresenceChanged]()
        self.signals = Heard[x.SignalArrived]()
        self.account_changed = Heard[a.AccountChanged]()
        self.outcomes = Heard[Outcome]()

    @property
    def my_id(self) -> str:
        """This agent's id; empty before the first sign-in."""
        return self.me.value.person.id if self.me.value else ""

    @property
    def ahead_ms(self) -> int:
        """How far the relay's clock is before this computer's."""
        return self._ahead_ms

    def forget(self) -> None:
        """Nobody is signed in any more."""
        self.me.set(None)
        self.device.set(None)
        self.conversations.set({})
        self.queue.set(())
        self.offers.set(())
        self.state.set(o.AgentStateView(state="offline", since_ms=0))
        self.link.set(LinkView())

    def now_ms(self) -> int:
        """The present as the relay counts it, so that its deadlines mean the same here."""
        return self._local_ms() + self._ahead_ms

    def on_welcome(self, welcome: i.Welcome) -> None:
        """The handshake told the relay's clock and the organisation."""
        self._ahead_ms = welcome.server_ms - self._local_ms()
        self.organisation.set(welcome.organisation)

    async def refresh(self) -> Failed | None:
        """Fetch the whole picture anew, as after each reconnect."""
        found = await ask(self._relay, o.GetDesk(), o.Desk)
        if isinstance(found, Failed):
            return found
        self.groups.set({group.group_id: group for group in found.groups})
        self.categories.set(found.categories)
        self.forms.set({form.group_id: form for form in found.forms})
        self.conversations.set({row.conversation_id: row for row in found.conversations if row.state in OWN_STATES})
        self.queue.set(found.queue)
        self.offers.set(found.offers)
        self.state.set(found.state)
        return None

    def on_push(self, push: frames.AgentPush) -> None:
        """One push of the relay, into the picture."""
        match push:
            case q.OfferArrived():
                self._put_offer(push.offer)
            case q.OfferWithdrawn():
                self.withdrawn.tell(push)
                self.drop_offer(push.conversation_id)
            case q.StateChanged():
                self.state.set(push.state)
            case q.QueueChanged():
                self.queue.set(push.rows)
            case c.ConversationChanged():
                self._put_row(push.row)
            case t.TicketChanged():
                self.tickets.tell(push.row)
            case c.TypingNow():
                self.typing.tell(push)
            case c.PresenceChanged():
                self.presence.tell(push)
            case x.SignalArrived():
                self.signals.tell(push)
            case a.AccountChanged():
                self.account_changed.tell(push)
            case _:
                assert_never(push)

    def group_name(self, group_id: str) -> str:
        """A group's name, or nothing when it is not one of ours."""
        group = self.groups.value.get(group_id)
        return group.name if group else ""

    def category_name(self, category: str) -> Name:
        """A category's words; its value where the organisation has no words for it (any more)."""
        found = next((each for each in self.categories.value if each.value == category), None)
        return Localised(found.label) if found else category

    def drop_offer(self, conversation_id: str) -> None:
        """The offer stands no more, or was answered here."""
        self.offers.set(tuple(each for each in self.offers.value if each.row.conversation_id != conversation_id))

    def _put_offer(self, offer: o.OfferView) -> None:
        others = tuple(each for each in self.offers.value if each.row.conversation_id != offer.row.conversation_id)
        self.offers.set((*others, offer))

    def _put_row(self, row: c.ConversationRow) -> None:
        rows = dict(self.conversations.value)
        rows.pop(row.conversation_id, None)
        if row.state in OWN_STATES and row.owner is not None and row.owner.id == self.my_id:
            rows[row.conversation_id] = row
        self.conversations.set(rows)
