"""Signing in through the browser: a real provider in a process of its own, the real relay, the agent app's own way."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest

from relay_server.app import Adapters
from relay_server.commands import agent_accounts
from relay_server.engine.bus_choice import open_bus
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.store_choice import open_store
from relay_server.settings import load
from shared.net.browser_return import PATH, Words, browser_return
from shared.net.doorstep import greet
from shared.net.endpoint import Endpoint
from shared.net.single_sign_on import through_browser
from shared.protocol.frames import Refused
from shared.protocol.messages.identity import AgentSignedIn, Welcome
from tests.nats import free_port
from tests.protocol.wire import WAIT_S, Relay

WORDS = Words("you may close this", "you were not signed in")


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    """The provider, once it answers."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet, env={**os.environ})
    try:
        async with asyncio.timeout(WAIT_S):
            while not await _answers(port):
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
        return True
    return False


@pytest.fixture
def flags(issuer: str) -> dict[str, str]:
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": "threeline",
        "oidc_client_secret": "s3cret",
        "oidc_name": "Acme",
    }


class Person:
    """Sits at the browser; remembers what it shows at the end."""

    def __init__(self, **form: str) -> None:
        self._form = form
        self.tasks: list[asyncio.Task[str]] = []

    def open(self, url: str) -> None:
        """What the system's browser does."""
        self.tasks.append(asyncio.create_task(self._go(url)))

    async def _go(self, url: str) -> str:
        async with aiohttp.ClientSession() as session, session.post(url, data=self._form) as answer:
            return await answer.text()


def endpoint(relay: Relay) -> Endpoint:
    return Endpoint(relay.url("/ws", "wss"), relay.data_dir / "tls" / "ca.pem")


async def link(relay: Relay, issuer: str, username: str, subject: str) -> None:
    settings = load(relay.data_dir, {}, {"oidc_issuer": issuer}).settings
    adapters = Adapters(bus=LocalBus(), open_bus=open_bus, open_store=open_store)
    await agent_accounts.link(settings, adapters, username, subject, "")


async def test_an_agent_comes_in_through_the_browser(relay: Relay, issuer: str) -> None:
    await link(relay, issuer, "lin", "lin-7")
    welcome = await greet(endpoint(relay))
    assert isinstance(welcome, Welcome)
    assert welcome.single_sign_on == "Acme"
    person = Person(sub="lin-7")
    answer = await through_browser(endpoint(relay), person.open, WORDS, device="desk")
    assert isinstance(answer, AgentSignedIn), answer
    assert answer.agent.username == "lin"
    assert answer.tokens is not None
    assert WORDS.done in await person.tasks[0]


async def test_who_is_not_linked_does_not(relay: Relay) -> None:
    person = Person(sub="somebody")
    answer = await through_browser(endpoint(relay), person.open, WORDS, device="desk")
    assert answer == Refused(code="single_sign_on_stranger", id=2)
    await person.tasks[0]


async def test_a_no_at_the_provider_ends_the_wait() -> None:
    async with browser_return(WORDS) as back, aiohttp.ClientSession() as session:
        waiting = asyncio.create_task(back.code("right"))
        await asyncio.sleep(0)
        url = f"http://127.0.0.1:{back.port}{PATH}?error=access_denied&state=right"
        async with session.get(url) as answer:
            assert WORDS.refused in await answer.text()
        assert await waiting is None


async def test_only_the_expected_state_is_an_answer() -> None:
    async with browser_return(WORDS) as back, aiohttp.ClientSession() as session:
        base = f"http://127.0.0.1:{back.port}"
        waiting = asyncio.create_task(back.code("right"))
        for path, status in (
            ("/", 404),
            ("/favicon.ico", 404),
            (f"{PATH}?code=evil&state=wrong", 400),
            (f"{PATH}?code=evil", 400),
        ):
            async with session.get(base + path) as answer:
                assert answer.status == status
        async with session.get(f"{base}{PATH}?code=x&state=right", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 404, "a name that was bound to this address is not this address"
        async with session.post(f"{base}{PATH}?code=x&state=right") as answer:
            assert answer.status == 404
        assert not waiting.done()
        async with session.get(f"{base}{PATH}?code=good&state=right") as answer:
            assert answer.status == 200
            assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert await waiting == "good"
        async with session.get(f"{base}{PATH}?code=late&state=right") as answer:
            assert answer.status == 400
