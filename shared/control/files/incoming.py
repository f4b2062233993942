"""One file that comes."""

import asyncio
from pathlib import Path
from typing import Final

from shared.common.errors import PeerBroken
from shared.control.files import wire as w
from shared.control.files.disk import DiskFault, Note, PartFile
from shared.control.files.view import Pace, Shown, TransferView
from shared.rules.file_names import safe_name
from shared.rules.transfer import OVER, TABLE, Event, State

MAX_UNWRITTEN: Final = 4 * 1024 * 1024
"""What may wait for the disk; a sender of ours has half of it on the way at most."""


class Incoming:
    """`wanted`: a person here, or the question it answers, has said that it may come.

    What has to be done on the disk is worked off by `step`, one at a time and in order; `replies` are for the sender.
    """

    def __init__(self, landing: Path, transfer_id: str, name: str, size: int) -> None:
        self.id, self.size = transfer_id, size
        self.name = safe_name(name)
        self._offered_name = name
        self.state: State = "offered"
        self.wanted = self.held = self.held_there = self.from_before = False
        self.why: w.Fault | None = None
        self.landed = ""
        self.ask_until_ms = 0
        self.want_open = False
        self.idle = True
        self._part = PartFile(landing, transfer_id, size)
        self._opened = self._restart = self._landing_now = self._closing = False
        self._waits_for: w.Wait | None = None
        self._discard = False
        self._expect = self._unwritten = self._attempt = 0
        self._pieces: list[bytes] = []
        self._digest: bytes | None = None
        self._replies: list[w.Message] = []
        self._path = ""
        self._pace = Pace()

    @classmethod
    def from_note(cls, landing: Path, note: Note) -> "Incoming":
        """One that a former run left unfinished; a person is asked again."""
        one = cls(landing, note.id, note.name, note.size)
        one.from_before = True
        return one

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in OVER

    @property
    def asks(self) -> bool:
        """Whether a person here has still to say."""
        return self.state == "offered" and not self.wanted

    def fits(self, offer: w.Offer) -> bool:
        """Whether the offer is for this very file."""
        return (offer.name, offer.size) == (self._offered_name, self.size)

    def note(self, peer: str, now_ms: int) -> Note:
        """To remember it by."""
        return Note(id=self.id, way="in", peer=peer, name=self._offered_name, size=self.size, at_ms=now_ms)

    def take(self, message: w.Begin | w.Piece | w.Complete) -> None:
        """Raises PeerBroken for bytes that nobody asked for, or more than announced."""
        if message.attempt > self._attempt:
            raise PeerBroken("an attempt that nobody asked for")
        if message.attempt < self._attempt:
            return
        match message:
            case w.Begin(offset=offset):
                if self.state == "agreed":
                    self._begin(offset)
            case w.Piece(offset=offset, data=data):
                if self.state == "moving" and self._digest is None:
                    self._piece(offset, data)
            case w.Complete(digest=digest):
                if self.state == "moving" and self._expect != self.size:
                    raise PeerBroken("complete before the end")
                self._digest = digest if self.state == "moving" else None

    def interrupt(self, why: w.Wait | None) -> None:
        """Nothing more of it is written until it is agreed and begun again."""
        if not self.over and not self._landing_now:
            self._move("interrupt")
            self._waits_for = why
            self._pieces.clear()
            self._unwritten = 0
            self._digest = None
            self.want_open = self._restart = False

    def fail(self, why: w.Fault) -> None:
        """It is over, and what there is of it goes; not in the very moment when it lands."""
        if not self.over and not self._landing_now:
            self._move("fail")
            self.why = why
            self._pieces.clear()
            self._discard = True

    def close(self) -> None:
        """Lets go of the file, now or when the disk is done."""
        self._closing = True
        if self.idle:
            self._part.close()

    async def step(self) -> bool:
        """One piece of work on the disk; False when there is none."""
        try:
            if self.over:
                return await self._clear()
            if self.want_open:
                await self._open()
            elif self._restart:
                self._restart = False
                await asyncio.to_thread(self._part.restart)
            elif self._pieces:
                await self._write()
            elif self._digest is not None:
                await self._finish(self._digest)
            else:
                return False
        except DiskFault as fault:
            self._landing_now = False
            self.fail(fault.why)
            self._replies.append(w.Over(self.id, fault.why))
        return True

    def replies(self) -> list[w.Message]:
        """What the sender is to be told of the work that was done."""
        said, self._replies = self._replies, []
        return said

    def view(self, now_ms: int, *, moved: bool = False) -> TransferView | None:
        """As a person sees it; None: as good as before."""
        done = self.size if self.state == "done" else self._part.offset
        if self.from_before or not self._pace.due(done, now_ms, moved=moved):
            return None
        return TransferView(
            id=self.id,
            incoming=True,
            name=self.landed or self.name,
            size=self.size,
            done=done,
            shown=self._shown(),
            why=self.why,
            digest=self._part.digest.hex() if self.state == "done" else "",
            path=self._path,
            rate=self._pace.rate if self.state == "moving" else 0,
        )

    def _shown(self) -> Shown:
        if self.state == "done" or self.state == "failed":
            return self.state
        if self.asks:
            return "asks"
        if self.held or self.held_there:
            return "held" if self.held else "held_there"
        if self.state == "moving":
            return "moving" if self._digest is None else "checking"
        return "stalled" if self._waits_for else "queued"

    def _begin(self, offset: int) -> None:
        if offset not in (0, self._part.offset):
            raise PeerBroken("begun where nobody asked")
        self._restart = offset != self._part.offset
        self._expect = offset
        self._move("begin")

    def _piece(self, offset: int, data: bytes) -> None:
        if offset < self._expect or offset + len(data) > self.size:
            raise PeerBroken("a piece that cannot be the next one")
        if offset > self._expect:  # what was in between is lost with an older connection
            self.interrupt(None)
            self.want_open = True
            return
        self._expect += len(data)
        self._unwritten += len(data)
        if self._unwritten > MAX_UNWRITTEN:
            raise PeerBroken("faster than the disk")
        self._pieces.append(data)

    async def _open(self) -> None:
        self.want_open = False
        if not self._opened:
            await asyncio.to_thread(self._part.open)
            self._opened = True
        if self.state in ("offered", "agreed") and self.wanted and not self.held:
            self._move("agree")
            self._waits_for = None
            self._attempt += 1
            self._replies.append(w.Agree(self.id, self._attempt, self._part.offset, self._part.digest))

    async def _write(self) -> None:
        pieces, self._pieces = self._pieces, []
        self._unwritten = 0
        await asyncio.to_thread(self._part.write, pieces)
        if self.state == "moving":
            self._replies.append(w.Written(self.id, self._part.offset))

    async def _finish(self, digest: bytes) -> None:
        if self._part.digest != digest:
            raise DiskFault("damaged")
        self._landing_now = True
        place = await asyncio.to_thread(self._part.land, self.name)
        self.landed, self._path = place.name, str(place)
        self._move("complete")
        self._digest = None
        self._replies.append(w.Landed(self.id, place.name))

    async def _clear(self) -> bool:
        """What is over leaves nothing open, and nothing of what did not arrive."""
        discard, self._discard = self._discard, False
        if discard:
            await asyncio.to_thread(self._part.discard)
        return discard

    def _move(self, event: Event) -> None:
        after = TABLE.get((self.state, event))
        if after is not None:
            self.state = after
