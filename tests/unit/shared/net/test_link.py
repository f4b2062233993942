"""The link against a scripted relay on loopback TLS: each test reads as a conversation."""

import asyncio
import base64
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID

from shared.common.errors import ConfigError, LinkLost
from shared.net import link as l
from shared.net.backoff import asked_wait_s
from shared.net.endpoint import Endpoint
from shared.net.outbox import Outbox
from shared.net.signin import AgentCredentials, DeviceCredentials
from shared.protocol import codec, frames
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import organisation as o
from shared.protocol.types import PersonRef

MAYA = PersonRef(id="maya", name="Maya", kind="customer")
SIGNED_IN = i.CustomerSignedIn(customer=MAYA, access_token="a" * 32, expires_ms=2**40)
WELCOME = i.Welcome(protocol=1, relay_version="t", organisation=i.OrganisationView(name="Test"), server_ms=1)
HOME = o.Home(requests=(), groups=(), forms=(), status=())
STREAM = c.public_stream("k1")
decode_command = msgspec.json.Decoder(frames.CustomerCommand).decode


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "scripted relay")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


class Peer:
    """The relay's end of one connection, spoken by a script."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket

    async def hears(self) -> frames.FromCustomer:
        message = await self.socket.receive(10)
        if message.type is not WSMsgType.TEXT:
            raise ConnectionResetError
        return codec.decode_from_customer(message.data)

    async def hears_opening(self) -> frames.FromOpening:
        return codec.decode_opening((await self.socket.receive(10)).data)

    async def says(self, frame: frames.ToCustomer) -> None:
        await self.socket.send_str(codec.encode_to_customer(frame).decode())

    async def lets_in(self) -> None:
        hello = await self.hears_opening()
        assert isinstance(hello.body, i.Hello)
        await self.says(frames.Reply(id=hello.id, body=WELCOME))
        asked = await self.hears_opening()
        assert isinstance(asked.body, i.AskChallenge)
        nonce = bytes(range(32))
        await self.says(frames.Reply(id=asked.id, body=i.Challenge(nonce=base64.b64encode(nonce).decode())))
        proof = await self.hears_opening()
        assert isinstance(proof.body, i.ProveDevice)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(proof.body.device_key))
        key.verify(base64.b64decode(proof.body.signature), i.CHALLENGE_PREFIX + nonce)
        await self.says(frames.Reply(id=proof.id, body=SIGNED_IN))


Script = Callable[[Peer], Awaitable[None]]


@asynccontextmanager
async def relay(certificate: tuple[Path, Path], *scripts: Script) -> AsyncIterator[Endpoint]:
    """Runs one script for each connection; later connections find the door shut."""
    waiting = list(scripts)
    failures: list[BaseException] = []

    async def serve(request: web.Request) -> web.WebSocketResponse:
        if not waiting:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        try:
            with suppress(ConnectionResetError):
                await waiting.pop(0)(Peer(socket))
        except AssertionError as error:
            failures.append(error)
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/ws", serve)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield Endpoint(f"wss://127.0.0.1:{port}/ws", certificate[0])
    finally:
        await runner.cleanup()
    assert not failures


class Program:
    """A customer's program without windows: the link and what it was told."""

    def __init__(self, endpoint: Endpoint, outbox: Outbox[frames.CustomerCommand] | None = None) -> None:
        self.states: list[l.LinkState] = []
        self.pushes: list[object] = []
        self.events: list[tuple[int, object]] = []
        self.outcomes: list[tuple[str, object]] = []
        self.changed = asyncio.Event()
        self.outbox = outbox or Outbox(None, decode_command)
        listener = l.Listener(
            on_state=lambda state: self._note(self.states, state),
            on_welcome=lambda _: None,
            on_signed_in=lambda _: None,
            on_push=lambda push: self._note(self.pushes, push),
            on_event=lambda record, event: self._note(self.events, (record.seq, event)),
            on_outcome=lambda key, answer: self._note(self.outcomes, (key, answer)),
        )
        credentials = DeviceCredentials(Ed25519PrivateKey.generate(), name="Maya")
        self.link = l.Link(endpoint, l.CUSTOMER, credentials, self.outbox, listener)

    def _note(self, where: list[object], what: object) -> None:
        where.append(what)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not condition():
                self.changed.clear()
                if self.link.state.phase == "waiting":
                    self.link.try_now()
                await self.changed.wait()

    @property
    def phase(self) -> str:
        return self.link.state.phase


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[Program]:
    task = asyncio.create_task(program.link.run())
    try:
        yield program
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        program.outbox.close()


def line(seq: int) -> frames.PublicEvent:
    return frames.PublicEvent(record=record(seq))


def record(seq: int) -> c.EventRecord:
    event = c.ChatPosted(client_id=f"m{seq}", author=MAYA, text=f"line {seq}")
    return c.EventRecord(
        stream=STREAM, seq=seq, order=seq, at_ms=seq, kind="chat_posted", body=codec.encode_event(event)
    )


async def stays(peer: Peer) -> None:
    with suppress(ConnectionResetError):
        while True:
            await peer.hears()


async def answers_home(peer: Peer) -> None:
    await peer.lets_in()
    asked = await peer.hears()
    assert asked.body == o.GetHome()
    await peer.says(frames.Reply(id=asked.id, body=HOME))
    again = await peer.hears()
    await peer.says(frames.Refused(id=again.id, code="rate_limited"))
    await stays(peer)


async def tells_what_cannot_be_read(peer: Peer) -> None:
    await peer.lets_in()
    asked = await peer.hears()
    broken = msgspec.structs.replace(record(2), body='{"text": 7}')
    page = c.StreamPage(stream=STREAM, events=(record(1), broken, record(3)), head=3)
    await peer.says(frames.Reply(id=asked.id, body=page))
    await stays(peer)


async def test_an_event_that_cannot_be_read_is_told_and_its_stream_goes_on(certificate: tuple[Path, Path]) -> None:
    async with relay(certificate, tells_what_cannot_be_read) as endpoint, running(Program(endpoint)) as program:
        program.link.follow(STREAM)
        await program.until(lambda: len(program.events) == 3)
        assert [seq for seq, _ in program.events] == [1, 2, 3]
        assert isinstance(program.events[1][1], codec.UnknownEvent)
        assert program.phase == "ready"


async def test_a_question_is_answered_or_refused(certificate: tuple[Path, Path]) -> None:
    async with relay(certificate, answers_home) as endpoint, running(Program(endpoint)) as program:
        await program.until(lambda: program.phase == "ready")
        assert await program.link.ask(o.GetHome(), o.Home) == HOME
        refused = await program.link.ask(o.GetHome(), o.Home)
        assert isinstance(refused, frames.Refused)
        assert refused.code == "rate_limited"


async def asks_for_patience(peer: Peer) -> None:
    await peer.lets_in()
    for seconds in ("1", "soon", "-1", "1" * 20):
        asked = await peer.hears()
        await peer.says(frames.Refused(id=asked.id, code="rate_limited", params={"retry_s": seconds}))
    await stays(peer)


async def test_a_question_that_came_too_fast_is_asked_again_when_the_relay_says(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async with relay(certificate, asks_for_patience) as endpoint, running(Program(endpoint)) as program:
        await program.until(lambda: program.phase == "ready")
        monkeypatch.setattr(l.asyncio, "sleep", sleep)
        for _ in range(3):  # what is no number, negative or longer than the question's own time is not waited for
            assert isinstance(await program.link.ask(o.GetHome(), o.Home), frames.Refused)
        assert waits == [1.0]


async def refuses_to_follow_once(peer: Peer) -> None:
    await peer.lets_in()
    asked = await peer.hears()
    await peer.says(frames.Refused(id=asked.id, code="rate_limited"))
    asked = await peer.hears()
    assert asked.body == c.Follow(stream=STREAM, after=0)
    await peer.says(frames.Reply(id=asked.id, body=c.StreamPage(stream=STREAM, events=(record(1),), head=1)))
    await stays(peer)


async def test_a_stream_that_was_followed_too_fast_is_followed_all_the_same(certificate: tuple[Path, Path]) -> None:
    async with relay(certificate, refuses_to_follow_once) as endpoint, running(Program(endpoint)) as program:
        await program.until(lambda: program.phase == "ready")
        program.link.follow(STREAM)
        await program.until(lambda: len(program.events) == 1)


@pytest.mark.parametrize(
    ("said", "waits_s"), [("7", 7.0), ("nan", 0.0), ("1e9", 0.0), ("٣", 0.0), ("999999999", 300.0)]
)
def test_only_a_plain_number_of_seconds_is_waited_for(said: str, waits_s: float) -> None:
    assert asked_wait_s(frames.Refused(code="busy", params={"retry_s": said})) == waits_s


async def hangs_up(peer: Peer) -> None:
    await peer.lets_in()
    await peer.hears()


async def test_a_connection_that_ends_fails_its_questions_and_comes_back(certificate: tuple[Path, Path]) -> None:
    async with relay(certificate, hangs_up, answers_home) as endpoint, running(Program(endpoint)) as program:
        await program.until(lambda: program.phase == "ready")
        with pytest.raises(LinkLost):
            await program.link.ask(o.GetHome(), o.Home)
        await program.until(lambda: [s.phase for s in program.states].count("ready") == 2)
        assert await program.link.ask(o.GetHome(), o.Home) == HOME


async def streams_then_drops(peer: Peer) -> None:
    await peer.lets_in()
    asked = await peer.hears()
    assert asked.body == c.Follow(stream=STREAM, after=0)
    await peer.says(frames.Reply(id=asked.id, body=c.StreamPage(stream=STREAM, events=(record(1),), head=2, more=True)))
    asked = await peer.hears()
    assert asked.body == c.Follow(stream=STREAM, after=1)
    await peer.says(frames.Reply(id=asked.id, body=c.StreamPage(stream=STREAM, events=(record(2),), head=2)))
    await peer.says(line(2))
    await peer.says(line(3))


async def resumes_with_a_gap(peer: Peer) -> None:
    await peer.lets_in()
    asked = await peer.hears()
    assert asked.body == c.Follow(stream=STREAM, after=3)
    await peer.says(frames.Reply(id=asked.id, body=c.StreamPage(stream=STREAM, events=(record(4),), head=4)))
    await peer.says(line(6))
    asked = await peer.hears()
    assert asked.body == c.Follow(stream=STREAM, after=4)
    page = c.StreamPage(stream=STREAM, events=(record(5), record(6)), head=6)
    await peer.says(frames.Reply(id=asked.id, body=page))
    await peer.says(frames.Ping(heads={STREAM: 7}))
    heard = [await peer.hears(), await peer.hears()]
    assert sorted(type(one.body).__name__ for one in heard) == ["Follow", "Pong"]
    follow = next(one for one in heard if isinstance(one.body, c.Follow))
    await peer.says(frames.Reply(id=follow.id, body=c.StreamPage(stream=STREAM, events=(record(7),), head=7)))
    await stays(peer)


async def test_a_followed_stream_arrives_in_order_and_once_over_drops_and_gaps(
    certificate: tuple[Path, Path],
) -> None:
    scripts = (streams_then_drops, resumes_with_a_gap)
    async with relay(certificate, *scripts) as endpoint, running(Program(endpoint)) as program:
        program.link.follow(STREAM)
        await program.until(lambda: len(program.events) >= 7)
        assert [seq for seq, _ in program.events] == [1, 2, 3, 4, 5, 6, 7]


CHAT = c.SendChat(conversation_id="k1", client_id="m1", text="Should I restart now?")


async def takes_and_dies(peer: Peer) -> None:
    await peer.lets_in()
    assert (await peer.hears()).body == CHAT


async def says_busy_then_takes(peer: Peer) -> None:
    await peer.lets_in()
    asked = await peer.hears()
    assert asked.body == CHAT
    await peer.says(frames.Refused(id=asked.id, code="busy"))
    asked = await peer.hears()
    assert asked.body == CHAT
    await peer.says(frames.Reply(id=asked.id, body=c.ChatAccepted(client_id="m1", seq=9, at_ms=9)))
    await stays(peer)


async def test_what_was_posted_is_sent_until_it_is_answered(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    box = Outbox(tmp_path / "outbox.sqlite", decode_command)
    scripts = (takes_and_dies, says_busy_then_takes)
    async with relay(certificate, *scripts) as endpoint, running(Program(endpoint, box)) as program:
        program.link.post("m1", CHAT)
        await program.until(lambda: bool(program.outcomes))
        assert program.outcomes == [("m1", c.ChatAccepted(client_id="m1", seq=9, at_ms=9))]
        assert box.pending() == []


async def is_too_new(peer: Peer) -> None:
    hello = await peer.hears_opening()
    await peer.says(frames.Refused(id=hello.id, code="protocol_too_old"))


async def test_a_refusal_that_no_repetition_cures_waits_for_the_person(certificate: tuple[Path, Path]) -> None:
    async with relay(certificate, is_too_new, answers_home) as endpoint, running(Program(endpoint)) as program:
        await program.until(lambda: program.phase == "refused")
        assert program.link.state.refusal == frames.Refused(id=1, code="protocol_too_old")
        program.link.try_now()
        await program.until(lambda: program.phase == "ready")


async def test_a_relay_that_another_authority_vouches_for_is_never_spoken_to(
    certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    heard: list[bool] = []

    async def script(peer: Peer) -> None:
        heard.append(True)
        await peer.lets_in()

    async with relay(certificate, script) as endpoint, running(Program(Endpoint(endpoint.url))) as program:
        await program.until(lambda: program.link.state.attempt >= 2)
        assert heard == []
        assert "ready" not in {state.phase for state in program.states}


@pytest.mark.parametrize("url", ["ws://127.0.0.1/ws", "http://x", "wss:///ws", ""])
def test_nothing_but_tls_is_an_endpoint(url: str) -> None:
    with pytest.raises(ConfigError):
        Endpoint(url)


def test_a_missing_authority_file_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        Endpoint("wss://127.0.0.1/ws", tmp_path / "ca.pem").tls()


async def babbles(peer: Peer) -> None:
    await peer.lets_in()
    await peer.socket.send_str('{"f":"push","body":{"now":"sky_falling"}}')
    await stays(peer)


async def test_a_relay_that_babbles_costs_only_its_connection(certificate: tuple[Path, Path]) -> None:
    async with relay(certificate, babbles, answers_home) as endpoint, running(Program(endpoint)) as program:
        await program.until(lambda: [s.phase for s in program.states].count("ready") == 2)


class TestAgentCredentials:
    """Access token, refresh token, password: in that order, and every new pair is kept before it is used."""

    def setup_method(self) -> None:
        self.kept: list[i.TokenPair | None] = []
        self.said: list[str] = []

    async def ask(self, answers: list[object], command: i.Opening) -> object:
        self.said.append(type(command).__name__)
        return answers.pop(0)

    def answer(self, tokens: i.TokenPair | None) -> i.AgentSignedIn:
        person = PersonRef(id="ana", name="Ana", kind="agent", tier=1)
        profile = i.AgentProfile(person=person, username="ana", group_ids=(), tier=1, branch="x")
        return i.AgentSignedIn(agent=profile, tokens=tokens)

    async def test_a_password_is_used_once_and_forgotten(self) -> None:
        pair = i.TokenPair(access_token="a" * 32, refresh_token="r" * 32, expires_ms=1)
        credentials = AgentCredentials(self.kept.append, username="ana", password="secret")
        answers: list[object] = [self.answer(pair), self.answer(None)]
        await credentials.sign_in(lambda command: self.ask(answers, command))
        await credentials.sign_in(lambda command: self.ask(answers, command))
        assert self.said == ["SignInWithPassword", "SignInWithToken"]
        assert self.kept == [pair]

    async def test_revoked_tokens_are_forgotten_and_said(self) -> None:
        credentials = AgentCredentials(self.kept.append, refresh_token="r" * 32)
        answers: list[object] = [frames.Refused(code="token_revoked")]
        answer = await credentials.sign_in(lambda command: self.ask(answers, command))
        assert answer == frames.Refused(code="token_revoked")
        assert self.kept == [None]
