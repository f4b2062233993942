"""The whole surface that a stranger reaches: bytes into the port of a real relay, before anybody has signed in."""

import asyncio
import base64
import contextlib
import io
import logging
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from relay_server.__main__ import main
from relay_server.app import Adapters, serve
from relay_server.engine.bus_choice import open_bus
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.store_choice import open_store
from relay_server.settings import load
from shared.protocol.codec import MAX_FRAME_BYTES
from tests.fuzz.target import Target, joined, parts

WAIT_S = 5.0
OPEN = {"limits": "http=100000/1000000,password=100000/1000000", "address_rate": "1000000", "address_burst": "1000000"}
_LIVES = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\n\r\n"
)


class _Faults(logging.Handler):
    """Whatever the relay logs with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            fault = record.exc_info[1] if record.exc_info else None
            self.found.append(f"{record.name}: {record.getMessage()} {fault!r}")


@dataclass
class _Door:
    """The relay on a loop and thread of its own."""

    data_dir: Path
    port: int = 0
    faults: _Faults = field(default_factory=_Faults)
    tls: ssl.SSLContext = field(init=False)

    async def run(self, told: threading.Event, stop: asyncio.Event) -> None:
        settings = load(self.data_dir, {}, {"port": "0", "drain_s": "1", **OPEN}).settings

        def ready(port: int) -> None:
            self.port = port
            told.set()

        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.faults.found.append(str(context)))
        await serve(settings, Adapters(LocalBus(), open_bus, open_store), ready, stop)

    def connected(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)
        return self.tls.wrap_socket(plain, server_hostname="127.0.0.1")

    def lives(self) -> None:
        with self.connected() as link:
            link.sendall(_LIVES)
            assert link.recv(12) == b"HTTP/1.1 200", "the relay does not answer any more"


_OPEN: list[_Door] = []


@contextmanager
def relay() -> Iterator[None]:
    """A fresh relay, as long as it lasts."""
    with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()):
        door = _Door(Path(place) / "data")
        assert main(["--dir", str(door.data_dir), "init", "--organisation", "Fuzz"]) == 0
        door.tls = ssl.create_default_context(cafile=str(door.data_dir / "tls" / "ca.pem"))
        loop, stop, told = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
        thread = threading.Thread(target=lambda: loop.run_until_complete(door.run(told, stop)), name="door")
        root = logging.getLogger()
        root.addHandler(door.faults)
        thread.start()
        try:
            assert told.wait(WAIT_S)
            _OPEN.append(door)
            yield
        finally:
            _OPEN.clear()
            loop.call_soon_threadsafe(stop.set)
            thread.join(WAIT_S * 2)
            loop.close()
            root.removeHandler(door.faults)


def run_http(data: bytes) -> None:
    """Bytes as HTTP; then the relay still answers others, and nothing of ours has failed."""
    door = _OPEN[0]
    with door.connected() as link:
        _said(link, data)
    _check(door)


def run_link(data: bytes) -> None:
    """Bytes as WebSocket frames (first byte 0: as they are; else each part as the text of a frame)."""
    door = _OPEN[0]
    with door.connected() as link:
        link.sendall(_UPGRADE)
        if b"101" not in link.recv(4096)[:16]:
            raise AssertionError("no link")
        _said(link, data[1:] if data[:1] == b"\0" else b"".join(_text(each) for each in parts(data[1:])))
    _check(door)


def _said(link: ssl.SSLSocket, data: bytes) -> None:
    """Says it, and hears what is answered until it ends or falls silent."""
    link.settimeout(0.02)
    with contextlib.suppress(OSError):
        link.sendall(data)
        while link.recv(65_536):
            pass


def _check(door: _Door) -> None:
    door.lives()
    if door.faults.found:
        raise AssertionError(door.faults.found.pop())


def _text(words: bytes) -> bytes:
    mask = b"\1\2\3\4"
    size = struct.pack("!BBH", 0x81, 0xFE, len(words)) if len(words) > 125 else bytes((0x81, 0x80 | len(words)))
    return size + mask + bytes(each ^ mask[n % 4] for n, each in enumerate(words))


def _asks(*bodies: str) -> bytes:
    said = (f'{{"f":"request","id":{n},"body":{body}}}'.encode() for n, body in enumerate(bodies, 1))
    return b"\1" + joined(*said)


_HELLO = '{"do":"hello","program":"%s","protocol":1,"oldest":1,"version":"0"}'
_KEY = base64.b64encode(bytes(range(32))).decode()
_PROOF = f'{{"do":"prove_device","device_key":"{_KEY}","nonce":"{_KEY}","signature":"{"A" * 86}==","name":"x"}}'
_HTTP = (
    _LIVES,
    b"POST /blobs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
    + b"a" * 40
    + b"\r\nX-File-Name: a\r\n"
    b"Content-Length: 5\r\n\r\nhello",
    b"GET /blobs/abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer a~1~" + b"b" * 43 + b"\r\n\r\n",
    b"PUT /recordings/abc/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"GET /recordings/abc?opening=x&at=5 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\nForwarded: for=1.2.3.4\r\nConnection: close\r\n\r\n",
    _UPGRADE.replace(b"Host: x", b"Host: x\r\nOrigin: https://evil.example"),
)
TARGETS = {
    "http": Target(run_http, _HTTP, longest=16_384, deterministic=60, around=relay),
    "link": Target(
        run_link,
        (
            _asks(_HELLO % "customer", f'{{"do":"ask_challenge","device_key":"{_KEY}"}}', _PROOF),
            _asks(_HELLO % "agent", '{"do":"sign_in_with_token","access_token":"' + "x" * 43 + '"}'),
            _asks(_HELLO % "agent", '{"do":"renew_tokens","refresh_token":"' + "x" * 43 + '"}'),
            b"\0" + _text(b"{}") + b"\x89\x80\1\2\3\4" + b"\x88\x82\0\0\0\0\3\xe8",
            b"\0\x01\xfe\xff\xff" + bytes(40) + b"\x80\xff" + bytes(8) + MAX_FRAME_BYTES.to_bytes(4, "big"),
        ),
        longest=8192,
        deterministic=60,
        around=relay,
    ),
}
