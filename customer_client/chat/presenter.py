"""One conversation: what was said, who is here, what is on its way."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from customer_client.chat.lines import carried, person, rows_of
from customer_client.chat.outgoing import Out, Outgoing
from customer_client.desk.desk import Desk, LinkView
from customer_client.desk.relay import Blobs, Failed, Later, Relay, Spawn, failure
from customer_client.desk.routes import Routes
from customer_client.desk.timelines import Timelines
from customer_client.desk.words import local
from shared.common.errors import LinkLost, PeerBroken
from shared.common.ids import new_id
from shared.common.shown import Heard, Shown, watch_all
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import ChatPosted, MarkRead, Typing, TypingNow
from shared.protocol.types import Attachment, PersonRef
from shared.rules.timeline import Timeline, empty
from shared.ui.chat.view import ChatRow, EventRow, MessageRow, Person, Picture, PictureState, arranged

MAX_PICTURE_BYTES: Final = 10 * 1024 * 1024
TYPING_EVERY_MS: Final = 3000
TYPING_SHOWN_S: Final = 5.0
_OPEN_STATES: Final = frozenset({"active", "held", "queued", "offered", "new", "wrap_up"})


class ChatView(Struct, frozen=True):
    """`here` are the engineers in the conversation now; `typing` is the one who writes."""

    conversation_id: str = ""
    title: str = ""
    number: str = ""
    rows: tuple[ChatRow, ...] = ()
    here: tuple[PersonRef, ...] = ()
    away: tuple[str, ...] = ()
    typing: PersonRef | None = None
    open: bool = True
    closed: bool = False
    link: LinkView = LinkView()
    waiting: int = 0
    failed: Failed | None = None


class ChatPresenter:
    """One conversation at a time; what was typed and not sent is kept for each."""

    def __init__(
        self,
        desk: Desk,
        relay: Relay,
        blobs: Blobs,
        routes: Routes,
        timelines: Timelines,
        spawn: Spawn,
        later: Later,
        make_id: Callable[[], str] = new_id,
    ) -> None:
        self._desk, self._relay, self._blobs, self._routes = desk, relay, blobs, routes
        self._timelines, self._spawn, self._later, self._make_id = timelines, spawn, later, make_id
        self._outgoing = Outgoing(relay, blobs, spawn, self._show)
        self._timeline: Timeline = empty("")
        self._forget: Callable[[], None] = _nothing
        self._stop_typing: Callable[[], None] = _nothing
        self._told_typing_ms = 0
        self._read_told = 0
        self._attended = False
        self._pictures: dict[str, PictureState] = {}
        self._drafts: dict[str, str] = {}
        self.view = Shown(ChatView())
        self.pictures = Heard[tuple[str, bytes]]()
        watch_all(self._show, desk.requests, desk.online)
        desk.link.watch(self._link_changed)
        desk.outcomes.watch(self._outgoing.answered)
        desk.typing.watch(self._someone_types)

    def open(self, conversation_id: str) -> None:
        """Show a conversation."""
        if conversation_id == self.view.value.conversation_id:
            return
        self._forget()
        self._timeline, self._read_told = empty(conversation_id), 0
        self.view.set(ChatView(conversation_id, link=self._desk.link.value))
        self._outgoing.open(conversation_id, self._desk.now_ms())
        self._forget = self._timelines.watch(conversation_id, self._take)

    # What a person does

    @property
    def draft(self) -> str:
        """What was typed here and not sent."""
        return self._drafts.get(self.view.value.conversation_id, "")

    def type(self, words: str) -> None:
        """The draft as it is now; the engineers see that somebody types, not what."""
        conversation_id, now = self.view.value.conversation_id, self._desk.now_ms()
        self._drafts[conversation_id] = words
        if words and now - self._told_typing_ms >= TYPING_EVERY_MS:
            self._told_typing_ms = now
            self._relay.tell(Typing(conversation_id=conversation_id))

    def say(self, words: str) -> None:
        """Send words; they wait here while there is no connection."""
        words = words.strip()
        if not words:
            return
        failed = self._outgoing.say(self._make_id(), words, self._desk.now_ms())
        self.type(words if failed else "")
        self.view.set(structs.replace(self.view.value, failed=failed))

    def show_picture(self, data: bytes, name: str) -> None:
        """Send a picture or file."""
        if len(data) > MAX_PICTURE_BYTES:
            failed: Failed | None = Failed("blob_too_large", {"limit": str(MAX_PICTURE_BYTES)})
        else:
            client_id = self._make_id()
            failed = self._outgoing.show(client_id, data, name[-100:], self._desk.now_ms())
            if failed is None:
                self.pictures.tell((_local_key(client_id), data))
        self.view.set(structs.replace(self.view.value, failed=failed))

    def attach_file(self, path: Path) -> None:
        """Send a file of this computer: a picture or a PDF."""
        self._spawn(self._read_file(path), "attach")

    def file_name(self, blob_id: str) -> str:
        """A file's name reduced to a safe base name."""
        sent = (e.event.attachments for e in self._timeline.entries if isinstance(e.event, ChatPosted))
        name = next((a.name for attachments in sent for a in attachments if a.blob_id == blob_id), "")
        return "".join(letter for letter in Path(name).name if letter.isprintable() and letter not in '<>:"/\\|?*')

    def save_file(self, blob_id: str, path: Path) -> None:
        """Fetch a file and keep it where the person said. It is never opened."""
        self._spawn(self._save_file(blob_id, path), "save file")

    def picture_broken(self, key: str) -> None:
        """What was fetched is no picture that can be shown."""
        self._pictures[key] = "failed"
        self._show()

    def send_again(self, client_id: str) -> None:
        """Try once more what was not sent."""
        failed = self._outgoing.again(client_id, self._desk.now_ms())
        self.view.set(structs.replace(self.view.value, failed=failed))

    def attend(self, attended: bool) -> None:
        """Whether a person has the newest messages before their eyes."""
        self._attended = attended
        self._mark_read()

    def try_now(self) -> None:
        """Do not wait for the next try to connect."""
        self._relay.try_now()

    def forget_failure(self) -> None:
        """What went wrong was read."""
        self.view.set(structs.replace(self.view.value, failed=None))

    def refresh(self) -> None:
        """The language has changed: names with tiers inside sentences are made anew."""
        self._show()

    # How it comes about

    def _take(self, timeline: Timeline) -> None:
        self._forget_typing(timeline)
        self._timeline = timeline
        posted = {e.event.client_id: e for e in timeline.entries if isinstance(e.event, ChatPosted)}
        self._outgoing.settle(posted)
        for entry in posted.values():
            if isinstance(entry.event, ChatPosted):
                self._fetch_pictures(entry.event.attachments)
        self._show()
        self._mark_read()

    def _fetch_pictures(self, attachments: tuple[Attachment, ...]) -> None:
        for each in attachments:
            if each.media_type.startswith("image/") and each.blob_id not in self._pictures:
                self._pictures[each.blob_id] = "loading"
                self._spawn(self._fetch(each.blob_id), "picture")

    async def _fetch(self, blob_id: str) -> None:
        data = self._outgoing.stored.pop(blob_id, None)
        if data is None:
            try:
                found = await self._blobs.download(blob_id, MAX_PICTURE_BYTES)
            except LinkLost:
                self._pictures.pop(blob_id, None)
                return
            except PeerBroken:
                found = Refused(code="internal")
            data = None if isinstance(found, Refused) else found
        self._pictures[blob_id] = "failed" if data is None else "ready"
        if data is not None:
            self.pictures.tell((blob_id, data))
        self._show()

    async def _read_file(self, path: Path) -> None:
        try:
            data = await asyncio.to_thread(_read, path)
        except OSError:
            self.view.set(structs.replace(self.view.value, failed=Failed("not_found")))
            return
        self.show_picture(data, path.name)

    async def _save_file(self, blob_id: str, path: Path) -> None:
        try:
            data = await self._blobs.download(blob_id, MAX_PICTURE_BYTES)
            if not isinstance(data, Refused):
                await asyncio.to_thread(path.write_bytes, data)
                return
            failed = failure(data)
        except (LinkLost, PeerBroken) as error:
            failed = Failed(error.code)
        except OSError as error:
            failed = Failed("file_not_saved", {"reason": error.strerror or type(error).__name__})
        self.view.set(structs.replace(self.view.value, failed=failed))

    def _link_changed(self, link: LinkView) -> None:
        if link.phase == "ready":
            self._outgoing.upload_waiting()
            for entry in self._timeline.entries:
                if isinstance(entry.event, ChatPosted):
                    self._fetch_pictures(entry.event.attachments)
        self._show()

    def _someone_types(self, push: TypingNow) -> None:
        if push.conversation_id != self.view.value.conversation_id:
            return
        self._stop_typing()
        self.view.set(structs.replace(self.view.value, typing=push.person))
        self._stop_typing = self._later(TYPING_SHOWN_S, self._typing_over)

    def _forget_typing(self, timeline: Timeline) -> None:
        typing, known = self.view.value.typing, self._timeline.public_seq
        fresh = [e.event for e in timeline.entries if e.seq > known and isinstance(e.event, ChatPosted)]
        if typing and any(each.author.id == typing.id for each in fresh):
            self._typing_over()

    def _typing_over(self) -> None:
        self.view.set(structs.replace(self.view.value, typing=None))

    def _mark_read(self) -> None:
        me = self._timeline.customer.id if self._timeline.customer else ""
        seqs = [e.seq for e in self._timeline.entries if isinstance(e.event, ChatPosted) and e.event.author.id != me]
        last = seqs[-1] if seqs else 0
        if self._attended and last > max(self._read_told, self._timeline.read.get(me, 0)):
            self._read_told = last
            self._relay.tell(MarkRead(conversation_id=self._timeline.conversation_id, seq=last))

    def _show(self) -> None:
        view, timeline = self.view.value, self._timeline
        if not view.conversation_id:
            return
        request = self._desk.request(view.conversation_id)
        agents = tuple(p.person for p in timeline.participants if p.person.kind == "agent")
        online = self._desk.online.value
        self.view.set(
            structs.replace(
                view,
                title=timeline.subject,
                number=request.number if request else view.number,
                rows=self._rows(),
                here=agents,
                away=tuple(each.id for each in agents if online.get(each.id) is False),
                open=timeline.state in _OPEN_STATES,
                closed=timeline.state == "closed",
                link=self._desk.link.value,
                waiting=sum(1 for out in self._outgoing.messages.values() if out.state == "waiting"),
            )
        )

    def _rows(self) -> tuple[ChatRow, ...]:
        stored = rows_of(self._timeline, self._pictures)
        mine = self._timeline.customer
        me = person(mine) if mine else Person("", "", "self")
        coming: list[MessageRow | EventRow] = [_coming(out, me) for out in self._outgoing.messages.values()]
        return arranged([*stored, *coming], local(self._desk.now_ms()).date())


def _coming(out: Out, me: Person) -> MessageRow:
    picture, file = carried(out.attachments, {})
    if out.data:
        picture = Picture(_local_key(out.client_id), out.name, "ready")
    return MessageRow(
        id=out.client_id,
        person=me,
        mine=True,
        words=out.text,
        time=local(out.at_ms),
        state=out.state,
        picture=picture,
        file=file,
    )


def _local_key(client_id: str) -> str:
    return f"local/{client_id}"


def _read(path: Path) -> bytes:
    """One byte more than may be sent is enough to know that it is too much."""
    with path.open("rb") as file:
        return file.read(MAX_PICTURE_BYTES + 1)


def _nothing() -> None:
    pass
