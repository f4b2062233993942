"""The open conversation: what its page shows, and what can be done in it."""

from typing import Final, Literal

from msgspec import Struct, structs

from agent_app.conversation.lines import ChatLine, lines_of
from agent_app.conversation.outgoing import Draft, Outgoing
from agent_app.conversation.tools import Tools, tools
from agent_app.conversation.tray import Tray, TrayItem
from agent_app.desk.desk import Desk, LinkView
from agent_app.desk.proof import signed_ask
from agent_app.desk.relay import Blobs, Failed, Relay, Spawn, ask
from agent_app.desk.timelines import Timelines
from shared.common.ids import new_id
from shared.common.shown import Forget, Heard, Shown
from shared.net.outbox import OutboxFull
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.types import Capability
from shared.rules import timeline as fold

ComposerMode = Literal["reply", "note"]
TYPING_EVERY_MS: Final = 3000
TYPING_LASTS_MS: Final = 5000


class ConversationView(Struct, frozen=True, kw_only=True):
    """`typing` is who types now; `problem` is why the last action failed; `online` is None while it is not known."""

    conversation_id: str = ""
    name: str = ""
    vip: bool = False
    subject: str = ""
    group: str = ""
    ticket: str = ""
    ticket_id: str = ""
    state: str = "new"
    opened_ms: int = 0
    lines: tuple[ChatLine, ...] = ()
    tools: Tools | None = None
    mode: ComposerMode = "reply"
    can_reply: bool = False
    tray: tuple[TrayItem, ...] = ()
    typing: str = ""
    online: bool | None = None
    offline: bool = False
    unknown: int = 0
    problem: Failed | None = None


class ConversationPresenter:
    """Shows one conversation at a time; drafts and pictures of the others are kept."""

    def __init__(self, desk: Desk, relay: Relay, timelines: Timelines, blobs: Blobs, spawn: Spawn) -> None:
        self._desk, self._relay, self._timelines, self._spawn = desk, relay, timelines, spawn
        self._blobs = blobs
        self.outgoing = Outgoing(desk, relay)
        self._timeline = fold.empty("")
        self._trays: dict[str, Tray] = {}
        self._drafts: dict[tuple[str, ComposerMode], str] = {}
        self._forget: list[Forget] = []
        self._typed_ms = 0
        self._typing_until_ms = 0
        self._read = 0
        self._attended = False
        self.view = Shown(ConversationView())
        self.closed = Heard[str]()
        self.outgoing.changed.watch(lambda conversation_id: self._show() if conversation_id == self._id else None)
        desk.link.watch(self._link_changed)
        desk.conversations.watch(lambda _: self._show())
        desk.typing.watch(self._somebody_types)
        desk.presence.watch(self._presence)

    @property
    def _id(self) -> str:
        return self.view.value.conversation_id

    def open(self, conversation_id: str) -> None:
        """Show a conversation, or none for an empty id."""
        if conversation_id == self._id:
            return
        for forget in self._forget:
            forget()
        self._forget = []
        self._timeline = fold.empty(conversation_id)
        self._read = 0
        self.view.set(ConversationView(conversation_id=conversation_id))
        if conversation_id:
            self._forget.append(self._timelines.watch(conversation_id, self._fold_changed))
            self._forget.append(self._tray(conversation_id).items.watch(lambda items: self._change(tray=items)))
        self._show()

    def forget(self) -> None:
        """Somebody signs out: nothing they wrote is left for the next one."""
        self.open("")
        self._drafts.clear()
        self._trays.clear()

    def attend(self, attended: bool) -> None:
        """Whether the page is in front of the person: only then is what it shows read."""
        self._attended = attended
        self._mark_read()

    # Writing

    def set_mode(self, mode: ComposerMode) -> None:
        """Reply to the customer, or note for colleagues."""
        self._change(mode=mode)

    def draft(self) -> str:
        """What was typed here and not sent, in the present mode."""
        return self._drafts.get((self._id, self.view.value.mode), "")

    def typed(self, text: str) -> None:
        """The text changed; tells the customer now and then that a reply is being written."""
        self._drafts[self._id, self.view.value.mode] = text
        now_ms = self._desk.now_ms()
        if text and self.view.value.mode == "reply" and now_ms - self._typed_ms >= TYPING_EVERY_MS:
            self._typed_ms = now_ms
            self._relay.tell(c.Typing(conversation_id=self._id))

    def send(self, text: str) -> bool:
        """Send a reply with the pictures that are beside it. False: nothing was taken, the text stays."""
        text, tray = text.strip(), self._tray(self._id)
        if not tray.settled or not (text or tray.items.value):
            return False
        attached = tuple(item.stored for item in tray.items.value if item.stored)
        command = c.SendChat(conversation_id=self._id, client_id=new_id(), text=text, attachments=attached)
        if not self._post(command):
            return False
        tray.clear()
        self._drafts.pop((self._id, "reply"), None)
        self._typed_ms = 0
        return True

    def add_note(self, text: str) -> bool:
        """Add a note for colleagues. A way of its own: nothing turns it into a reply. False: nothing was taken."""
        text = text.strip()
        if not text or not self._post(c.AddNote(conversation_id=self._id, client_id=new_id(), text=text)):
            return False
        self._drafts.pop((self._id, "note"), None)
        return True

    def _post(self, command: Draft) -> bool:
        try:
            self.outgoing.post(command)
        except OutboxFull as error:
            self._change(problem=Failed(error.code))
            return False
        self._change(problem=None)
        return True

    def send_again(self, key: str) -> None:
        """A line that failed, once more."""
        try:
            self.outgoing.again(key)
        except OutboxFull as error:
            self._change(problem=Failed(error.code))

    def attach(self, data: bytes, name: str, media_type: str) -> None:
        """Put a picture beside the reply."""
        self._change(problem=self._tray(self._id).put(data, name, media_type))

    def refuse_attachment(self, code: str) -> None:
        """A file that is not taken at all, and why."""
        self._change(problem=Failed(code))

    def detach(self, key: str) -> None:
        """Leave a picture out."""
        self._tray(self._id).remove(key)

    def attach_again(self, key: str) -> None:
        """Upload a picture that failed once more."""
        self._tray(self._id).again(key)

    # The toolbar

    def ask_for(self, capabilities: tuple[Capability, ...], reason: str) -> None:
        """Ask the customer for capabilities; a reason is required."""
        command = signed_ask(self._desk, self._id, capabilities, reason)
        if command is not None:
            self._spawn(self._do(command), "ask capabilities")

    def withdraw_ask(self) -> None:
        """Take the open question back."""
        current = self.view.value.tools
        if current is not None and current.ask is not None:
            command = x.WithdrawAsk(conversation_id=self._id, request_id=current.ask.request_id)
            self._spawn(self._do(command), "withdraw ask")

    def end(self) -> None:
        """End the talk; writing up comes next."""
        self._spawn(self._do(c.EndConversation(conversation_id=self._id)), "end conversation")

    def dismiss_problem(self) -> None:
        """The person has read it."""
        self._change(problem=None)

    def tick(self) -> None:
        """A second has passed."""
        if self.view.value.typing and self._desk.now_ms() >= self._typing_until_ms:
            self._change(typing="")

    async def _do(self, command: x.AskCapabilities | x.WithdrawAsk | c.EndConversation) -> None:
        answer = await ask(self._relay, command, c.Done)
        if command.conversation_id == self._id:
            self._change(problem=answer if isinstance(answer, Failed) else None)

    # What changes around it

    def _fold_changed(self, timeline: fold.Timeline) -> None:
        if timeline.conversation_id == self._id:
            self._timeline = timeline
            self._show()
            self._mark_read()

    def _link_changed(self, link: LinkView) -> None:
        if link.phase == "ready":
            self._read = 0
        self._show()

    def _somebody_types(self, push: c.TypingNow) -> None:
        if push.conversation_id == self._id and push.person.id != self._desk.my_id:
            self._typing_until_ms = self._desk.now_ms() + TYPING_LASTS_MS
            self._change(typing=push.person.name)

    def _presence(self, push: c.PresenceChanged) -> None:
        if push.conversation_id == self._id and push.person.kind == "customer":
            self._change(online=push.online)

    def _mark_read(self) -> None:
        seq = self._timeline.public_seq
        if self._attended and self._id and seq > self._read and self._desk.link.value.phase == "ready":
            self._read = seq
            self._relay.tell(c.MarkRead(conversation_id=self._id, seq=seq))

    def _show(self) -> None:
        if not self._id:
            return
        timeline, row = self._timeline, self._desk.conversations.value.get(self._id)
        ready = self._desk.link.value.phase == "ready"
        stored = lines_of(timeline, self._desk.my_id, self._desk.category_name)
        known = frozenset(line.key for line in stored)
        last = stored[-1].author if stored else None
        name = timeline.customer.name if timeline.customer else row.customer.name if row else ""
        was = self.view.value.state
        self._change(
            name=name,
            vip=bool(row and row.vip_level > 0) or (row is None and self.view.value.vip),
            subject=timeline.subject or (row.subject if row else ""),
            group=self._desk.group_name(timeline.group_id or (row.group_id if row else "")),
            ticket=row.ticket_number if row else self.view.value.ticket,
            ticket_id=row.ticket_id if row else self.view.value.ticket_id,
            state=timeline.state,
            opened_ms=timeline.entries[0].at_ms if timeline.entries else 0,
            lines=stored + self.outgoing.lines(self._id, known),
            tools=tools(timeline, self._desk.my_id, ready),
            can_reply=timeline.state in {"active", "held"},
            typing="" if last is not None and last.name == self.view.value.typing else self.view.value.typing,
            offline=not ready,
            unknown=timeline.unknown,
        )
        if timeline.state == "closed" and was == "wrap_up":
            self.closed.tell(self._id)

    def _tray(self, conversation_id: str) -> Tray:
        if conversation_id not in self._trays:
            self._trays[conversation_id] = Tray(self._blobs, self._spawn)
        return self._trays[conversation_id]

    def _change(self, **fields: object) -> None:
        self.view.set(structs.replace(self.view.value, **fields))
