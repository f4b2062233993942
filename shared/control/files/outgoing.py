"""One file that goes."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from shared.common.errors import PeerBroken
from shared.control.files import wire as w
from shared.control.files.disk import DiskFault, Note, Source
from shared.control.files.flow import Flow
from shared.control.files.view import Pace, Shown, TransferView
from shared.rules.transfer import OVER, TABLE, Event, State

P = ParamSpec("P")
T = TypeVar("T")


class Outgoing:
    """`from_before`: a former run left it unfinished, it waits for a person here."""

    def __init__(self, transfer_id: str, path: Path, answers: str | None = None) -> None:
        self.id, self.name = transfer_id, path.name[: w.MAX_NAME] or "file"
        self.answers = answers
        self.state: State = "offered"
        self.held = self.from_before = False
        self.why: w.Fault | None = None
        self._source = Source(path)
        self._agreed: tuple[int, bytes] = (0, b"")
        self._waits_for: w.Wait | None = None
        self._flow = Flow(0)
        self._block = memoryview(b"")
        self._attempt = 0
        self._all_sent = self._reading = False
        self._digest = b""
        self._replies: list[w.Message] = []
        self._landed_as = ""
        self._pace = Pace()

    @classmethod
    def from_note(cls, note: Note) -> "Outgoing":
        """One that a former run left unfinished."""
        out = cls(note.id, Path(note.path))
        out.name, out.from_before = note.name, True
        out._source.size, out._source.changed_ns = note.size, note.changed_ns
        return out

    @property
    def size(self) -> int:
        """As it was when it was offered."""
        return self._source.size

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in OVER

    @property
    def ready(self) -> bool:
        """Whether it could have its turn."""
        return not self.held and (self.state == "agreed" or (self.state == "moving" and not self._all_sent))

    @property
    def room(self) -> bool:
        """Whether the next piece may go."""
        return self._flow.room

    def note(self, peer: str, now_ms: int) -> Note:
        """To remember it by."""
        source = self._source
        return Note(
            id=self.id,
            way="out",
            peer=peer,
            name=self.name,
            size=source.size,
            at_ms=now_ms,
            path=str(source.path.absolute()),
            changed_ns=source.changed_ns,
        )

    async def look(self) -> None:
        """What the file is now; fails at once when it cannot be read."""
        try:
            await asyncio.to_thread(self._source.look)
        except DiskFault as fault:
            self.fail(fault.why)

    def take(self, message: w.Agree | w.Written | w.Rest) -> None:
        """What the receiver says of it. Raises PeerBroken."""
        match message:
            case w.Agree():
                self._agree(message)
            case w.Written(offset=offset):
                self._flow.note_written(offset, _now_ms())
            case w.Rest(why=why):
                self.interrupt(why)

    def _agree(self, agree: w.Agree) -> None:
        if agree.offset > self.size:
            raise PeerBroken("more than the file has")
        if agree.attempt > self._attempt and not self.over and not self.from_before:
            self._move("interrupt")
            self._block = memoryview(b"")
            self._attempt, self._agreed = agree.attempt, (agree.offset, agree.digest)
            self._waits_for = None
            self._move("agree")

    def landed(self, name: str) -> None:
        """It is over there, whole; perhaps since a former run of this program."""
        self._landed_as = name
        self._move("complete")
        self._block = memoryview(b"")

    def interrupt(self, why: w.Wait) -> None:
        """No more of it goes until the receiver says again where to go on."""
        if not self.over:
            self._move("interrupt")
            self._waits_for = why
            self._block = memoryview(b"")

    def fail(self, why: w.Fault) -> None:
        """It is over."""
        if not self.over:
            self._move("fail")
            self.why = why
            self._block = memoryview(b"")
            if not self._reading:
                self._source.close()

    def close(self) -> None:
        """The session ends; the process lets go of the file with itself."""
        self.interrupt("not_allowed")

    def offered_again(self) -> None:
        """The receiver may be a new one, who counts its attempts from the beginning."""
        if not self.over:
            self._move("interrupt")
            self._block = memoryview(b"")
            self._attempt = 0

    async def begin(self) -> None:
        """Finds the place to go on from."""
        try:
            attempt = self._attempt
            start = await self._from_disk(self._source.start, *self._agreed)
        except DiskFault as fault:
            self.fail(fault.why)
            self._replies.append(w.Over(self.id, fault.why))
            return
        if self.state == "agreed" and attempt == self._attempt:
            self._flow, self._all_sent = Flow(start), False
            self._block = memoryview(b"")
            self._replies.append(w.Begin(self.id, attempt, start))
            self._move("begin")

    def replies(self) -> list[w.Message]:
        """What the receiver is to be told."""
        said, self._replies = self._replies, []
        return said

    async def next_piece(self) -> w.Piece | w.Complete | None:
        """What goes next, the same until `sent`; None: nothing now. Fails when the file is not what it was."""
        attempt = self._attempt
        try:
            if not self._block and self._flow.sent < self.size:
                await self._read()
            elif not self._block:
                digest = await self._from_disk(self._source.finish)
                if self.state == "moving" and attempt == self._attempt:
                    self._all_sent, self._digest = True, digest
                    return w.Complete(self.id, attempt, digest)
        except DiskFault as fault:
            self.fail(fault.why)
            self._source.close()
        if self.state != "moving" or attempt != self._attempt or not self._block:
            return None
        return w.Piece(self.id, attempt, self._flow.sent, bytes(self._block[: self._flow.piece]))

    def sent(self, piece: w.Piece) -> None:
        """This piece has been handed over."""
        self._block = self._block[len(piece.data) :]
        self._flow.note_sent(len(piece.data), _now_ms())

    async def _read(self) -> None:
        attempt = self._attempt
        block = memoryview(await self._from_disk(self._source.read))
        if self.state == "moving" and attempt == self._attempt:
            if not block or self._flow.sent + len(block) > self.size:
                raise DiskFault("source_changed")
            self._block = block

    async def _from_disk(self, read: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        self._reading = True
        try:
            return await asyncio.to_thread(read, *arguments, **named)
        finally:
            self._reading = False
            if self.over:
                self._source.close()

    def view(self, now_ms: int, *, moved: bool = False) -> TransferView | None:
        """As a person sees it; None: as good as before."""
        done = self.size if self.state == "done" else self._flow.written
        if not self._pace.due(done, now_ms, moved=moved):
            return None
        return TransferView(
            id=self.id,
            incoming=False,
            name=self.name,
            size=self.size,
            done=done,
            shown=self._shown(),
            why=self.why,
            digest=self._digest.hex() if self.state == "done" else "",
            path=str(self._source.path),
            rate=self._pace.rate if self.state == "moving" else 0,
        )

    def _shown(self) -> Shown:
        if self.state == "done" or self.state == "failed":
            return self.state
        if self.from_before:
            return "unfinished"
        if self.held or self._waits_for:
            return "held" if self.held else "held_there" if self._waits_for == "held" else "stalled"
        if self.state == "moving":
            return "checking" if self._all_sent else "moving"
        return "queued" if self.state == "agreed" else "waits"

    def _move(self, event: Event) -> None:
        after = TABLE.get((self.state, event))
        if after is not None:
            self.state = after


def _now_ms() -> float:
    return time.monotonic() * 1000
