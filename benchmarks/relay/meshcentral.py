"""MeshCentral from npm: its relay hands on what one WebSocket says to another and stores nothing."""

import asyncio
import base64
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.relay import usage
from benchmarks.relay.cases import Running, Unavailable, room_of
from benchmarks.relay.link import Link, connect
from benchmarks.relay.people import TEXT
from tests.e2e.driver.processes import Programs

VERSION = "1.1.55"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "threeline-bench" / "meshcentral"
INSTALL_S, START_S = 300, 90
USER, PASSWORD = "bench", "Bench-0nly-here"  # an account of a server that lives for minutes on loopback
FILLER = (TEXT * 8)[:200].encode()
"""As long as our line of chat with its envelope."""


@asynccontextmanager
async def open_meshcentral(place: Path) -> AsyncGenerator[Running]:
    """Raises Unavailable."""
    program = await asyncio.to_thread(_installed)
    room = room_of(place, "meshcentral")
    port = _free_port()
    data = room / "data"
    data.mkdir()
    config = {
        "settings": {
            "cert": "127.0.0.1",
            "port": port,
            "exactPorts": True,
            "redirPort": 0,
            "mpsPort": 0,
            "WANonly": True,
            "selfUpdate": False,
            "noUsers": False,
        },
        "domains": {"": {"newAccounts": False}},
    }
    (data / "config.json").write_text(json.dumps(config), "utf-8")
    command = ["node", str(program), "--datapath", str(data)]
    for step in (("--createaccount", USER, "--pass", PASSWORD), ("--adminaccount", USER)):
        await asyncio.to_thread(_run, [*command, *step], room)
    with Programs(room) as programs:
        server = programs.start("meshcentral", command, env=_environment(), cwd=program.parents[2])
        until = time.monotonic() + START_S
        mesh = _Mesh(f"wss://127.0.0.1:{port}")
        while not await mesh.answers():
            if not server.is_alive() or time.monotonic() > until:
                raise Unavailable(f"MeshCentral did not start: {server.output()[-300:]}")
            await asyncio.sleep(0.5)
        told = f"MeshCentral {VERSION} over TLS: forwards, stores nothing"
        yield Running(lambda: usage.family(server.pid), mesh.talks, mesh.idle, told, {"store": told})


class Pair:
    """Two ends of one relayed session: what one says is counted when the other has it."""

    def __init__(self, says: Link, hears: Link) -> None:
        self.delays: list[float] = []
        self.refused: list[str] = []
        self.done = asyncio.Event()
        self._says = says
        self._sent: list[float] = []
        self._until = 0.0
        hears.on_frames = self._hear

    def say(self, count: int) -> None:
        """So many messages in one write."""
        now, first = time.perf_counter(), len(self._sent)
        self._sent += [now] * count
        self._says.send(b"%010d%b" % (number, FILLER) for number in range(first, first + count))

    def flood(self, window: int, until: float) -> None:
        """Keeps `window` open until that moment."""
        self._until = until
        self.say(window)

    @property
    def open_lines(self) -> int:
        """Said and not heard."""
        return len(self._sent) - len(self.delays)

    def _hear(self, found: list[bytes]) -> None:
        now = time.perf_counter()
        heard = [int(frame[:10]) for frame in found if frame[:10].isdigit()]
        self.delays += [(now - self._sent[number]) * 1000 for number in heard]
        if now < self._until:
            if heard:
                self.say(len(heard))
        elif self.open_lines == 0:
            self.done.set()


class _Mesh:
    def __init__(self, url: str) -> None:
        self._url = url
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE  # a certificate that it made for itself a moment ago, on loopback
        both = ",".join(base64.b64encode(each.encode()).decode() for each in (USER, PASSWORD))
        self._signed_in = (("x-meshauth", both),)

    async def answers(self) -> bool:
        """Whether somebody can sign in."""
        try:
            link = await self.idle()
        except (OSError, TimeoutError):
            return False
        link.close()
        return True

    async def idle(self) -> Link:
        """A signed-in control link."""
        link = await connect(f"{self._url}/control.ashx", self._tls, self._signed_in)
        async with asyncio.timeout(START_S):
            told = await link.next()
        if b'"close"' in told[:60]:
            raise ConnectionError(told.decode()[:200])
        link.on_frames = _pass_by
        return link

    @asynccontextmanager
    async def talks(self, count: int) -> AsyncGenerator[Sequence[Pair]]:
        """Relayed sessions."""
        ends: list[Link] = []
        try:
            pairs: list[Pair] = []
            for number in range(count):
                url = f"{self._url}/meshrelay.ashx?id=bench{number}x{time.monotonic_ns()}"
                two = [await connect(url, self._tls, self._signed_in) for _ in range(2)]
                ends += two
                for one in two:
                    async with asyncio.timeout(START_S):
                        while await one.next() not in (b"c", b"cr"):
                            pass
                pairs.append(Pair(*two))
            yield pairs
        finally:
            for end in ends:
                end.close()


def _pass_by(found: list[bytes]) -> None:
    del found


def _installed() -> Path:
    for needed in ("node", "npm"):
        if shutil.which(needed) is None:
            raise Unavailable(f"{needed} is not installed")
    program = CACHE / "node_modules" / "meshcentral" / "meshcentral.js"
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        line = ["npm", "install", "--no-audit", "--no-fund", "--omit=dev", "--prefix", str(CACHE)]
        done = subprocess.run(
            [*line, f"meshcentral@{VERSION}"], capture_output=True, text=True, check=False, timeout=INSTALL_S
        )
        if done.returncode or not program.exists():
            raise Unavailable(f"npm could not install MeshCentral: {done.stderr[-300:]}")
    return program


def _run(command: list[str], room: Path) -> None:
    subprocess.run(command, env=_environment(), cwd=room, capture_output=True, check=False, timeout=START_S)


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
