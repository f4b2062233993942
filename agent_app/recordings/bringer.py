"""Brings recordings from this computer's disk to the relay, chunk by chunk, and goes on after whatever came between.

The disk holds encrypted chunks only. A file goes once the relay has all of it; what is refused for good stays under
another name for the administrator.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent_app.recordings.port import Shelf
from shared.common.errors import LinkLost, PeerBroken
from shared.common.sealed.heads import HEAD, LAST, Damaged, Head, read_head
from shared.protocol.frames import Refused

_log = logging.getLogger(__name__)

SUFFIX: Final = ".tlr"
REFUSED: Final = ".refused"
ROOM_BYTES: Final = 4 * 2**30
"""What may wait on this disk."""
_FIRST_WAIT_S: Final = 2.0
_LONGEST_WAIT_S: Final = 30.0
_LOOK_S: Final = 60.0
_FOR_GOOD: Final = frozenset({"not_found", "not_allowed", "recording_damaged", "recording_too_large", "wrong_state"})


class Bringer:
    """`directory` says where files wait, None while nobody is signed in."""

    def __init__(self, shelf: Shelf, directory: Callable[[], Path | None]) -> None:
        self._shelf = shelf
        self._directory = directory
        self._growing: set[str] = set()
        self._places: dict[str, tuple[int, int]] = {}
        self._woken = asyncio.Event()

    def room(self) -> tuple[Path, int] | None:
        """Where a new recording may be kept, and how many bytes of it; None while nobody is signed in."""
        directory = self._directory()
        if directory is None:
            return None
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        used = sum(path.stat().st_size for path in directory.iterdir() if path.is_file())
        return directory, max(0, ROOM_BYTES - used)

    def grows(self, recording_id: str) -> None:
        """More of it is on the disk, and more may come."""
        self._growing.add(recording_id)
        self._woken.set()

    def ended(self, recording_id: str) -> None:
        """No more of it comes to the disk."""
        self._growing.discard(recording_id)
        self._woken.set()

    def wake(self) -> None:
        """The relay can be reached again."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        wait_s = _FIRST_WAIT_S
        while True:
            self._woken.clear()
            try:
                await self.bring_all()
                wait_s = _FIRST_WAIT_S
                timeout_s = _LOOK_S
            except (LinkLost, PeerBroken) as error:
                _log.info("recordings wait: %s", type(error).__name__)
                timeout_s = wait_s
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                await asyncio.sleep(_FIRST_WAIT_S)
            try:
                async with asyncio.timeout(timeout_s):
                    await self._woken.wait()
            except TimeoutError:
                pass

    async def bring_all(self) -> None:
        """Everything that is on the disk now. Raises LinkLost, PeerBroken."""
        directory = self._directory()
        if directory is not None:
            for path in await asyncio.to_thread(lambda: sorted(directory.glob(f"*{SUFFIX}"))):
                await self._bring(path)

    async def _bring(self, path: Path) -> None:
        """All whole chunks of a file. What is torn at its end was being written when its process died."""
        growing = path.stem in self._growing
        while True:
            at, sequence = self._places.get(path.stem, (0, 0))
            try:
                found = await asyncio.to_thread(_chunk_at, path, at)
            except Damaged:
                found = None
                growing = False
            if found is None:
                break
            head, chunk = found
            if not await self._bring_one(path, at, sequence, head, chunk):
                return
        if not growing and path.stem not in self._growing:
            await self._close(path)

    async def _bring_one(self, path: Path, at: int, sequence: int, head: Head, chunk: bytes) -> bool:
        answer = await self._shelf.put_chunk(path.stem, sequence, chunk)
        if not isinstance(answer, Refused):
            self._places[path.stem] = (at + head.size, sequence + 1)
            if head.flags & LAST:
                await self._forget(path)
                return False
            return True
        if answer.code == "recording_gap":
            self._places.pop(path.stem, None)  # begins again; what the relay has is answered at once
            return True
        if answer.code in _FOR_GOOD:
            _log.error("a recording is refused: %s", answer.code)
            self._places.pop(path.stem, None)
            await asyncio.to_thread(path.replace, path.with_suffix(REFUSED))
            return False
        raise LinkLost(answer.code)

    async def _close(self, path: Path) -> None:
        """Its process died before the last chunk: what is there is all."""
        if path.stem in self._places:
            answer = await self._shelf.close_recording(path.stem)
            if isinstance(answer, Refused) and answer.code not in _FOR_GOOD:
                raise LinkLost(answer.code)
        await self._forget(path)

    async def _forget(self, path: Path) -> None:
        self._places.pop(path.stem, None)
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _chunk_at(path: Path, at: int) -> tuple[Head, bytes] | None:
    """The whole chunk at a byte; None when there is none (yet). Raises Damaged."""
    try:
        with path.open("rb") as file:
            file.seek(at)
            plain = file.read(HEAD.size)
            if len(plain) < HEAD.size:
                return None
            head = read_head(plain)
            body = file.read(head.length)
    except FileNotFoundError:
        return None
    return (head, plain + body) if len(body) == head.length else None
