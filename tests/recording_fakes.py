"""A recording as the agent app meets it: sealed bytes at a relay that gives them to who has opened it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from shared.common.sealed.container import Sealer
from shared.common.sealed.heads import KEY, LAST, About
from shared.common.sealed.keyfile import make_pair
from shared.common.sealed.keys import key_id
from shared.protocol.frames import Refused
from shared.protocol.messages import recordings as r
from shared.session import channel as s
from shared.session import recording_messages as m
from tests.agent_fakes import ME, NOW

PAIR = make_pair()
ABOUT = About(recording_id="R1", session_id="S1", conversation_id="k1", agent_id="A1", started_ms=NOW, key_id="0" * 16)
SEALER = Sealer(ABOUT, PAIR.public)
DATA = SEALER.opening + SEALER.seal(b"x" * 900, from_ms=0, until_ms=9_000, flags=KEY | LAST)
ROW = r.RecordingRow(
    recording_id="R1",
    session_id="S1",
    conversation_id="k1",
    agent=ME,
    key_id=key_id(PAIR.public),
    started_ms=NOW - 3_600_000,
    length_ms=90_000,
    size_bytes=len(DATA),
    chunks=2,
    state="whole",
    delete_ms=NOW + 30 * 86_400_000,
)


class Shelf:
    """Gives the recording in two parts to who has opened it."""

    async def put_chunk(self, recording_id: str, sequence: int, chunk: bytes, /) -> Refused:
        return Refused(code="not_found")

    async def close_recording(self, recording_id: str, /) -> Refused:
        return Refused(code="not_found")

    async def read_recording(self, recording_id: str, opening_id: str, at: int, /) -> bytes | Refused:
        if (recording_id, opening_id) != ("R1", "O1"):
            return Refused(code="not_allowed")
        return DATA[at : at + len(SEALER.opening) + 10]


class Player:
    """A process that plays, as far as the window knows."""

    def __init__(self) -> None:
        self.orders: list[s.PlayerOrder] = []
        self.file = b""
        self.report: Callable[[s.PlayerReport], None] = lambda _: None

    async def start(self, on_report: Callable[[s.PlayerReport], None], on_ended: Callable[[bool], None]) -> "Player":
        del on_ended
        self.report = on_report
        return self

    def send(self, order: s.PlayerOrder) -> None:
        self.orders.append(order)
        if isinstance(order, m.FileGrew) and order.all_there:
            opened = next(each for each in self.orders if isinstance(each, m.OpenPlayer))
            self.file = Path(opened.path).read_bytes()

    async def close(self) -> None:
        await asyncio.sleep(0)
