"""Certificates and secrets are exchanged under a relay that serves: nobody is dropped, nothing is refused meanwhile."""

import asyncio
import base64
import datetime as dt
import hashlib
import hmac
import json
import shutil
import signal
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509

from relay_server.__main__ import main
from relay_server.app import Adapters, serve
from relay_server.engine.bus_choice import open_bus
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.store_choice import open_store
from relay_server.gateway import authority, certificates
from relay_server.gateway.rereading import Rereading
from relay_server.settings import Settings, load
from shared.strings import text as words
from tests.protocol.raw import connected
from tests.protocol.talk import on_duty, served
from tests.protocol.wire import House, Relay, RelayProcess, Wire, in_process, new_id

NOW = dt.datetime.now(dt.UTC)


@asynccontextmanager
async def quick(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[House, asyncio.Event]]:
    """A relay that looks at its files every few milliseconds, and what tells it to read them at once."""
    monkeypatch.setattr("relay_server.app.Rereading", partial(Rereading, every_s=0.02))
    settings: Settings = load(data_dir, {}, {"port": "0", "drain_s": "1"}).settings
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop, reread = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(
        serve(settings, Adapters(LocalBus(), open_bus, open_store), ready.set_result, stop, reread)
    )
    async with aiohttp.ClientSession() as session:
        house = House(Relay(await ready, data_dir), session)
        try:
            yield house, reread
        finally:
            for wire in house.wires:
                await wire.socket.close()
            stop.set()
            await running


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Asks again until the answer is yes."""
    async with asyncio.timeout(10):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.02)


async def serial(relay: Relay) -> int:
    """Of the certificate that a new connection is shown; it is verified on the way."""
    raw = await connected(relay)
    shown = raw.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    raw.close()
    return x509.load_der_x509_certificate(shown).serial_number


async def until_shown(relay: Relay, wanted: int) -> None:
    async def shown() -> bool:
        return await serial(relay) == wanted

    await until(shown)


async def well(wire: Wire) -> bool:
    return (await wire.ask({"do": "get_home"}))["is"] == "home"


def renewed(data_dir: Path, *more: str) -> int:
    """Renews by the command; the new serial."""
    assert main(["--dir", str(data_dir), "certificate", "renew", *more]) == 0
    return x509.load_pem_x509_certificate((data_dir / "tls" / "server.pem").read_bytes()).serial_number


@pytest.mark.parametrize("more", [(), ("--new-key",)])
async def test_a_renewed_certificate_is_shown_to_newcomers_and_nobody_is_dropped(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    async with quick(data_dir, monkeypatch) as (house, _):
        first, wire = await serial(house.relay), await house.customer()
        fresh = await asyncio.to_thread(renewed, data_dir, *more)
        assert fresh != first
        await until_shown(house.relay, fresh)
        assert await well(wire)
        assert await well(await house.customer())


@pytest.mark.parametrize("what", ["garbage", "cut", "another key", "ended", "nothing"])
async def test_a_certificate_that_cannot_be_used_is_named_and_the_old_one_stays(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    async with quick(data_dir, monkeypatch) as (house, _):
        first, wire = await serial(house.relay), await house.customer()
        spoil(data_dir / "tls", what)

        async def named() -> bool:
            return "what was before stays" in caplog.text

        await until(named)
        assert await serial(house.relay) == first
        assert await well(wire)
        fresh = await asyncio.to_thread(renewed, data_dir, "--host", "127.0.0.1", "--new-key")
        await until_shown(house.relay, fresh)
        assert await well(wire)


def spoil(tls: Path, what: str) -> None:
    pem = tls / "server.pem"
    match what:
        case "garbage":
            pem.write_bytes(b"\0" * 100)
            shutil.copy(tls / "ca.pem", pem)
        case "cut":
            pem.write_bytes(pem.read_bytes()[:100])
            shutil.copy(tls / "ca.pem", pem)
        case "another key":
            other = certificates.make(tls / "other", ["127.0.0.1"], NOW).parent
            shutil.copy(other / "server.key", tls / "server.key")
        case "ended":
            old = authority.Renewal(tls, tls / "ca.key", (), days=1)
            authority.renew(old, NOW - dt.timedelta(days=5))
        case _:
            (tls / "server.key").unlink()
            shutil.copy(tls / "ca.key", tls / "server.key")


async def test_told_by_signal_the_program_reads_again(data_dir: Path) -> None:
    program = RelayProcess(data_dir)
    relay = await program.start()
    try:
        async with aiohttp.ClientSession() as session:
            house = House(relay, session)
            wire = await house.customer()
            fresh = await asyncio.to_thread(renewed, data_dir)
            program.send(signal.SIGHUP)
            async with asyncio.timeout(4):  # long before it would have looked by itself twice
                await until_shown(relay, fresh)
            assert await well(wire)
            await wire.socket.close()
    finally:
        assert await program.stop() == 0


def test_the_authoritys_key_may_be_elsewhere_and_must_be_its_own(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = shutil.move(data_dir / "tls" / "ca.key", tmp_path / "ca.key")
    before = (data_dir / "tls" / "server.pem").read_bytes()
    assert main(["--dir", str(data_dir), "certificate", "renew"]) == 1
    other = certificates.make(tmp_path / "other", [], NOW).parent / "ca.key"
    assert main(["--dir", str(data_dir), "certificate", "renew", "--ca-key", str(other)]) == 1
    assert (data_dir / "tls" / "server.pem").read_bytes() == before
    assert renewed(data_dir, "--ca-key", str(away), "--host", "help.example.org") > 0
    assert "help.example.org" in capsys.readouterr().out
    assert main(["--dir", str(data_dir), "check"]) == 0


async def test_no_session_can_be_resumed_and_only_modern_ciphers_are_taken(data_dir: Path) -> None:
    async with in_process(data_dir, {"tls_minimum": "1.3"}) as relay:
        raw = await connected(relay)
        raw.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await raw.answer()) is not None
        link: ssl.SSLObject = raw.writer.get_extra_info("ssl_object")
        assert (link.version(), link.session is not None and link.session.has_ticket) == ("TLSv1.3", False)
        raw.close()
        old = relay.tls()
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", relay.port, ssl=old, server_hostname="127.0.0.1")
    async with in_process(data_dir) as relay:
        weak = relay.tls()
        weak.maximum_version = ssl.TLSVersion.TLSv1_2
        weak.set_ciphers("AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", relay.port, ssl=weak, server_hostname="127.0.0.1")


async def fetched(house: House, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with house.session.get(house.relay.url("/blobs/none"), ssl=house.relay.tls(), headers=headers) as answer:
        return answer.status


def step(data_dir: Path, *line: str) -> None:
    assert main(["--dir", str(data_dir), "secret", *line]) == 0


async def until_status(house: House, token: str, status: int) -> None:
    async def answers_so() -> bool:
        return await fetched(house, token) == status

    await until(answers_so)


async def test_pass_keys_take_over_without_a_pass_refused(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with quick(data_dir, monkeypatch) as (house, reread):
        wire = await house.customer()
        old = str(wire.signed_in["access_token"])
        for each in ("add", "use"):
            await asyncio.to_thread(step, data_dir, "pass", each)
            reread.set()
            assert await fetched(house, old) == 404

        async def was_read() -> bool:
            return not reread.is_set()

        await until(was_read)
        new = str((await house.customer()).signed_in["access_token"])
        assert [await fetched(house, each) for each in (old, new)] == [404, 404]
        await asyncio.to_thread(step, data_dir, "pass", "drop", "--now")
        reread.set()
        await until_status(house, old, 401)
        assert await fetched(house, new) == 404
        assert await well(wire)


def test_a_secret_that_is_still_needed_is_not_dropped_by_mistake(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["--dir", str(data_dir), "secret", "pass"]
    assert main([*line, "drop"]) == main([*line, "use"]) == 1
    assert main([*line, "add"]) == 0
    assert main([*line, "add"]) == main([*line, "drop"]) == 1
    assert words("relay.refused_secret_young", minutes=720) in capsys.readouterr().err
    secrets = (data_dir / "pass.key").read_text("ascii").split()
    assert main([*line, "use"]) == main([*line, "list"]) == 0
    assert (data_dir / "pass.key").read_text("ascii").split() == secrets[::-1]
    assert (data_dir / "pass.key").stat().st_mode & 0o777 == 0o600
    told = capsys.readouterr()
    assert not any(each in told.out + told.err for each in secrets)
    assert main(["--dir", str(data_dir), "check"]) == 0


async def remote_session(house: House, customer: Wire) -> str:
    """The customer shares their screen with an engineer; the session's id."""
    agent = await on_duty(house)
    about = {"conversation_id": await served(house, customer, agent), "request_id": new_id()}
    asked = await agent.ask({"do": "ask_capabilities", "capabilities": ["view"], "reason": "To see it.", **about})
    assert asked["is"] == "done", asked
    who = agent.signed_in["agent"]["person"]["id"]
    grant = {"capability": "view", "agent_id": who, "until_ms": int(time.time() * 1000) + 600_000}
    answered = await customer.ask({"do": "answer_consent", "grants": [grant], **about})
    assert answered["is"] == "done", answered
    return json.loads((await customer.until("event", "remote_started"))["record"]["body"])["session_id"]


async def test_turn_secrets_take_over_and_coturn_is_told_both(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ["--dir", str(data_dir)]
    made = [*line, "turn-config", "--address", "198.51.100.1"]
    assert main([*made, str(tmp_path / "first.conf")]) == 0
    (data_dir / "relay.toml").write_text('turn_urls = ["turn:198.51.100.1:3478"]\n', "utf-8")

    session = ""

    async def secret_in_use(wire: Wire) -> str:
        (server,) = (await wire.ask({"do": "get_ice_servers", "session_id": session}))["servers"]
        for each in (data_dir / "turn.secret").read_text("ascii").split():
            digest = hmac.new(each.encode(), server["username"].encode(), hashlib.sha1).digest()
            if base64.b64encode(digest).decode() == server["credential"]:
                return each
        raise AssertionError

    async with quick(data_dir, monkeypatch) as (house, reread):
        wire = await house.customer()
        session = await remote_session(house, wire)
        old = await secret_in_use(wire)
        await asyncio.to_thread(step, data_dir, "turn", "add")
        assert await asyncio.to_thread(main, [*made, str(tmp_path / "second.conf")]) == 0
        lines = (tmp_path / "second.conf").read_text("ascii").splitlines()
        assert sum(each.startswith("static-auth-secret=") for each in lines) == 2
        assert f"static-auth-secret={old}" in lines
        await asyncio.to_thread(step, data_dir, "turn", "use")
        reread.set()

        async def is_another() -> bool:
            return await secret_in_use(wire) != old

        await until(is_another)
