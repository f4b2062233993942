"""One of the two computers: a real connection, a real disk. Talks to the bench in JSON lines."""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

from shared.common.clock import now_ms
from shared.control.files.exchange import Exchange
from shared.control.files.view import TransferView
from shared.media.peer import Peer

_PING_S: Final = 0.05
_IDLE_S: Final = 2.0


class End:
    """`sends`: the agent, who answers the connection, sends the file and measures; else the customer, who takes it."""

    def __init__(self, tasks: asyncio.TaskGroup, room: Path, *, sends: bool) -> None:
        self._tasks = tasks
        self.leads = self._sends = sends
        self._room = room
        self.opened: set[str] = set()
        self.ready, self.done = asyncio.Event(), asyncio.Event()
        self.trips_ms: list[float] = []
        self.exchange: Exchange | None = None
        self.peer = Peer(
            [], on_message=self._message, on_own=lambda _: None, on_state=lambda _: None, on_open=self._opened
        )

    def start(self) -> None:
        self.exchange = Exchange(self, "bench", self._room / "landing", self._room / "kept")
        self.exchange.standing()

    def _opened(self, channel: str) -> None:
        self.opened.add(channel)
        if {"files", "control"} <= self.opened:
            self.ready.set()

    def _message(self, channel: str, data: bytes) -> None:
        if channel == "files" and self.exchange is not None:
            self.exchange.message(data)
        elif channel == "control" and not self._sends:
            self.peer.send("control", data)
        elif channel == "control":
            self.trips_ms.append((time.perf_counter() - float(data)) * 1000)

    async def ping(self) -> None:
        while True:
            self.peer.send("control", repr(time.perf_counter()).encode())
            await asyncio.sleep(_PING_S)

    def say(self, data: bytes) -> bool:
        return self.peer.send("files", data)

    def may_send(self) -> bool:
        return self.ready.is_set()

    may_receive = may_send

    def asked(self, question_id: str, words: str) -> None: ...

    def unasked(self, question_id: str) -> None: ...

    def seen(self, view: TransferView) -> None:
        if view.shown == "asks" and self.exchange is not None:
            self.exchange.answer(view.id, True)
        if view.shown in ("done", "failed"):
            self.shown = view
            self.done.set()

    def used(self, *, incoming: bool, refused: bool) -> None: ...

    def now_ms(self) -> int:
        return now_ms()

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        self._tasks.create_task(work, name=name)


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def _hear() -> dict[str, Any]:
    return json.loads(await asyncio.to_thread(sys.stdin.readline))


async def _connect(end: End, *, offers: bool) -> None:
    if offers:
        end.peer.connection.addTransceiver("video")
        end.peer.open_channels()
        _say({"sdp": await end.peer.offer()})
        await end.peer.accept_answer((await _hear())["sdp"])
    else:
        end.peer.accept_channels()
        _say({"sdp": await end.peer.answer((await _hear())["sdp"], lambda: None)})
    await end.ready.wait()


async def _measure(end: End, file: Path) -> None:
    pinging = asyncio.create_task(end.ping())
    await asyncio.sleep(_IDLE_S)
    idle, end.trips_ms = end.trips_ms, []
    began = time.perf_counter()
    assert end.exchange is not None
    end.exchange.offer([file])
    await end.done.wait()
    took_s = time.perf_counter() - began
    pinging.cancel()
    mbps = end.shown.size * 8 / took_s / 1e6
    _say({"shown": end.shown.shown, "mbps": mbps, "idle": _spread(idle), "busy": _spread(end.trips_ms)})


def _spread(values: list[float]) -> list[float]:
    parts = statistics.quantiles(values, n=20)
    return [statistics.median(values), parts[-1]]


async def _main(role: str, room: Path, file: Path) -> None:
    async with asyncio.TaskGroup() as tasks:
        end = End(tasks, room, sends=role == "agent")
        await _connect(end, offers=role == "customer")
        end.start()
        if role == "agent":
            await _measure(end, file)
        else:
            await end.done.wait()
        await _hear()
        if end.exchange is not None:
            end.exchange.close()
        await end.peer.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
