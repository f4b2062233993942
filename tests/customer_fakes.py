"""The customer client's presenters on fakes: a relay that answers from a table, a clock, timers, a session process."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from customer_client.app.rooms import Rooms
from customer_client.desk.desk import Desk, LinkView
from customer_client.desk.line import Line
from customer_client.desk.relay import Outcome
from customer_client.platform.preferences import PreferenceFile
from customer_client.sharing.introductions import Introductions
from shared.common.errors import LinkLost
from shared.net.keybook import KeyBook
from shared.protocol.codec import encode_event, kind_of
from shared.protocol.frames import CustomerCommand, Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import organisation as o
from shared.protocol.messages import remote as x
from shared.protocol.messages.base import EventBody, Result
from shared.protocol.types import Attachment, PersonRef
from shared.rules import introduction, statements
from shared.rules import receipt as receipts
from shared.session import channel as ch
from shared.session.scene_messages import MonitorSeen
from tests.trusted import ORGANISATION, START_MS, device_of

T = TypeVar("T")
MAYA = PersonRef(id="maya", name="Maya Chen", kind="customer")
LIN = PersonRef(id="lin", name="Lin Wei", kind="agent", tier=2, group="Service desk")
TALK = "talk-1"
FINGERPRINT = ":".join(["AB"] * 32)


DEVICE = device_of(LIN)

FIELDS = (
    o.FormField(
        key="topic",
        label={"en": "What is it about?", "zh_CN": "关于什么？"},
        kind="choice",
        choices=tuple(o.FormChoice(value=each, label={"en": each.title()}) for each in ("software", "network")),
    ),
    o.FormField(key="words", label={"en": "What happened?", "zh_CN": "发生了什么？"}, kind="paragraph", max_length=400),
)
MESSAGE_FIELDS = (
    o.FormField(key="message", label={"en": "Your message"}, kind="paragraph"),
    o.FormField(key="reply_to", label={"en": "Email"}, kind="email"),
)
FORM = o.IntakeForm(group_id="desk", fields=FIELDS, message_fields=MESSAGE_FIELDS)
GROUP = o.GroupView(group_id="desk", name="Service desk", tier=1, branch="hq", public=True)


def home(on_duty: int = 1, requests: tuple[o.RequestView, ...] = (), **changes: Any) -> o.Home:
    """A first page with one group."""
    status = c.ServiceStatus(group_id="desk", on_duty=on_duty, waiting=2, wait_low_s=240, wait_high_s=480)
    fields: dict[str, Any] = {"groups": (GROUP,), "forms": (FORM,), "status": (status,), **changes}
    return o.Home(requests=requests, **fields)


def request(conversation: str = "queued", **changes: Any) -> o.RequestView:
    """A request as the relay tells it."""
    fields: dict[str, Any] = {
        "conversation_id": TALK,
        "number": "NW-2041",
        "subject": "Report export stops at 90%",
        "state": "in_progress",
        "updated_ms": START_MS,
        "conversation_state": conversation,
    }
    return o.RequestView(**{**fields, **changes})


class Timers:
    """`later` of the program; `pass_s` lets time go by."""

    def __init__(self) -> None:
        self.now_ms = START_MS
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._made = 0

    def later(self, delay_s: float, call: Callable[[], None]) -> Callable[[], None]:
        self._made += 1
        entry = (self.now_ms + round(delay_s * 1000), self._made, call)
        self._due.append(entry)

        def cancel() -> None:
            if entry in self._due:
                self._due.remove(entry)

        return cancel

    def pass_s(self, seconds: float) -> None:
        end = self.now_ms + round(seconds * 1000)
        while due := sorted(each for each in self._due if each[0] <= end):
            self._due.remove(due[0])
            self.now_ms = max(self.now_ms, due[0][0])
            due[0][2]()
        self.now_ms = end


class FakeRelay:
    """Answers `ask` from `answers` by command type; keeps what was posted, told and followed."""

    def __init__(self) -> None:
        self.online = True
        self.answers: dict[type, Result | Refused | Callable[[Any], Result | Refused]] = {}
        self.asked: list[CustomerCommand] = []
        self.posted: dict[str, CustomerCommand] = {}
        self.history: list[tuple[str, CustomerCommand]] = []
        self.told: list[CustomerCommand] = []
        self.followed: list[str] = []
        self.tries = 0
        self.blobs: dict[str, bytes] = {}
        self.uploads: list[tuple[bytes, str, str]] = []
        self.upload_answer: Attachment | Refused | None = None

    async def ask(self, command: CustomerCommand, expect: type[T], timeout_s: float = 10) -> T | Refused:
        self.asked.append(command)
        if not self.online:
            raise LinkLost("not connected")
        found = self.answers.get(type(command), Refused(code="not_found"))
        return cast("T | Refused", found(command) if callable(found) else found)

    def post(self, key: str, command: CustomerCommand) -> None:
        self.posted[key] = command
        self.history.append((key, command))

    def tell(self, command: CustomerCommand) -> None:
        self.told.append(command)

    def pending(self) -> Sequence[tuple[str, CustomerCommand]]:
        return tuple(self.posted.items())

    def follow(self, stream: str, after: int = 0) -> None:
        self.followed.append(stream)

    def unfollow(self, stream: str) -> None:
        self.followed.remove(stream)

    def try_now(self) -> None:
        self.tries += 1

    async def upload(self, data: bytes, name: str, media_type: str) -> Attachment | Refused:
        if not self.online:
            raise LinkLost("not connected")
        self.uploads.append((data, name, media_type))
        made = Attachment(blob_id=f"blob{len(self.uploads)}", name=name, media_type=media_type, size_bytes=len(data))
        return self.upload_answer or made

    async def download(self, blob_id: str, limit_bytes: int) -> bytes | Refused:
        if not self.online:
            raise LinkLost("not connected")
        return self.blobs.get(blob_id, Refused(code="not_found"))


class FakeSession:
    """A session process that remembers its orders."""

    def __init__(self) -> None:
        self.orders: list[ch.CustomerOrder] = []
        self.alive = True
        self.report: Callable[[ch.CustomerReport], None] = lambda _: None
        self.over: Callable[[], None] = lambda: None

    def send(self, order: ch.CustomerOrder) -> None:
        self.orders.append(order)

    def sent(self, kind: type[T]) -> list[T]:
        return [order for order in self.orders if isinstance(order, kind)]

    async def close(self) -> None:
        self.alive = False


class FakeRestarter:
    """A computer that restarts when it is `willing`; `comes_back`: it would start the program again."""

    def __init__(self) -> None:
        self.possible = self.willing = True
        self.comes_back = False
        self.restarts = 0

    def come_back(self) -> None:
        self.comes_back = True

    def stay_away(self) -> None:
        self.comes_back = False

    async def restart(self) -> bool:
        self.restarts += self.willing
        return self.willing


class Stage:
    """All presenters of the program, on fakes; nothing of Qt."""

    def __init__(self, documents: Path) -> None:
        self.timers = Timers()
        self.relay = FakeRelay()
        self.preferences = PreferenceFile(None)
        self.sessions: list[FakeSession] = []
        self.desk = Desk(self.relay, lambda: self.timers.now_ms)
        self.key = bytes(range(32))
        self.documents = documents
        self.restarter = FakeRestarter()
        self.rooms = Rooms(
            self.desk,
            cast("Line", self.relay),
            self.preferences,
            spawn=self.spawn,
            later=self.timers.later,
            soon=lambda call: call(),
            start_session=self._start,
            sign=lambda **parts: receipts.sign(self.key, **parts),
            restarter=self.restarter,
            returns=documents / "return.json",
            introductions=Introductions(KeyBook(None, ORGANISATION.public), lambda: self.key, lambda: START_MS),
            system=lambda: {"system": "Debian 12", "client": "0.1.0"},
            documents=documents,
            landing=documents / "landing",
            kept=documents / "kept",
            server="wss://relay/ws",
        )
        self.device = DEVICE
        """Lin's; replace it to be somebody else."""
        self._seqs: dict[str, int] = {}

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Runs work that never really waits, to its end."""
        try:
            work.send(None)
        except StopIteration:
            return
        raise AssertionError(f"{name} waited")

    async def _start(self, report: Callable[[ch.CustomerReport], None], over: Callable[[], None]) -> FakeSession:
        session = FakeSession()
        session.report, session.over = report, over
        self.sessions.append(session)
        return session

    @property
    def session(self) -> FakeSession:
        """The newest session process."""
        return self.sessions[-1]

    def connect(self, page: o.Home | None = None) -> None:
        """Welcome, sign-in, first page."""
        self.relay.answers[o.GetHome] = page or home()
        view = i.OrganisationView(name="Northwind Instruments", sample=True)
        welcome = i.Welcome(protocol=1, relay_version="", organisation=view, server_ms=self.timers.now_ms)
        self.desk.on_welcome(welcome)
        token = "t" * 16
        self.desk.on_signed_in(i.CustomerSignedIn(customer=MAYA, access_token=token, expires_ms=2**40))
        self.desk.link.set(LinkView("ready", was_ready=True))
        self.spawn(self._refresh(), "refresh")

    def drop(self) -> None:
        """The connection goes away."""
        self.relay.online = False
        self.desk.link.set(LinkView("waiting", 2, self.timers.now_ms + 8000, was_ready=True))

    def return_(self) -> None:
        """The connection is back."""
        self.relay.online = True
        self.desk.link.set(LinkView("ready", was_ready=True))

    async def _refresh(self) -> None:
        assert await self.desk.refresh() is None

    def answer(self, key: str, answer: Result | Refused) -> None:
        """The relay answers something that was posted."""
        self.relay.posted.pop(key)
        self.desk.outcomes.tell(Outcome(key, answer))

    def offered(self) -> x.Signal:
        """The newest offer that went out."""
        offers = [each.signal for each in self.relay.asked if isinstance(each, x.SendSignal)]
        return [each for each in offers if each.kind == "offer"][-1]

    def make_offer(self, sdp: str = "v=0") -> x.Signal:
        """The session process has made an offer for Lin."""
        signal = x.Signal(kind="offer", sdp=sdp)
        self.session.report(ch.SignalOut(agent_id=LIN.id, signal=signal, fingerprint=FINGERPRINT))
        return self.offered()

    def answered(self, offer: x.Signal, sdp: str = "v=0 answer") -> x.Signal:
        """What Lin's program answers to an offer."""
        assert offer.signed is not None
        between = introduction.Between(
            session_id="session-1", conversation_id=TALK, customer_id=MAYA.id, agent_id=LIN.id
        )
        nonce = statements.encode(bytes(32))
        signed = introduction.answer(self.device, between, sdp, FINGERPRINT, nonce, offer.signed)
        return x.Signal(kind="answer", sdp=sdp, signed=signed)

    def arrive(self, signal: x.Signal, sender: PersonRef = LIN, session_id: str = "session-1") -> None:
        """A signal comes in."""
        self.desk.on_push(x.SignalArrived(session_id=session_id, conversation_id=TALK, sender=sender, signal=signal))

    def happen(self, *events: EventBody, talk: str = TALK) -> None:
        """Events of a conversation's public stream arrive."""
        stream = c.public_stream(talk)
        for event in events:
            seq = self._seqs[stream] = self._seqs.get(stream, 0) + 1
            record = c.EventRecord(
                stream=stream,
                seq=seq,
                order=seq,
                at_ms=self.timers.now_ms,
                kind=kind_of(event),
                body=encode_event(event),
            )
            self.rooms.timelines.on_event(record, event)

    def talk(self) -> None:
        """A conversation in which Lin has joined."""
        self.desk.on_push(o.RequestChanged(request=request("active", with_person=LIN)))
        self.happen(opened(), c.ConversationQueued(group_id="desk", since_ms=START_MS), joined())

    def ask(self, *capabilities: Any, request_id: str = "ask-1", seconds: int = 60) -> x.CapabilityAsked:
        """Lin asks for consent."""
        wanted = capabilities or ("view", "control")
        reason = "See where the export stops."
        asked = x.CapabilityAsked(
            request_id=request_id,
            session_id="session-1",
            agent=LIN,
            capabilities=wanted,
            reason=reason,
            expires_ms=self.timers.now_ms + seconds * 1000,
            ticket_number="NW-2041",
            proof=introduction.prove_ask(
                self.device,
                conversation_id=TALK,
                request_id=request_id,
                agent_id=LIN.id,
                capabilities=wanted,
                reason=reason,
            ),
        )
        self.happen(asked)
        return asked


def opened() -> c.ConversationOpened:
    """The first event."""
    return c.ConversationOpened(
        conversation_id=TALK, customer=MAYA, group_id="desk", subject="Report export stops at 90%", answers={}
    )


def joined(person: PersonRef = LIN) -> c.ParticipantJoined:
    """The engineer comes in."""
    return c.ParticipantJoined(person=person, mode="owner")


def monitors(count: int = 1) -> ch.SourcesFound:
    """What the session process sees."""
    from shared.rules.coordinates import Area

    return ch.SourcesFound(
        monitors=tuple(
            MonitorSeen(id=f"m{n}", name=f"HDMI-{n}", area=Area(1920 * (n - 1), 0, 1920, 1080), primary=n == 1)
            for n in range(1, count + 1)
        )
    )
