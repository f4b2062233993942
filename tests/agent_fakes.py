"""A relay for the agent app's rooms that answers from a table, and invented work to show."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from agent_app.desk.desk import Desk, LinkView
from agent_app.desk.timelines import Timelines
from agent_app.remote.introduction import Introduction
from shared.common.errors import LinkLost
from shared.net.keybook import KeyBook
from shared.protocol.codec import encode_event, kind_of
from shared.protocol.frames import AgentCommand, Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import knowledge as k
from shared.protocol.messages import organisation as o
from shared.protocol.messages import remote as x
from shared.protocol.messages import tickets as t
from shared.protocol.messages.base import EventBody
from shared.protocol.types import Attachment, PersonRef
from shared.rules import introduction, statements

T = TypeVar("T")
NOW = 1_795_000_000_000
ME = PersonRef(id="A1", name="Ana Torres", kind="agent", tier=1, group="Service desk")
LIN = PersonRef(id="A2", name="Lin Wei", kind="agent", tier=2)
GRACE = PersonRef(id="C1", name="Grace Chen", kind="customer")
TOM = PersonRef(id="C2", name="Tom Becker", kind="customer")
PROFILE = i.AgentProfile(person=ME, username="ana", group_ids=("g1",), tier=1, branch="Shanghai")
GROUP = o.GroupView(group_id="g1", name="Service desk", tier=1, branch="Shanghai", public=True)
FIELDS = (
    o.FormField(key="subject", label={"en": "What happened?", "zh_CN": "发生了什么？"}, kind="line"),
    o.FormField(
        key="product",
        label={"en": "Product", "zh_CN": "产品"},
        kind="choice",
        choices=(o.FormChoice(value="od400", label={"en": "OD-400 servo drive", "zh_CN": "OD-400 伺服驱动器"}),),
    ),
)
CATEGORIES = (
    o.FormChoice(value="drive", label={"en": "Drives", "zh_CN": "驱动器"}),
    o.FormChoice(value="network", label={"en": "Network", "zh_CN": "网络"}),
)


class FakeRelay:
    """`answers` by command type: a result, a refusal, or a function of the command. No answer: the link is lost."""

    def __init__(self) -> None:
        self.answers: dict[type[object], object] = {}
        self.asked: list[AgentCommand] = []
        self.told: list[AgentCommand] = []
        self.posted: dict[str, AgentCommand] = {}
        self.followed: dict[str, int] = {}
        self.tries = 0

    async def ask(self, command: AgentCommand, expect: type[T], timeout_s: float = 10) -> T | Refused:
        self.asked.append(command)
        await asyncio.sleep(0)
        answer = self.answers.get(type(command))
        if callable(answer):
            answer = answer(command)
        if not isinstance(answer, expect | Refused):
            raise LinkLost("no answer")
        return answer

    def post(self, key: str, command: AgentCommand) -> None:
        self.posted[key] = command

    def tell(self, command: AgentCommand) -> None:
        self.told.append(command)

    def pending(self) -> Sequence[tuple[str, AgentCommand]]:
        return list(self.posted.items())

    def follow(self, stream: str, after: int = 0) -> None:
        self.followed[stream] = after

    def unfollow(self, stream: str) -> None:
        self.followed.pop(stream, None)

    def try_now(self) -> None:
        self.tries += 1


class FakeBlobs:
    """Keeps what is uploaded; `refusal` refuses, `lost` loses the link."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.refusal: Refused | None = None
        self.lost = False

    async def upload(self, data: bytes, name: str, media_type: str, /) -> Attachment | Refused:
        await asyncio.sleep(0)
        if self.lost:
            raise LinkLost("lost")
        if self.refusal:
            return self.refusal
        blob_id = f"b{len(self.kept) + 1}"
        self.kept[blob_id] = data
        return Attachment(blob_id=blob_id, name=name, media_type=media_type, size_bytes=len(data))

    async def download(self, blob_id: str, limit_bytes: int, /) -> bytes | Refused:
        await asyncio.sleep(0)
        return self.kept.get(blob_id) or Refused(code="not_found")


FINGERPRINT = ":".join(["CD"] * 32)
GRACES_KEY = bytes([9]) * 32
_NONCE = statements.encode(bytes([1]) * 32)


def offer_of(sdp: str = "v=0", private: bytes = GRACES_KEY, nonce: str = _NONCE) -> x.Signal:
    """Grace's computer offers its screen in session s1."""
    device = introduction.Device(private=private)
    signed = introduction.offer(device, BETWEEN, sdp, FINGERPRINT, nonce)
    return x.Signal(kind="offer", sdp=sdp, signed=signed)


BETWEEN = introduction.Between(session_id="s1", conversation_id="k1", customer_id="C1", agent_id="A1")


class Works:
    """Owns what presenters spawn; `settle` runs it to its end."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.waiting: list[Coroutine[Any, Any, None]] = []

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.waiting.append(work)
        else:
            self.tasks.append(asyncio.create_task(work, name=name))

    async def settle(self) -> None:
        while self.tasks:
            await self.tasks.pop(0)

    def run(self) -> None:
        """For tests without a loop."""
        while self.waiting:
            asyncio.run(self.waiting.pop(0))


class World:
    """A desk with a fake relay under it and a clock that stands still until told."""

    def __init__(self) -> None:
        self.now_ms = NOW
        self.relay = FakeRelay()
        self.blobs = FakeBlobs()
        self.works = Works()
        self.soon: list[Callable[[], None]] = []
        self.desk = Desk(self.relay, lambda: self.now_ms)
        self.timelines = Timelines(self.relay, self.soon.append)
        self._seqs: dict[str, int] = {}
        self._order = 0

    def sign_in(self) -> None:
        self.desk.me.set(PROFILE)
        self.desk.device.set(introduction.Device(private=bytes(range(32))))
        self.desk.organisation.set(i.OrganisationView(name="Northwind", sample=True))
        self.desk.groups.set({"g1": GROUP})
        self.desk.categories.set(CATEGORIES)
        self.desk.forms.set({"g1": o.IntakeForm(group_id="g1", fields=FIELDS)})
        self.desk.state.set(o.AgentStateView(state="available", since_ms=NOW - 190_000, used_units=1, max_units=3))
        self.desk.link.set(LinkView(phase="ready", latency_ms=18))

    def event(self, stream: str, event: EventBody, at_ms: int = 0) -> None:
        """One event of a stream, as the link would deliver it."""
        self._seqs[stream] = self._seqs.get(stream, 0) + 1
        self._order += 1
        record = c.EventRecord(
            stream=stream,
            seq=self._seqs[stream],
            order=self._order,
            at_ms=at_ms or self.now_ms,
            kind=kind_of(event),
            body=encode_event(event),
        )
        self.timelines.on_event(record, event)

    def public(self, event: EventBody, conversation_id: str = "k1", at_ms: int = 0) -> None:
        self.event(c.public_stream(conversation_id), event, at_ms)

    def internal(self, event: EventBody, conversation_id: str = "k1", at_ms: int = 0) -> None:
        self.event(c.internal_stream(conversation_id), event, at_ms)

    def flush(self) -> None:
        """The turn of the loop is over."""
        while self.soon:
            self.soon.pop(0)()

    def active(self, conversation_id: str = "k1", customer: PersonRef = GRACE) -> None:
        """An active conversation of ours, in the list and on record."""
        rows = dict(self.desk.conversations.value)
        rows[conversation_id] = row(conversation_id, customer)
        self.desk.conversations.set(rows)
        self.timelines.open(conversation_id)
        self.public(opened(conversation_id, customer), conversation_id, NOW - 600_000)
        self.public(c.ConversationQueued(group_id="g1", since_ms=NOW - 600_000), conversation_id, NOW - 600_000)
        self.public(c.ParticipantJoined(person=ME, mode="owner"), conversation_id, NOW - 540_000)
        self.flush()

    def chat(self, author: PersonRef, text: str, conversation_id: str = "k1", **fields: Any) -> None:
        client_id = fields.pop("client_id", f"m{self._order}")
        at_ms = fields.pop("at_ms", 0)
        self.public(c.ChatPosted(client_id=client_id, author=author, text=text, **fields), conversation_id, at_ms)


def row(conversation_id: str = "k1", customer: PersonRef = GRACE, **fields: Any) -> c.ConversationRow:
    base: dict[str, Any] = {
        "conversation_id": conversation_id,
        "customer": customer,
        "vip_level": 1 if customer is GRACE else 0,
        "subject": "Drive Studio stops with E-2417",
        "state": "active",
        "group_id": "g1",
        "owner": ME,
        "opened_ms": NOW - 600_000,
        "since_ms": NOW - 600_000,
        "last_text": "I restarted it, the dialog came back.",
        "last_at_ms": NOW - 108_000,
        "unread": 2,
        "ticket_id": "t1",
        "ticket_number": "T-20418",
    }
    return c.ConversationRow(**{**base, **fields})


def opened(conversation_id: str = "k1", customer: PersonRef = GRACE) -> c.ConversationOpened:
    return c.ConversationOpened(
        conversation_id=conversation_id,
        customer=customer,
        group_id="g1",
        subject="Drive Studio stops with E-2417",
        answers={"subject": "Drive Studio stops with E-2417", "product": "od400"},
        system={"system": "Windows 11", "screens": "2"},
    )


def offer(conversation_id: str = "k9", **fields: Any) -> o.OfferView:
    base: dict[str, Any] = {
        "row": row(
            conversation_id, PersonRef(id="C9", name="Hanna Vogel", kind="customer"), state="offered", owner=None,
            vip_level=1, since_ms=NOW - 151_000, ticket_number="T-20431", subject="Drive stopped, E-2417 on OD-400",
        ),
        "deadline_ms": NOW + 14_000,
        "window_s": 20,
        "answers": {"subject": "Drive stopped, E-2417 on OD-400", "product": "od400"},
        "system": {"system": "Windows 11", "screens": "1"},
        "fields": FIELDS,
        "why": "longest_available",
        "why_params": {"group": "Service desk"},
    }  # fmt: skip
    return o.OfferView(**{**base, **fields})


def ticket_row(ticket_id: str = "t1", **fields: Any) -> t.TicketRow:
    base: dict[str, Any] = {
        "ticket_id": ticket_id,
        "number": "T-20418",
        "subject": "Drive Studio stops with E-2417",
        "state": "in_progress",
        "priority": 2,
        "group_id": "g1",
        "owner": ME,
        "customer": GRACE,
        "conversation_id": "k1",
        "opened_ms": NOW - 600_000,
        "updated_ms": NOW - 60_000,
    }
    return t.TicketRow(**{**base, **fields})


def ticket_detail() -> t.TicketDetail:
    events: list[tuple[EventBody, int]] = [
        (t.TicketOpened(number="T-20418", subject="Drive Studio stops with E-2417", customer=GRACE, group_id="g1",
                        priority=2, conversation_id="k1"), 600),
        (t.TicketAssigned(owner=ME), 540),
        (t.TicketStateChanged(old="assigned", new="in_progress", by=ME), 530),
        (t.SessionStep(what="capability_asked", by=ME, params={"capabilities": "view", "reason": "To see it"}), 400),
        (t.SessionStep(what="consent_answered", by=GRACE, params={"capabilities": "view"}), 390),
        (t.SessionStep(what="remote_started", by=ME), 388),
    ]  # fmt: skip
    records = tuple(
        c.EventRecord(stream="t/t1", seq=seq, order=seq, at_ms=NOW - ago * 1000, kind=kind_of(event),
                      body=encode_event(event))
        for seq, (event, ago) in enumerate(events, 1)
    )  # fmt: skip
    return t.TicketDetail(
        row=ticket_row(),
        answers={"subject": "Drive Studio stops with E-2417", "product": "od400"},
        system={"system": "Windows 11"},
        steps=c.StreamPage(stream="t/t1", events=records, head=len(records)),
    )


def article() -> k.Article:
    return k.Article(
        article_id="kb1",
        title="Free the parameter lock of Drive Studio",
        category="Drives",
        body="# Free the lock\n\n1. Close **Drive Studio**.\n2. Delete `axis.lck`.\n3. Start again.\n",
        updated_ms=NOW - 86_400_000,
        minutes=2,
    )


def introduction_of(world: World) -> Callable[[], Introduction]:
    """Who customers are, kept nowhere."""
    return lambda: Introduction(KeyBook(None), lambda: world.desk.device.value, lambda: world.now_ms)
