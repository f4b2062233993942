"""Both directions between this computer and one other: what is offered, what has its turn, what stands still and why.

Everything is in the loop's thread but the disk. Nothing peer-supplied is unbounded: offers and questions are counted,
a piece must be the next one, stay within the announced size and be allowed at the moment when it comes.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Final, Protocol, assert_never

from shared.common.errors import PeerBroken
from shared.common.ids import new_id
from shared.control.files import wire as w
from shared.control.files.disk import Note, Notes
from shared.control.files.incoming import Incoming
from shared.control.files.outgoing import Outgoing
from shared.control.files.view import TransferView

MAX_OPEN: Final = 100
"""Transfers of one direction that are not over; and questions."""
ASK_MS: Final = 120_000
"""How long an offer waits for a person here; no answer is no."""
_MAX_KNOWN: Final = 500
_MAX_UNSAID: Final = 2000
_RETRY_S: Final = 0.05
_BUSY_S: Final = 0.004
_IDLE_S: Final = 5.0


class Link(Protocol):
    """The way to the other end, and this end's window. `leads`: says when a connection is a new one."""

    @property
    def leads(self) -> bool: ...

    def say(self, data: bytes) -> bool: ...
    def may_send(self) -> bool: ...
    def may_receive(self) -> bool: ...
    def asked(self, question_id: str, words: str) -> None: ...
    def unasked(self, question_id: str) -> None: ...
    def seen(self, view: TransferView) -> None: ...
    def used(self, *, incoming: bool, refused: bool) -> None: ...
    def now_ms(self) -> int: ...
    def spawn(self, work: Coroutine[object, object, None], name: str) -> None: ...


class Exchange:
    """With one other computer, called `peer` on record. Files come to `landing`, notes go to `kept`."""

    def __init__(self, link: Link, peer: str, landing: Path, kept: Path) -> None:
        self._link, self._peer, self._landing = link, peer, landing
        self._notes = Notes(kept, landing)
        self._incoming: dict[str, Incoming] = {}
        self._outgoing: dict[str, Outgoing] = {}
        self._questions: set[str] = set()
        self._unsaid: deque[w.Message] = deque()
        self._wake = asyncio.Event()
        self._live = (False, False)
        self._note_taking = asyncio.Lock()
        self._closed = False
        link.spawn(self._run(), "files")
        link.spawn(self._load(), "unfinished files")

    # What a person here does

    def offer(self, paths: Sequence[Path], answers: str | None = None) -> None:
        """These files could go, in this order."""
        for path in paths[:MAX_OPEN]:
            self._link.spawn(self._add(path, answers), "offer file")

    def answer(self, transfer_id: str, yes: bool) -> None:
        """Whether a file that was offered may come."""
        one = self._incoming.get(transfer_id)
        if one is not None and one.asks:
            if yes:
                one.wanted = True
                self._agree(one)
            else:
                self._end(one, "refused")

    def hold(self, transfer_id: str, held: bool) -> None:
        """Let it rest, or go on; also with what a former run left unfinished."""
        if (out := self._outgoing.get(transfer_id)) is not None and not out.over:
            out.held = held
            if out.from_before and not held:
                out.from_before = False
                self._offer(out)
            self._put(w.Holding(out.id, held))
            self._show(out)
        elif (one := self._incoming.get(transfer_id)) is not None and not one.over and one.wanted:
            one.held = held
            self._rest(one, "held") if held else self._agree(one)
        self._wake.set()

    def cancel(self, transfer_id: str) -> None:
        """Nothing comes of it; what there is of a file that was coming goes."""
        one = self._outgoing.get(transfer_id) or self._incoming.get(transfer_id)
        if one is not None and not one.over:
            self._end(one, "cancelled")

    def ask(self, question_id: str, words: str) -> None:
        """Ask the person over there for a file."""
        if len(self._questions) < MAX_OPEN:
            self._questions.add(question_id)
            self._put(w.Ask(question_id, words[: w.MAX_WORDS]))

    def decline(self, question_id: str) -> None:
        """No file for that question; or it is taken back."""
        self._questions.discard(question_id)
        self._put(w.Decline(question_id))

    # What happens around it

    def standing(self) -> None:
        """What is allowed, or the connection, may have changed."""
        live = (self._link.may_send(), self._link.may_receive())
        before, self._live = self._live, live
        if live == before:
            return
        if not any(live):
            self._unsaid.clear()
        elif not any(before) and self._link.leads:
            self._put(w.Again())
        for out in self._outgoing.values():
            if before[0] and not live[0]:
                out.interrupt("not_allowed")
                self._show(out)
            elif live[0] and not before[0] and not out.over and not out.from_before:
                self._offer(out)
        for one in self._incoming.values():
            if before[1] and not live[1] and not one.over:
                self._rest(one, "not_allowed")
            elif live[1] and not before[1] and not one.over and one.wanted and not one.held:
                self._agree(one)
        self._wake.set()

    def close(self) -> None:
        """At once: nothing is said, sent or written any more; what is unfinished stays for another time."""
        self._closed = True
        self._unsaid.clear()
        for one in (*self._incoming.values(), *self._outgoing.values()):
            one.close()
        self._wake.set()

    # What the other end says

    def message(self, data: bytes) -> None:
        """Raises PeerBroken."""
        if self._closed:
            return
        match message := w.decode(data):
            case w.Offer():
                self._offered(message)
            case w.Begin() | w.Piece() | w.Complete():
                self._came(message)
            case w.Agree() | w.Written() | w.Landed() | w.Rest():
                self._heard(message)
            case w.Holding(id=transfer_id, held=held):
                if (one := self._incoming.get(transfer_id)) is not None:
                    one.held_there = held
                    self._show(one)
            case w.Over(id=transfer_id, why=why):
                if (found := self._outgoing.get(transfer_id) or self._incoming.get(transfer_id)) is not None:
                    self._end(found, why, say=False)
            case w.Again():
                for out in self._outgoing.values():
                    if not out.over and not out.from_before:
                        self._offer(out)
            case w.Ask(id=question_id, words=words):
                self._asked(question_id, words)
            case w.Decline(id=question_id):
                self._questions.discard(question_id)
                self._link.unasked(question_id)
            case _:
                assert_never(message)
        self._wake.set()

    def _asked(self, question_id: str, words: str) -> None:
        if not self._link.may_send() or len(self._questions) >= MAX_OPEN:
            self._link.used(incoming=False, refused=True)
            self._put(w.Decline(question_id))
            return
        self._questions.add(question_id)
        self._link.asked(question_id, words)

    def _offered(self, offer: w.Offer) -> None:
        one = self._incoming.get(offer.id)
        if not self._link.may_receive():
            self._link.used(incoming=True, refused=True)
            self._put(w.Over(offer.id, "not_allowed") if one is None else w.Rest(offer.id, "not_allowed"))
        elif one is None:
            self._take(offer)
        elif not one.fits(offer):
            raise PeerBroken("another file under the same id")
        elif one.over:
            self._put(w.Landed(one.id, one.landed) if one.state == "done" else w.Over(one.id, one.why or "cancelled"))
        elif one.from_before or one.asks:
            one.from_before = False
            one.ask_until_ms = self._link.now_ms() + ASK_MS
            self._show(one)
        elif one.held:
            self._put(w.Rest(one.id, "held"))
        else:
            one.interrupt(None)
            self._agree(one)

    def _take(self, offer: w.Offer) -> None:
        if len(self._incoming) >= _MAX_KNOWN or sum(not one.over for one in self._incoming.values()) >= MAX_OPEN:
            self._put(w.Over(offer.id, "too_many"))
            return
        one = self._incoming[offer.id] = Incoming(self._landing, offer.id, offer.name, offer.size)
        one.ask_until_ms = self._link.now_ms() + ASK_MS
        if offer.answers in self._questions:
            one.wanted = True
            self._agree(one)
        self._show(one)

    def _came(self, message: w.Begin | w.Piece | w.Complete) -> None:
        one = self._incoming.get(message.id)
        if one is None:
            raise PeerBroken("bytes of a file that was never offered")
        if one.state in ("agreed", "moving") and not self._link.may_receive():
            self._link.used(incoming=True, refused=True)
            self._rest(one, "not_allowed")
        one.take(message)
        self._work(one)

    def _heard(self, message: w.Agree | w.Written | w.Landed | w.Rest) -> None:
        out = self._outgoing.get(message.id)
        if out is None:
            return  # meant for a former run of this program, whose notes may still be loading
        if isinstance(message, w.Landed) and not out.over:
            out.landed(message.name)
            self._forget(out.id)
            self._link.used(incoming=False, refused=False)
        elif not isinstance(message, w.Landed):
            out.take(message)
        self._show(out, moved=isinstance(message, w.Written))

    # Coming in: one task works off what came, in order

    def _agree(self, one: Incoming) -> None:
        one.want_open = True
        self._keep(one)
        self._work(one)

    def _work(self, one: Incoming) -> None:
        if one.idle and not self._closed:
            one.idle = False
            self._link.spawn(self._drain(one), "incoming file")

    async def _drain(self, one: Incoming) -> None:
        """Disk work until none is left. What is over says so once."""
        while not self._closed and await one.step():
            for message in one.replies():
                self._put(message)
            if one.over:
                self._forget(one.id)
            if one.state == "done":
                self._link.used(incoming=True, refused=False)
            self._show(one, moved=one.state == "moving")
        one.idle = True

    def _rest(self, one: Incoming, why: w.Wait) -> None:
        one.interrupt(why)
        self._put(w.Rest(one.id, why))
        self._show(one)

    # Going out: one at a time, oldest first

    async def _run(self) -> None:
        while not self._closed:
            self._wake.clear()
            self._say_unsaid()
            self._close_questions()
            turn = self._turn()
            wait_s = await self._send(turn) if turn is not None else _IDLE_S
            await self._rest_for(min(wait_s, _RETRY_S) if self._unsaid else wait_s)

    async def _rest_for(self, wait_s: float) -> None:
        if not wait_s:
            await asyncio.sleep(0)  # what was handed over leaves in the loop's next round
            return
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _turn(self) -> Outgoing | None:
        if not self._link.may_send():
            return None
        ready = (out for out in self._outgoing.values() if out.ready)
        return max(ready, key=lambda out: out.state == "moving", default=None)

    async def _send(self, out: Outgoing) -> float:
        """One step of this one; how long until the next, unless something happens."""
        if out.state == "agreed":
            await out.begin()
            for message in out.replies():
                self._put(message)
            self._show(out)
            if out.over:
                self._forget(out.id)
            return 0.0
        if self._unsaid or not out.room:
            return _RETRY_S
        piece = await out.next_piece()
        if out.over:
            self._put(w.Over(out.id, out.why or "source_failed"))
            self._forget(out.id)
            self._show(out)
        elif isinstance(piece, w.Complete):
            self._put(piece)
        elif piece is not None and out.ready and self._link.may_send():
            if not self._link.say(w.encode(piece)):
                return _BUSY_S
            out.sent(piece)
            self._show(out, moved=True)
        return 0.0

    async def _add(self, path: Path, answers: str | None) -> None:
        out = Outgoing(new_id(), path, answers)
        await out.look()
        if len(self._outgoing) >= _MAX_KNOWN or sum(not each.over for each in self._outgoing.values()) >= MAX_OPEN:
            out.fail("too_many")
        if self._closed:
            return
        self._outgoing[out.id] = out
        if not out.over:
            self._keep(out)
            self._offer(out)
        self._show(out)

    def _offer(self, out: Outgoing) -> None:
        if self._link.may_send():
            out.offered_again()
            self._put(w.Offer(out.id, out.name, out.size, out.answers))

    # Both

    def _put(self, message: w.Message) -> None:
        """Says it as soon as the channel takes it. What a lost connection swallows is said again by new offers."""
        if len(self._unsaid) >= _MAX_UNSAID:
            raise PeerBroken("too many answers wait")
        self._unsaid.append(message)
        self._wake.set()

    def _say_unsaid(self) -> None:
        while self._unsaid and self._link.say(w.encode(self._unsaid[0])):
            self._unsaid.popleft()

    def _close_questions(self) -> None:
        now_ms = self._link.now_ms()
        for one in self._incoming.values():
            if one.asks and not one.from_before and now_ms >= one.ask_until_ms:
                self._end(one, "no_answer")

    def _end(self, one: Incoming | Outgoing, why: w.Fault, *, say: bool = True) -> None:
        if one.over:
            return
        one.fail(why)
        if not one.over:
            return  # it lands in this very moment
        if say:
            self._put(w.Over(one.id, why))
        if isinstance(one, Incoming):
            self._work(one)
        self._forget(one.id)
        self._show(one)

    def _show(self, one: Incoming | Outgoing, *, moved: bool = False) -> None:
        view = one.view(self._link.now_ms(), moved=moved)
        if view is not None and not self._closed:
            self._link.seen(view)

    # What outlives this run

    def _keep(self, one: Incoming | Outgoing) -> None:
        note = one.note(self._peer, self._link.now_ms())
        self._link.spawn(self._on_disk(lambda: self._notes.keep(note)), "keep note")

    def _forget(self, transfer_id: str) -> None:
        self._link.spawn(self._on_disk(lambda: self._notes.forget(transfer_id)), "forget note")

    async def _on_disk(self, work: "Work") -> None:
        try:
            async with self._note_taking:
                await asyncio.to_thread(work)
        except OSError:
            return  # the transfer itself goes on; it only cannot be resumed after a restart

    async def _load(self) -> None:
        try:
            found = await asyncio.to_thread(self._notes.load, self._link.now_ms())
        except OSError:
            return
        for note in found:
            if note.peer == self._peer and not self._closed:
                self._resume(note)

    def _resume(self, note: Note) -> None:
        if note.way == "out" and note.id not in self._outgoing:
            out = self._outgoing[note.id] = Outgoing.from_note(note)
            self._show(out)
        elif note.way == "in" and note.id not in self._incoming:
            self._incoming[note.id] = Incoming.from_note(self._landing, note)


class Work(Protocol):
    """Something that blocks."""

    def __call__(self) -> None: ...
