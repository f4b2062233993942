"""prosody from Debian: clients of XMPP that have signed in and are silent."""

import asyncio
import base64
import datetime as dt
import os
import pwd
import shutil
import socket
import ssl
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from benchmarks.relay import usage
from benchmarks.relay.cases import Running, Talk, Unavailable, room_of
from relay_server.gateway import certificates
from tests.e2e.driver.processes import Programs

START_S = 30
HOST, PASSWORD = "localhost", "bench"
ACCOUNTS = 2000
STEP_S = 30.0
_CONFIG = """\
daemonize = false
run_as_root = true
pidfile = "{room}/prosody.pid"
data_path = "{room}/data"
certificates = "{room}/tls"
log = {{ warn = "{room}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ {tls_port} }}
s2s_ports = {{}}
http_ports = {{}}
https_ports = {{}}
modules_enabled = {{ "roster", "saslauth", "disco" }}
modules_disabled = {{ "s2s", "offline" }}
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
ssl = {{ certificate = "{room}/tls/server.pem", key = "{room}/tls/server.key" }}
c2s_direct_tls_ssl = {{ certificate = "{room}/tls/server.pem", key = "{room}/tls/server.key" }}
VirtualHost "{host}"
"""


@asynccontextmanager
async def open_prosody(place: Path, *, plain: bool = True) -> AsyncGenerator[Running]:
    """`plain`: without TLS. Raises Unavailable."""
    program = shutil.which("prosody")
    if program is None:
        raise Unavailable("prosody is not installed: apt-get install prosody")
    room = room_of(place, "prosody-plain" if plain else "prosody")
    port, tls_port = _free_port(), _free_port()
    certificates.make(room / "tls", (HOST,), dt.datetime.now(dt.UTC))
    accounts = room / "data" / HOST / "accounts"
    accounts.mkdir(parents=True)
    for number in range(ACCOUNTS):
        (accounts / f"u{number}.dat").write_text(f'return {{ ["password"] = "{PASSWORD}"; }};\n', "ascii")
    config = room / "prosody.cfg.lua"
    config.write_text(_CONFIG.format(room=room, port=port, tls_port=tls_port, host=HOST), "ascii")
    env = {"PATH": os.environ["PATH"], "HOME": pwd.getpwuid(os.getuid()).pw_dir}
    with Programs(room) as programs:
        server = programs.start("prosody", [program, "-F", "--config", str(config)], env=env, cwd=room)
        tls = None if plain else _trusting(room / "tls" / "ca.pem")
        people = _People(port if plain else tls_port, tls)
        until = time.monotonic() + START_S
        while not await people.answers():
            if not server.is_alive() or time.monotonic() > until:
                raise Unavailable(f"prosody did not start: {server.output()[-300:]}")
            await asyncio.sleep(0.2)
        told = "prosody, signed in over SASL PLAIN and bound"
        yield Running(lambda: usage.family(server.pid), _no_talks, people.idle, told, {"store": told})


class Person:
    """One signed-in client."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def close(self) -> None:
        """Ends it without a word."""
        self._writer.transport.abort()


class _People:
    def __init__(self, port: int, tls: ssl.SSLContext | None) -> None:
        self._port = port
        self._tls = tls
        self._number = 0

    async def answers(self) -> bool:
        """Whether somebody can sign in."""
        try:
            person = await self.idle()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False
        person.close()
        return True

    async def idle(self) -> Person:
        """Signs the next account in and binds it."""
        name = f"u{self._number % ACCOUNTS}"
        self._number += 1
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self._port, ssl=self._tls, server_hostname=HOST if self._tls else None
        )
        secret = base64.b64encode(f"\0{name}\0{PASSWORD}".encode()).decode()
        begin = (
            f"<stream:stream to='{HOST}' version='1.0' xmlns='jabber:client'"
            " xmlns:stream='http://etherx.jabber.org/streams'>"
        )
        steps = (
            (begin, b"</stream:features>"),
            (f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>", b"<success"),
            (begin, b"</stream:features>"),
            ("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", b"</iq>"),
        )
        for words, answer in steps:
            writer.write(words.encode())
            async with asyncio.timeout(STEP_S):
                await reader.readuntil(answer)
        writer.write(b"<presence/>")
        return Person(writer)


def _no_talks(count: int) -> AbstractAsyncContextManager[Sequence[Talk]]:
    raise Unavailable(f"prosody is here for idle clients only, not for {count} that talk")


def _trusting(ca: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
