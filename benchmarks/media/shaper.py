"""A poor network in user space: loss, delay, jitter, and a rate cap with a bounded queue in front of it (drop-tail).

`Link` is one direction, for datagrams of any kind: give it `send(data)`, it calls `deliver(data)` when they arrive.
Nothing is random but what comes from its seed. `Path` may be changed while it runs.

`Shaper` puts two links between the ends of one WebRTC connection. It listens on two UDP ports of 127.0.0.1 and writes
itself into the descriptions as the only candidate, so that nothing finds a way around it:

    async with open_shaper(Path(loss=0.01, delay_s=0.02)) as shaper:
        offer = await sharer.add_viewer("agent", [])
        answer = await viewer.answer(shaper.offer(offer), [])
        await sharer.set_answer("agent", shaper.answer(answer))
        shaper.down.path = Path(rate_bps=500_000)           # from the sharer to the viewer, from now on

`bridge(left, right, path)` does the same between two file descriptors that give and take one packet a call, such as
TUN devices in two network namespaces: TCP and whole programs go through the same network.
"""

import asyncio
import contextlib
import os
import re
import socket
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from typing import Final, cast

import numpy as np

MAX_PACKET: Final = 65_536
SOCKET_BUFFER: Final = 4 * 1024 * 1024
"""What is lost is to be lost by the dice, not by a shaper that was busy."""
_CANDIDATE: Final = re.compile(r"a=candidate:.*\r\n")
_END: Final = "a=end-of-candidates\r\n"


@dataclass(frozen=True)
class Path:
    """One direction of a network. `rate_bps` 0: no cap. `queue_s`: what waits for the cap at most, in its time.

    `jitter_s`: each packet is late by up to this much more, so packets may overtake each other.
    """

    loss: float = 0.0
    delay_s: float = 0.0
    rate_bps: int = 0
    queue_s: float = 0.3
    jitter_s: float = 0.0


class Link:
    """One direction. Used in one event loop; `overhead` counts as bytes of each packet for the cap (IP and UDP)."""

    def __init__(self, path: Path, deliver: Callable[[bytes], None], *, seed: int = 1, overhead: int = 28) -> None:
        self.path = path
        self._deliver = deliver
        self._overhead = overhead
        self._random = np.random.default_rng(seed)
        self._loop = asyncio.get_running_loop()
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._free_at = 0.0
        self._serving: asyncio.TimerHandle | None = None
        self._under_way: set[asyncio.TimerHandle] = set()
        self.sent = self.dropped = self.lost = self.bytes_delivered = 0

    def send(self, data: bytes) -> None:
        """Takes a packet: it arrives later, or never."""
        self.sent += 1
        path, now = self.path, self._loop.time()
        if not path.rate_bps and not self._queue:
            self._leave(data, now)
            return
        if path.rate_bps and self._queued * 8 / path.rate_bps > path.queue_s:
            self.dropped += 1
            return
        self._queue.append(data)
        self._queued += len(data) + self._overhead
        if self._serving is None:
            self._free_at = max(self._free_at, now)
            self._serve_next()

    def _serve_next(self) -> None:
        self._serving = None
        while self._queue:
            size = len(self._queue[0]) + self._overhead
            done = self._free_at + (size * 8 / self.path.rate_bps if self.path.rate_bps else 0)
            if done > self._loop.time():
                self._serving = self._loop.call_at(done, self._serve_next)
                return
            self._free_at = done
            self._queued -= size
            self._leave(self._queue.popleft(), done)

    def _leave(self, data: bytes, at: float) -> None:
        if self._random.random() < self.path.loss:
            self.lost += 1
            return
        late = self.path.delay_s + self.path.jitter_s * self._random.random()
        if at + late <= self._loop.time():
            self._arrive(data)
            return

        def arrive() -> None:
            self._under_way.discard(timer)
            self._arrive(data)

        timer = self._loop.call_at(at + late, arrive)
        self._under_way.add(timer)

    def _arrive(self, data: bytes) -> None:
        self.bytes_delivered += len(data)
        self._deliver(data)

    def close(self) -> None:
        """Whatever is under way never arrives."""
        for timer in (*self._under_way, *([self._serving] if self._serving else [])):
            timer.cancel()
        self._under_way.clear()
        self._queue.clear()


class _Port(asyncio.DatagramProtocol):
    """One UDP port of the shaper. Talks to whoever spoke to it first: the nominated path of a peer stays the same."""

    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport | None = None
        self.peer: tuple[str, int] | None = None
        self.link: Link | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        wire = transport.get_extra_info("socket")
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            wire.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.peer = self.peer or addr
        if self.link is not None and addr == self.peer:
            self.link.send(data)

    def error_received(self, exc: Exception) -> None:
        """A port that nobody listens at any longer: packets to it are lost, as they would be."""

    def send(self, data: bytes) -> None:
        if self.transport is not None and self.peer is not None:
            self.transport.sendto(data, self.peer)

    @property
    def number(self) -> int:
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])


class Shaper:
    """Stands between an offering end and an answering one. `down` goes from who offered to who answers, `up` back."""

    def __init__(self, offering: _Port, answering: _Port, down: Path, up: Path, seed: int) -> None:
        self._offering, self._answering = offering, answering
        self.down = Link(down, answering.send, seed=seed)
        self.up = Link(up, offering.send, seed=seed + 1)
        offering.link, answering.link = self.down, self.up

    def offer(self, sdp: str) -> str:
        """The offer as the answering end shall see it."""
        return _led_to(sdp, self._answering.number)

    def answer(self, sdp: str) -> str:
        """The answer as the offering end shall see it."""
        return _led_to(sdp, self._offering.number)


def _led_to(sdp: str, port: int) -> str:
    candidate = f"a=candidate:1 1 udp 2130706431 127.0.0.1 {port} typ host\r\n"
    bare = _CANDIDATE.sub("", sdp)
    return bare.replace(_END, candidate + _END) if _END in bare else bare + candidate


@contextlib.asynccontextmanager
async def open_shaper(down: Path, up: Path | None = None, *, seed: int = 1) -> AsyncGenerator[Shaper]:
    """A shaper of the running loop; without `up` both directions are alike (but for their dice)."""
    loop = asyncio.get_running_loop()
    opened = [await loop.create_datagram_endpoint(_Port, ("127.0.0.1", 0)) for _ in range(2)]
    shaper = Shaper(opened[0][1], opened[1][1], down, up or down, seed)
    try:
        yield shaper
    finally:
        for link in (shaper.down, shaper.up):
            link.close()
        for transport, _ in opened:
            transport.close()


@contextlib.contextmanager
def bridge(left: int, right: int, down: Path, up: Path | None = None, *, seed: int = 1) -> Generator[tuple[Link, Link]]:
    """Two links between two packet devices, while the block runs; `down` leads from `left` to `right`."""
    loop = asyncio.get_running_loop()
    links = (
        Link(down, lambda data: _write(right, data), seed=seed, overhead=0),
        Link(up or down, lambda data: _write(left, data), seed=seed + 1, overhead=0),
    )
    for device, link in zip((left, right), links, strict=True):
        os.set_blocking(device, False)
        loop.add_reader(device, _read, device, link)
    try:
        yield links
    finally:
        for device, link in zip((left, right), links, strict=True):
            loop.remove_reader(device)
            link.close()


def _read(device: int, link: Link) -> None:
    with contextlib.suppress(BlockingIOError):
        link.send(os.read(device, MAX_PACKET))


def _write(device: int, data: bytes) -> None:
    with contextlib.suppress(OSError):  # it is full or down: a network that loses a packet
        os.write(device, data)
