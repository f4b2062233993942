"""A program of somebody else's that knows the outside interface over real HTTP."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

from relay_server.__main__ import main
from tests.protocol.wire import Relay

ALL = (
    "read:customers",
    "write:customers",
    "read:conversations",
    "read:notes",
    "write:notes",
    "read:tickets",
    "write:tickets",
    "read:articles",
    "write:articles",
    "read:figures",
    "read:organisation",
    "read:servers",
    "manage:webhooks",
)


@dataclass
class Told:
    """An answer: its status, JSON (or text) and headers."""

    status: int
    body: Any
    headers: CIMultiDictProxy[str]

    @property
    def code(self) -> str:
        """Of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        assert self.body["status"] == self.status
        return self.body["code"]


@dataclass
class Program:
    """Asks with one key."""

    relay: Relay
    session: aiohttp.ClientSession
    secret: str
    headers: dict[str, str] = field(default_factory=dict[str, str])

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Told:
        """One request; `body` goes as JSON, or as it is when it is bytes."""
        given = {"Authorization": f"Bearer {self.secret}"} | self.headers
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        async with self.session.request(
            method, self.relay.url("/api/v1" + path), headers=given, ssl=self.relay.tls(), **sent
        ) as answer:
            raw = await answer.read()
            told = raw.decode()
            if "json" in answer.content_type and "ndjson" not in answer.content_type and raw:
                told = await answer.json(content_type=None)
            return Told(answer.status, told, answer.headers)

    async def get(self, path: str) -> Any:
        """What a GET that is carried out answers."""
        told = await self.ask("GET", path)
        assert told.status == 200, told
        return told.body


def make_key(relay: Relay, capsys: Any, name: str = "tests", scopes: Sequence[str] = ALL) -> str:
    """By the real command, while the relay serves; the secret."""
    capsys.readouterr()
    words = [word for scope in scopes for word in ("--scope", scope)]
    assert command(relay, "api-key", "create", name, *words) == 0
    return capsys.readouterr().out.split()[-1]


def command(relay: Relay, *words: str) -> int:
    """The program's own command line beside the relay that serves; logging stays as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        return main(["--dir", str(relay.data_dir), *words])
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
