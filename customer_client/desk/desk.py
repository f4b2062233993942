"""The customer's side of the help desk as it stands: one snapshot at each sign-in, kept fresh by pushes."""

from collections.abc import Mapping
from typing import Final, Literal, assert_never

from msgspec import Struct

from customer_client.desk.relay import Clock, Failed, Outcome, Relay, ask
from customer_client.desk.words import Localised, Reading
from shared.common.shown import Heard, Shown
from shared.protocol import frames
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import knowledge as k
from shared.protocol.messages import organisation as o
from shared.protocol.messages import remote as x
from shared.protocol.types import PersonRef

LIVE_STATES: Final = frozenset({"queued", "offered", "active", "held"})
"""A conversation in one of these is waited for or talked in now."""


class LinkView(Struct, frozen=True):
    """How the connection stands, in what a person can use."""

    phase: Literal["connecting", "ready", "waiting", "refused"] = "connecting"
    attempt: int = 0
    next_try_ms: int = 0
    refusal: Failed | None = None
    was_ready: bool = False


class Place(Struct, frozen=True):
    """A place in line. `worse` when the range has grown since it was last told."""

    push: c.QueuePlace
    worse: bool = False


class Desk:
    """Everything that more than one room shows. Rooms watch it; only the app and `on_push` change it."""

    def __init__(self, relay: Relay, local_ms: Clock) -> None:
        self._relay = relay
        self._local_ms = local_ms
        self._ahead_ms = 0
        self.link = Shown(LinkView())
        self.loaded = Shown(False)
        self.organisation: Shown[i.OrganisationView | None] = Shown(None)
        self.me: Shown[PersonRef | None] = Shown(None)
        self.vip_level = Shown(0)
        self.groups: Shown[tuple[o.GroupView, ...]] = Shown(())
        self.forms: Shown[Mapping[str, o.IntakeForm]] = Shown({})
        self.status: Shown[Mapping[str, c.ServiceStatus]] = Shown({})
        self.notices: Shown[tuple[o.Notice, ...]] = Shown(())
        self.requests: Shown[tuple[o.RequestView, ...]] = Shown(())
        self.places: Shown[Mapping[str, Place]] = Shown({})
        self.online: Shown[Mapping[str, bool]] = Shown({})
        self.typing = Heard[c.TypingNow]()
        self.signals = Heard[x.SignalArrived]()
        self.outcomes = Heard[Outcome]()

    def now_ms(self) -> int:
        """The present as the relay counts it, so that its deadlines mean the same here."""
        return self._local_ms() + self._ahead_ms

    def on_welcome(self, welcome: i.Welcome) -> None:
        """The handshake told the relay's clock and the organisation."""
        self._ahead_ms = welcome.server_ms - self._local_ms()
        self.organisation.set(welcome.organisation)

    def on_signed_in(self, signed_in: i.CustomerSignedIn) -> None:
        """The relay knows this device."""
        self.me.set(signed_in.customer)
        self.vip_level.set(signed_in.vip_level)

    async def refresh(self) -> Failed | None:
        """Fetch the whole picture anew, as after each reconnect."""
        found = await ask(self._relay, o.GetHome(), o.Home)
        if isinstance(found, Failed):
            return found
        self.groups.set(found.groups)
        self.forms.set({form.group_id: form for form in found.forms})
        self.status.set({each.group_id: each for each in found.status})
        self.notices.set(found.notices)
        self.requests.set(_newest_first(found.requests))
        self.loaded.set(True)
        return None

    def on_push(self, push: frames.CustomerPush) -> None:
        """One push of the relay, into the picture."""
        match push:
            case o.RequestChanged():
                self._put_request(push.request)
            case c.QueuePlace():
                self._put_place(push)
            case c.ServiceStatus():
                self.status.set({**self.status.value, push.group_id: push})
            case c.TypingNow():
                self.typing.tell(push)
            case c.PresenceChanged():
                self.online.set({**self.online.value, push.person.id: push.online})
            case x.SignalArrived():
                self.signals.tell(push)
            case _:
                assert_never(push)

    def request(self, conversation_id: str) -> o.RequestView | None:
        """The request of a conversation, once the relay has told of it."""
        return next((each for each in self.requests.value if each.conversation_id == conversation_id), None)

    def category(self, code: str) -> str | Localised:
        """An article's category in the words of the forms, where a form has it among its choices."""
        choices = (choice for form in self.forms.value.values() for field in form.fields for choice in field.choices)
        return next((Localised(choice.label) for choice in choices if choice.value == code), code)

    def reading(self, article: k.ArticleHit | k.Article) -> Reading:
        """What kind of article it is and how long it takes."""
        return Reading(self.category(article.category), article.minutes)

    def public_groups(self) -> tuple[o.GroupView, ...]:
        """Whom a customer may ask directly."""
        return tuple(group for group in self.groups.value if group.public and group.group_id in self.forms.value)

    def on_duty(self) -> bool:
        """Whether somebody can be asked now."""
        return any(
            status.on_duty for group in self.public_groups() if (status := self.status.value.get(group.group_id))
        )

    def _put_request(self, request: o.RequestView) -> None:
        others = tuple(each for each in self.requests.value if each.conversation_id != request.conversation_id)
        self.requests.set(_newest_first((request, *others)))

    def _put_place(self, push: c.QueuePlace) -> None:
        before = self.places.value.get(push.conversation_id)
        worse = before is not None and (_high(push) > _high(before.push) or before.worse)
        self.places.set({**self.places.value, push.conversation_id: Place(push, worse)})


def _high(push: c.QueuePlace) -> int:
    return push.wait_high_s or 0


def _newest_first(requests: tuple[o.RequestView, ...]) -> tuple[o.RequestView, ...]:
    return tuple(sorted(requests, key=lambda each: each.updated_ms, reverse=True))
