"""A real relay on loopback TLS, and links that speak the wire by hand: what they send may be anything."""

import asyncio
import base64
import json
import os
import secrets
import signal
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay_server.app import Adapters, serve
from relay_server.engine.bus_choice import open_bus
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.store_choice import open_store
from relay_server.settings import load
from shared.net.signin import public_key64
from shared.protocol.messages.base import Command
from shared.protocol.messages.identity import CHALLENGE_PREFIX

WAIT_S = 15
Frame = dict[str, Any]


class Ended(Exception):
    """The relay closed the link; `code` is its close code."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


@dataclass
class Wire:
    """One WebSocket. Frames that nobody waited for are kept in `heard`."""

    socket: aiohttp.ClientWebSocketResponse
    heard: list[Frame] = field(default_factory=list[Frame])
    last_id: int = 0
    signed_in: Frame = field(default_factory=dict[str, Any])
    pongs: bool = False
    """Whether pings are answered, as programs do."""
    closed_with: int | None = None
    """What the relay said last. (The socket's own `close_code` is 1006 when the relay is gone before our answer.)"""

    async def send(self, raw: str | bytes) -> None:
        """Anything at all."""
        if isinstance(raw, bytes):
            await self.socket.send_bytes(raw)
        else:
            await self.socket.send_str(raw)

    async def receive(self) -> Frame:
        """The next frame. Raises Ended."""
        async with asyncio.timeout(WAIT_S):
            message = await self.socket.receive()
        if message.type is aiohttp.WSMsgType.CLOSE:
            self.closed_with = message.data
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Ended(self.closed_with or self.socket.close_code)
        frame: Frame = json.loads(message.data)
        if self.pongs and frame["f"] == "ping":
            with suppress(ConnectionError):
                await self.send('{"f": "request", "id": 0, "body": {"do": "pong"}}')
        return frame

    async def ask(self, command: Command | Frame) -> Frame:
        """Sends one command and returns the body of its reply, or the refusal."""
        self.last_id += 1
        body = command if isinstance(command, dict) else msgspec.to_builtins(command)
        await self.send(json.dumps({"f": "request", "id": self.last_id, "body": body}))
        return await self.answer(self.last_id)

    async def answer(self, request_id: int) -> Frame:
        """The answer to a request."""
        while True:
            frame = await self.receive()
            if frame["f"] in ("reply", "refused") and frame.get("id", 0) == request_id:
                return frame["body"] if frame["f"] == "reply" else frame
            self.heard.append(frame)

    async def until(self, kind: str, name: str) -> Frame:
        """The first frame of a kind (`event`, `internal`, `push`, `ping`) and name, heard already or to come."""
        for frame in self.heard:
            if _is(frame, kind, name):
                self.heard.remove(frame)
                return frame
        while not _is(frame := await self.receive(), kind, name):
            self.heard.append(frame)
        return frame

    async def ended(self) -> int | None:
        """Reads on until the relay closes; its close code."""
        with suppress(Ended):
            while True:
                self.heard.append(await self.receive())
        return self.closed_with or self.socket.close_code


def _is(frame: Frame, kind: str, name: str) -> bool:
    if frame["f"] != kind:
        return False
    match kind:
        case "push":
            return frame["body"]["now"] == name
        case "event" | "internal":
            return frame["record"]["kind"] == name
        case _:
            return True


def code(frame: Frame) -> str:
    """The refusal's code; fails for anything else."""
    assert frame.get("f") == "refused", frame
    return frame["code"]


def new_id() -> str:
    """An id as a client makes it."""
    return secrets.token_hex(13)


@dataclass
class Relay:
    """A relay that listens, as its clients see it."""

    port: int
    data_dir: Path

    @property
    def passwords(self) -> dict[str, str]:
        """By username, of the sample organisation."""
        document = json.loads((self.data_dir / "credentials.json").read_text("utf-8"))
        return {each["username"]: each["password"] for each in document["agents"]}

    def tls(self) -> ssl.SSLContext:
        """Believes the relay's own authority."""
        return ssl.create_default_context(cafile=str(self.data_dir / "tls" / "ca.pem"))

    def url(self, path: str, scheme: str = "https") -> str:
        """An address on the relay's one port."""
        return f"{scheme}://127.0.0.1:{self.port}{path}"


@dataclass
class House:
    """A relay and everybody who is connected to it."""

    relay: Relay
    session: aiohttp.ClientSession
    wires: list[Wire] = field(default_factory=list[Wire])
    pongs: bool = False

    async def wire(self, **headers: str) -> Wire:
        """A link that has said nothing yet."""
        socket = await self.session.ws_connect(
            self.relay.url("/ws", "wss"), ssl=self.relay.tls(), headers=headers, max_msg_size=0
        )
        self.wires.append(Wire(socket, pongs=self.pongs))
        return self.wires[-1]

    async def hello(self, program: str, **changes: Any) -> Wire:
        """A link after the handshake."""
        wire = await self.wire()
        answer = await wire.ask(
            {"do": "hello", "program": program, "protocol": 1, "oldest": 1, "version": "0"} | changes
        )
        assert answer.get("is") == "welcome", answer
        return wire

    async def customer(self, key: Ed25519PrivateKey | None = None, name: str = "Mei") -> Wire:
        """A signed-in customer's link."""
        key = key or Ed25519PrivateKey.generate()
        wire = await self.hello("customer")
        wire.signed_in = await self.prove(wire, key, name)
        assert wire.signed_in.get("is") == "customer_signed_in", wire.signed_in
        return wire

    async def prove(self, wire: Wire, key: Ed25519PrivateKey, name: str = "Mei") -> Frame:
        """Asks for a challenge and signs it."""
        return await wire.ask(await self.proof(wire, key, name))

    async def proof(self, wire: Wire, key: Ed25519PrivateKey, name: str = "Mei") -> Frame:
        """The answer to a challenge, not sent yet."""
        public = public_key64(key)
        challenge = await wire.ask({"do": "ask_challenge", "device_key": public})
        signature = base64.b64encode(key.sign(CHALLENGE_PREFIX + base64.b64decode(challenge["nonce"]))).decode()
        return {
            "do": "prove_device",
            "device_key": public,
            "nonce": challenge["nonce"],
            "signature": signature,
            "name": name,
        }

    async def agent(self, username: str) -> Wire:
        """A signed-in agent's link."""
        wire = await self.hello("agent")
        password = self.relay.passwords[username]
        wire.signed_in = await wire.ask({"do": "sign_in_with_password", "username": username, "password": password})
        assert wire.signed_in.get("is") == "agent_signed_in", wire.signed_in
        return wire


@asynccontextmanager
async def in_process(data_dir: Path, flags: dict[str, str] | None = None) -> AsyncGenerator[Relay]:
    """The relay on this test's own loop."""
    settings = load(data_dir, {}, {"port": "0", "drain_s": "1", "presence_grace_s": "0"} | (flags or {})).settings
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    running = asyncio.create_task(serve(settings, Adapters(LocalBus(), open_bus, open_store), ready.set_result, stop))
    try:
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield Relay(await ready, data_dir)
    finally:
        stop.set()
        await running


class RelayProcess:
    """The real program, to be killed."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, port: int = 0) -> Relay:
        """Starts it and waits until it listens."""
        port_file = self._data_dir / "port"
        port_file.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *self.command("serve", "--port", str(port), "--port-file", str(port_file), "--log-level", "WARNING"),
            env=self.environment(),
        )
        async with asyncio.timeout(WAIT_S):
            while not port_file.exists():
                assert self._process.returncode is None
                await asyncio.sleep(0.02)
        return Relay(int(port_file.read_text("ascii")), self._data_dir)

    def send(self, signal_: signal.Signals) -> None:
        """A signal to the running program."""
        assert self._process is not None
        self._process.send_signal(signal_)

    def command(self, *words: str) -> tuple[str, ...]:
        """The program with arguments, on this data directory."""
        return sys.executable, "-m", "relay_server", "--dir", str(self._data_dir), *words

    def environment(self) -> dict[str, str]:
        """English words, whatever this machine speaks."""
        return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8"}

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends it one way or the other; its exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        async with asyncio.timeout(WAIT_S):
            return await self._process.wait()
