"""Two real session processes in homes that see only a public place with a real coturn: no direct path exists."""

import asyncio
import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from relay_server.gateway import certificates
from relay_server.remote import turn
from shared.common.clock import now_ms
from shared.control import input as i
from shared.protocol.messages.remote import IceServer
from shared.protocol.types import Capability, Grant
from shared.rules.sharing import SharedMonitors
from shared.session import channel as m
from shared.session.spawn import SessionProcess, start_agent_session, start_customer_session
from tests.media.town import PUBLIC, Town, town
from tests.xscreen import Painter, screen

PROGRAM = Path(__file__).with_name("inside.py")
AGENT, SECRET = "lin", "a secret of this test"
NEXT_SECRET = "the-one-that-takes-over"
PORT, TLS_PORT = 3478, 5349
WAYS = ("turn:{}:3478?transport=udp", "turn:{}:3478?transport=tcp", "turns:{}:5349?transport=tcp")
R = TypeVar("R")


@pytest.fixture(scope="module")
def place() -> Iterator[Town]:
    with town() as made:
        yield made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.make(tmp_path_factory.mktemp("tls"), PUBLIC, dt.datetime.now(dt.UTC))


@pytest.fixture(scope="module")
def coturn(place: Town, authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """As `threeline-relay turn-config` sets it up."""
    folder = tmp_path_factory.mktemp("coturn")
    file = folder / "turnserver.conf"
    words = turn.coturn_configuration(
        secrets=[SECRET, NEXT_SECRET],
        realm="test",
        addresses=PUBLIC,
        certificate=str(authority.with_name("server.pem")),
        key=str(authority.with_name("server.key")),
    )
    file.write_text(words + f"pidfile={folder}/pid\nuserdb={folder}/users\nlog-file=stdout\nsimple-log\n")
    log = (folder / "log").open("w")
    command = [*place.public.enter(), "turnserver", "-c", str(file)]
    with log, subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL) as server:
        try:
            _wait_listening(place, server)
            yield
        finally:
            server.terminate()
            server.wait(10)


def _wait_listening(place: Town, server: subprocess.Popen[bytes]) -> None:
    probe = [*place.customer.enter(), "python3", "-c"]
    script = f"import socket; socket.create_connection(('{PUBLIC[0]}', {TLS_PORT}), 1).close()"
    until = time.monotonic() + 15
    while subprocess.run([*probe, script], check=False, stderr=subprocess.DEVNULL, timeout=10).returncode:
        assert server.poll() is None, "coturn ended"
        assert time.monotonic() < until, "coturn does not listen"


@dataclass
class Side:
    said: list[Any] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    also: Callable[[Any], None] = lambda _: None

    def report(self, report: Any) -> None:
        self.said.append(report)
        self.also(report)
        self.heard.set()

    def of(self, kind: type[R]) -> list[R]:
        return [one for one in self.said if isinstance(one, kind)]

    async def until(self, true: Callable[[], object], what: str, timeout_s: float = 30) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while not true():
                    self.heard.clear()
                    await self.heard.wait()
        except TimeoutError:
            kinds = [one for one in self.said if not isinstance(one, m.SignalOut | m.FrameShown)]
            raise AssertionError(f"waited in vain for {what}; said {kinds[-12:]}") from None


@dataclass
class Pair:
    """`servers(address)`: what the relay would name for each side's own way to the public place."""

    customer: SessionProcess[m.CustomerOrder, m.CustomerReport]
    agent: SessionProcess[m.AgentOrder, m.AgentReport]
    here: Side
    there: Side
    painter: Painter
    ways: tuple[str, ...] = WAYS
    home: str = PUBLIC[0]

    def servers(self, address: str) -> tuple[IceServer, ...]:
        helpers = turn.Helpers(tuple(way.format(address) for way in self.ways), SECRET, 600)
        return helpers.servers("someone", now_ms())

    def connect(self) -> None:
        self.customer.send(m.AddViewer(agent_id=AGENT, ice_servers=self.servers(self.home)))

    async def share(self, *capabilities: Capability) -> None:
        self.customer.send(m.FindSources())
        await self.here.until(lambda: self.here.of(m.SourcesFound), "monitors")
        monitor = self.here.of(m.SourcesFound)[0].monitors[0]
        self.customer.send(m.StartSharing(session_id="s1", share=SharedMonitors((monitor.id,))))
        await self.here.until(lambda: any(one.state == "ready" for one in self.here.of(m.SharingChanged)), "ready")
        until_ms = now_ms() + 300_000
        grants = tuple(Grant(capability=one, agent_id=AGENT, until_ms=until_ms) for one in capabilities)
        self.customer.send(m.GiveGrants(grants=grants))
        self.agent.send(m.StartViewing(session_id="s1"))
        self.connect()
        await self.there.until(lambda: self.there.of(m.FrameShown), "a picture")
        await self.there.until(lambda: self.standing() == set(capabilities), "the customer's word")

    def standing(self) -> set[str]:
        told = self.there.of(m.StandingChanged)
        return set(told[-1].capabilities) if told else set()

    def viewer_states(self) -> list[str]:
        return [one.state for one in self.here.of(m.ViewerChanged)]

    async def until_seen(self, colour: int) -> None:
        """A change of the screen reaches the agent."""
        count = len(self.there.of(m.FrameShown))
        self.painter.fill(colour)
        await self.there.until(lambda: len(self.there.of(m.FrameShown)) > count, "the change")

    async def until_control_lands(self) -> None:
        def landed() -> int:
            return max((used.count for used in self.here.of(m.Used) if used.capability == "control"), default=0)

        before = landed()
        self.agent.send(m.SendInput(inputs=(i.PointerMove(20, 20, 640, 400),)))
        await self.here.until(lambda: landed() > before, "input that lands")


@pytest.fixture
async def pair(place: Town, authority: Path, coturn: None) -> AsyncIterator[Pair]:
    del coturn
    here, there = Side(), Side()
    with screen() as (display, _):
        environment = {**os.environ, "DISPLAY": display, "THREELINE_LOG": "WARNING"}
        environment.pop("WAYLAND_DISPLAY", None)
        painter = Painter(display)

        def env(pid: int) -> dict[str, str]:
            return {**environment, "TEST_NETWORK_OF": str(pid)}

        async with asyncio.TaskGroup() as tasks:
            customer = await start_customer_session(
                tasks,
                on_report=here.report,
                on_ended=lambda _: None,
                program=PROGRAM,
                env=env(place.customer.pid),
                ca_file=authority,
            )
            agent = await start_agent_session(
                tasks,
                on_report=there.report,
                on_ended=lambda _: None,
                program=PROGRAM,
                env=env(place.agent.pid),
                ca_file=authority,
            )
            made = Pair(customer, agent, here, there, painter)
            here.also = lambda said: _to_agent(made, said)
            there.also = lambda said: _to_customer(made, said)
            yield made
            await agent.close()
            await customer.close()
        painter.close()


def _to_agent(pair: Pair, said: Any) -> None:
    """What window and relay do: signals are carried, a lost viewer is offered a further connection."""
    if isinstance(said, m.SignalOut):
        pair.agent.send(
            m.SignalIn(
                signal=said.signal, ice_servers=pair.servers(PUBLIC[1]), fingerprint=said.fingerprint, tag=said.tag
            )
        )
    elif isinstance(said, m.ViewerChanged) and said.state == "lost":
        pair.connect()


def _to_customer(pair: Pair, said: Any) -> None:
    if not isinstance(said, m.SignalOut):
        return
    if said.signal.kind == "again":
        pair.connect()
    else:
        pair.customer.send(m.SignalIn(agent_id=AGENT, signal=said.signal, fingerprint=said.fingerprint))


def test_there_is_no_direct_path(place: Town) -> None:
    script = "import socket; socket.create_connection(('10.99.2.2', 9), 0.5)"
    run = subprocess.run(
        [*place.customer.enter(), "python3", "-c", script], check=False, capture_output=True, text=True, timeout=10
    )
    assert "unreachable" in run.stderr


STRANGER = """
import asyncio, sys
from aioice import stun, turn
async def main():
    transport, _ = await turn.create_turn_endpoint(asyncio.DatagramProtocol, (sys.argv[1], 3478), *sys.argv[3:5])
    inner = transport._TurnTransport__inner_protocol
    try:
        await inner.channel_bind(0x4000, (sys.argv[2], 9))
        print("bound")
    except stun.TransactionFailed as failed:
        print(failed.response.error_code)
asyncio.run(main())
"""


@pytest.mark.parametrize(("peer", "answer"), [("10.99.2.2", "403"), ("127.0.0.1", "403"), (PUBLIC[1], "bound")])
def test_the_shipped_configuration_reaches_nobody_inside(place: Town, coturn: None, peer: str, answer: str) -> None:
    """Somebody with good credentials cannot use coturn to look into the networks around it."""
    del coturn
    (server,) = turn.Helpers((WAYS[0].format(PUBLIC[0]),), SECRET, 60).servers("someone", now_ms())
    words = [STRANGER, PUBLIC[0], peer, server.username, server.credential]
    command = [*place.customer.enter(), sys.executable, "-c", *words]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
    assert run.stdout.strip() == answer


@pytest.mark.parametrize("secret", [SECRET, NEXT_SECRET])
def test_while_one_secret_takes_over_from_another_credentials_of_both_are_good(
    place: Town, coturn: None, secret: str
) -> None:
    del coturn
    (server,) = turn.Helpers((WAYS[0].format(PUBLIC[0]),), secret, 60).servers("someone", now_ms())
    words = [STRANGER, PUBLIC[0], PUBLIC[1], server.username, server.credential]
    command = [*place.customer.enter(), sys.executable, "-c", *words]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
    assert run.stdout.strip() == "bound"


@pytest.mark.parametrize("way", WAYS, ids=["udp", "tcp", "tls"])
async def test_a_screen_is_seen_and_controlled_through_turn(pair: Pair, way: str) -> None:
    pair.ways = (way,)
    await pair.share("view", "control")
    await pair.until_seen(0x20C020)
    await pair.until_control_lands()


async def test_a_drop_resumes_by_itself_with_the_same_grants(pair: Pair, place: Town) -> None:
    await pair.share("view", "control")
    place.cut("two")
    try:
        await pair.here.until(lambda: "lost" in pair.viewer_states(), "the customer to notice")
        await pair.there.until(lambda: m.ViewingChanged(state="lost") in pair.there.said, "the agent to notice")
    finally:
        place.mend("two")
    await pair.there.until(lambda: pair.there.of(m.ViewingChanged)[-1].state == "playing", "the picture again")
    await pair.until_seen(0x2020C0)
    await pair.until_control_lands()
    assert not pair.here.of(m.GrantOver)


async def test_another_path_takes_over_when_the_first_is_gone(pair: Pair, place: Town) -> None:
    await pair.share("view", "control")
    pair.home = PUBLIC[2]
    place.cut("one")
    try:
        await pair.here.until(lambda: "lost" in pair.viewer_states(), "the customer to notice")
        await pair.here.until(lambda: pair.viewer_states()[-1] == "connected", "another path")
        await pair.until_seen(0xC02020)
        await pair.until_control_lands()
        assert pair.standing() == {"view", "control"}
    finally:
        place.mend("one")
