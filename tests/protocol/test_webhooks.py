"""Webhooks from the real relay to a real program on loopback."""

import asyncio
import base64
import hashlib
import hmac
import json
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from relay_server.webhooks import rules
from tests import api_client
from tests.api_client import Program
from tests.protocol.talk import on_duty, say, served
from tests.protocol.wire import WAIT_S, House, Relay, RelayProcess

FLAGS = {"webhook_loopback": "true"}
CHAT = ("chat_posted",)


@dataclass
class Receiver:
    """A running receiver: where it listens and what it has heard."""

    port: int
    log: Path

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def heard(self, path: str = "/ok") -> list[dict[str, Any]]:
        """Whole lines only."""
        if not self.log.exists():
            return []
        lines = [line for line in self.log.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]
        return [told for told in map(json.loads, lines) if told["path"] == path]

    def texts(self, path: str = "/ok") -> list[str]:
        return [json.loads(each["body"])["data"]["text"] for each in self.heard(path)]


async def until(holds: Callable[[], object]) -> None:
    """Looks again and again, for as long as any wait may take."""
    async with asyncio.timeout(WAIT_S):
        while True:
            if holds():
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[Receiver]:
    log = tmp_path / "heard.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.webhook_receiver",
        str(log),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout
    yield Receiver(int(await process.stdout.readline()), log)
    process.kill()
    await process.wait()


@pytest.fixture
async def program(house: House, capsys: pytest.CaptureFixture[str]) -> Program:
    secret = await asyncio.to_thread(api_client.make_key, house.relay, capsys)
    return Program(house.relay, house.session, secret)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first try again comes at once, for tests that want to see one."""
    monkeypatch.setattr(rules, "RETRY_FIRST_MS", 20)


async def subscribe(program: Program, url: str, kinds: tuple[str, ...] = CHAT) -> dict[str, Any]:
    told = await program.ask("POST", "/webhooks", {"name": "CRM", "url": url, "kinds": list(kinds)})
    assert told.status == 201, told
    return told.body


async def deliveries(program: Program, webhook: dict[str, Any], state: str) -> list[dict[str, Any]]:
    webhook_id = webhook["webhook"]["webhook_id"]
    return (await program.get(f"/webhooks/{webhook_id}/deliveries?state={state}"))["items"]


async def settled(program: Program, webhook: dict[str, Any], state: str, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(WAIT_S):
        while True:
            found = await deliveries(program, webhook, state)
            if len(found) >= count:
                return found
            await asyncio.sleep(0.05)


def verified(told: dict[str, Any], secret: str) -> bool:
    """The recipe of docs/api.md."""
    headers = told["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{told['body']}".encode()
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)
    wanted = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(wanted, each) for each in headers["webhook-signature"].split())


@pytest.mark.parametrize("flags", [FLAGS])
async def test_what_is_said_is_told_signed_and_in_order(house: House, program: Program, receiver: Receiver) -> None:
    customer, agent = await house.customer(), await on_duty(house)
    conversation_id = await served(house, customer, agent)
    await say(customer, conversation_id, "before")
    webhook = await subscribe(program, receiver.url("/ok"))
    words = [f"line {number}" for number in range(12)]
    for word in words:
        await say(customer, conversation_id, word)
    await until(lambda: len(receiver.heard()) == 12)
    assert receiver.texts() == words
    heard = receiver.heard()
    assert all(verified(each, webhook["secret"]) for each in heard)
    assert not verified(heard[0] | {"body": heard[0]["body"] + " "}, webhook["secret"])
    bodies = [json.loads(each["body"]) for each in heard]
    assert {each["object"] for each in bodies} == {f"c/{conversation_id}"}
    assert [each["headers"]["webhook-id"] for each in heard] == [each["id"] for each in bodies]
    done = await settled(program, webhook, "done", 12)
    assert {(each["kind"], each["attempts"][0]["status"]) for each in done} == {("chat_posted", 204)}


@pytest.mark.parametrize("flags", [FLAGS])
@pytest.mark.usefixtures("soon")
async def test_a_message_that_fails_is_told_again_and_nothing_of_its_object_before_it(
    house: House, program: Program, receiver: Receiver
) -> None:
    customer, agent = await house.customer(), await on_duty(house)
    conversation_id = await served(house, customer, agent)
    webhook = await subscribe(program, receiver.url("/fail/2"))
    await say(customer, conversation_id, "one")
    await say(customer, conversation_id, "two")
    done = await settled(program, webhook, "done", 2)
    assert receiver.texts("/fail/2") == ["one"] * 3 + ["two"] * 3
    assert [[tried["status"] for tried in each["attempts"]] for each in done] == [[500, 500, 204]] * 2
    ids = [each["headers"]["webhook-id"] for each in receiver.heard("/fail/2")]
    assert ids == [ids[0]] * 3 + [ids[3]] * 3


@pytest.mark.parametrize("flags", [FLAGS])
async def test_receivers_that_hang_lead_away_or_never_end_hold_up_nobody(
    house: House, program: Program, receiver: Receiver
) -> None:
    customer, agent = await house.customer(), await on_duty(house)
    conversation_id = await served(house, customer, agent)
    bad = [await subscribe(program, receiver.url(path)) for path in ("/hang", "/redirect", "/long")]
    good = await subscribe(program, receiver.url("/ok"))
    for number in range(8):
        await say(customer, conversation_id, f"{number}")
    await settled(program, good, "done", 8)
    assert receiver.texts() == [str(number) for number in range(8)]
    assert await deliveries(program, bad[0], "done") == []
    waiting = await settled(program, bad[1], "waiting", 8)
    assert waiting[0]["attempts"][0] | {"at_ms": 0, "took_ms": 0} == {
        "at_ms": 0,
        "status": 307,
        "took_ms": 0,
        "error": "status",
    }
    assert len(await settled(program, bad[2], "done", 1)) >= 1


@pytest.mark.parametrize("flags", [FLAGS])
async def test_a_rotated_secret_and_the_one_before_both_verify(
    house: House, program: Program, receiver: Receiver
) -> None:
    customer, agent = await house.customer(), await on_duty(house)
    conversation_id = await served(house, customer, agent)
    webhook = await subscribe(program, receiver.url("/ok"))
    path = f"/webhooks/{webhook['webhook']['webhook_id']}"
    rotated = await program.ask("POST", path + "/rotate")
    assert rotated.status == 200
    assert (await program.ask("POST", path + "/rotate")).code == "already_exists"
    await say(customer, conversation_id, "hello")
    await until(lambda: receiver.heard())
    (told,) = receiver.heard()
    assert verified(told, webhook["secret"])
    assert verified(told, rotated.body["secret"])
    stored = (house.relay.data_dir / "relay.sqlite3").read_bytes()
    assert webhook["secret"].removeprefix("whsec_").encode() not in stored


@pytest.mark.parametrize("flags", [FLAGS])
async def test_a_paused_webhook_is_told_afterwards_a_removed_one_never(
    house: House, program: Program, receiver: Receiver
) -> None:
    customer, agent = await house.customer(), await on_duty(house)
    conversation_id = await served(house, customer, agent)
    webhook = await subscribe(program, receiver.url("/ok"))
    path = f"/webhooks/{webhook['webhook']['webhook_id']}"
    assert (await program.ask("PATCH", path, {"paused": True}, If_Match="*")).body["paused"]
    await say(customer, conversation_id, "while paused")
    await settled(program, webhook, "waiting", 1)
    assert (await program.ask("PATCH", path, {"paused": False}, If_Match="*")).status == 200
    await until(lambda: receiver.texts() == ["while paused"])
    done = await settled(program, webhook, "done", 1)
    again = await program.ask("POST", f"{path}/deliveries/{done[0]['delivery_id']}/redeliver")
    assert again.body["state"] == "waiting"
    await until(lambda: receiver.texts() == ["while paused"] * 2)
    assert (await program.ask("DELETE", path)).status == 204
    assert (await program.ask("GET", path)).code == "not_found"


@pytest.mark.parametrize("flags", [FLAGS])
async def test_a_revoked_key_takes_its_webhooks_with_it(house: House, program: Program, receiver: Receiver) -> None:
    customer, agent = await house.customer(), await on_duty(house)
    conversation_id = await served(house, customer, agent)
    await subscribe(program, receiver.url("/ok"))
    assert await asyncio.to_thread(api_client.command, house.relay, "api-key", "revoke", "tests") == 0
    await say(customer, conversation_id, "hush")

    def waits() -> bool:
        db = sqlite3.connect(house.relay.data_dir / "relay.sqlite3")
        try:
            return db.execute("SELECT state, attempts FROM webhook_deliveries").fetchall() == [("ready", 0)]
        finally:
            db.close()

    await until(waits)
    assert receiver.heard() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "http://example.com/x",
        "https://127.0.0.1/x",
        "https://10.1.2.3/x",
        "https://[::1]/x",
        "https://[::ffff:169.254.169.254]/x",
        "https://user:secret@example.com/x",
        "ftp://example.com/x",
        "https:///x",
        "https://example.com/#x",
    ],
)
async def test_addresses_inside_are_refused_from_the_start(program: Program, url: str) -> None:
    told = await program.ask("POST", "/webhooks", {"name": "x", "url": url, "kinds": list(CHAT)})
    assert (told.status, told.code, told.body["params"]["fields"]) == (422, "form_invalid", "url")


async def test_a_key_subscribes_only_to_what_it_may_read(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    scopes = ("manage:webhooks", "read:conversations")
    secret = await asyncio.to_thread(api_client.make_key, house.relay, capsys, "narrow", scopes)
    narrow = Program(house.relay, house.session, secret)
    wanted = {"name": "x", "url": "https://example.com/x", "kinds": ["chat_posted", "note_added"]}
    told = await narrow.ask("POST", "/webhooks", wanted)
    assert (told.code, told.body["params"]) == ("not_allowed", {"scope": "read:notes"})
    assert (await narrow.ask("POST", "/webhooks", wanted | {"kinds": ["offer_made"]})).code == "form_invalid"
    mine = await narrow.ask("POST", "/webhooks", wanted | {"kinds": ["chat_posted"]})
    path = f"/webhooks/{mine.body['webhook']['webhook_id']}"
    assert (await narrow.ask("PATCH", path, {"kinds": ["note_added"]}, If_Match="*")).code == "not_allowed"
    other_secret = await asyncio.to_thread(api_client.make_key, house.relay, capsys, "other", ("manage:webhooks",))
    other = Program(house.relay, house.session, other_secret)
    assert (await other.ask("GET", path)).code == "not_found"
    assert (await other.get("/webhooks"))["items"] == []


async def test_a_relay_killed_between_sending_and_writing_it_down_tells_again(
    data_dir: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    process = RelayProcess(data_dir)
    (data_dir / "relay.toml").write_text("webhook_loopback = true\n", "utf-8")
    async with aiohttp.ClientSession() as session, _killed(process):
        relay = await process.start()
        house = House(relay, session)
        secret = await asyncio.to_thread(api_client.make_key, relay, capsys)
        program = Program(relay, session, secret)
        customer, agent = await house.customer(), await on_duty(house)
        conversation_id = await served(house, customer, agent)
        webhook = await subscribe(program, receiver.url("/hang-once"))
        await say(customer, conversation_id, "heard, but not written down")
        await until(lambda: receiver.heard("/hang-once"))
        await process.stop(signal.SIGKILL)
        for wire in house.wires:
            await wire.socket.close()
        _let_leases_run_out(relay)
        program.relay = await process.start()
        await until(lambda: len(receiver.heard("/hang-once")) == 2)
        first, second = receiver.heard("/hang-once")
        assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]
        assert first["body"] == second["body"]
        (done,) = await settled(program, webhook, "done", 1)
        assert [each["status"] for each in done["attempts"]] == [204]


@asynccontextmanager
async def _killed(process: RelayProcess) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await process.stop(signal.SIGKILL)


def _let_leases_run_out(relay: Relay) -> None:
    """As thirty seconds would."""
    db = sqlite3.connect(relay.data_dir / "relay.sqlite3")
    try:
        assert db.execute("UPDATE webhook_deliveries SET lease_ms = 1 WHERE lease_ms > 0").rowcount == 1
        db.commit()
    finally:
        db.close()
