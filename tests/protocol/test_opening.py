"""Before sign-in: what is not the next step is refused by name, and the link stays small."""

import asyncio
import json
import ssl
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay_server.gateway.opening import FRAMES
from relay_server.gateway.silence import Silence
from shared.net.signin import public_key64
from tests.protocol.wire import Ended, House, Relay, code, in_process

HELLO = {"do": "hello", "program": "customer", "protocol": 1, "oldest": 1, "version": "0"}


async def test_a_customer_is_the_same_one_next_time(house: House) -> None:
    key = Ed25519PrivateKey.generate()
    first, again = await house.customer(key), await house.customer(key, name="")
    assert first.signed_in["customer"]["name"] == again.signed_in["customer"]["name"] == "Mei"
    assert first.signed_in["customer"]["id"] == again.signed_in["customer"]["id"]
    other = await house.customer()
    assert other.signed_in["customer"]["id"] != first.signed_in["customer"]["id"]


async def test_an_agent_signs_in_and_comes_back_with_a_token(house: House) -> None:
    first = await house.agent("lin")
    assert first.signed_in["agent"]["tier"] == 1
    wire = await house.hello("agent")
    back = await wire.ask({"do": "sign_in_with_token", "access_token": first.signed_in["tokens"]["access_token"]})
    assert back["agent"] == first.signed_in["agent"]
    assert "tokens" not in back


async def test_the_welcome_marks_sample_data(house: House) -> None:
    wire = await house.wire()
    welcome = await wire.ask(HELLO)
    assert welcome["organisation"]["sample"] is True
    assert welcome["protocol"] == 1


@pytest.mark.parametrize(
    ("protocol", "oldest", "expected"), [(0, 0, "protocol_too_old"), (9, 9, "protocol_too_new"), (9, 1, "welcome")]
)
async def test_versions(house: House, protocol: int, oldest: int, expected: str) -> None:
    wire = await house.wire()
    answer = await wire.ask(HELLO | {"protocol": protocol, "oldest": oldest})
    assert answer.get("code", answer.get("is")) == expected
    if expected != "welcome":
        assert await wire.ended() == 1008


@pytest.mark.parametrize(
    "command",
    [
        {"do": "sign_in_with_password", "username": "lin", "password": "x"},
        {"do": "sign_in_with_token", "access_token": "x" * 43},
        {"do": "ask_challenge", "device_key": "A" * 44},
    ],
)
async def test_nothing_goes_before_hello(house: House, command: dict[str, object]) -> None:
    wire = await house.wire()
    assert code(await wire.ask(command)) == "sign_in_first"


async def test_the_other_programs_way_is_out_of_order(house: House) -> None:
    wire = await house.hello("customer")
    assert code(await wire.ask({"do": "sign_in_with_token", "access_token": "x" * 43})) == "out_of_order"
    assert code(await wire.ask(HELLO)) == "out_of_order"
    wire = await house.hello("agent")
    assert code(await wire.ask({"do": "ask_challenge", "device_key": "A" * 44})) == "out_of_order"


@pytest.mark.parametrize("command", ["get_home", "send_chat", "get_desk", "follow", "no_such_thing"])
async def test_commands_of_signed_in_links_do_not_exist_yet(house: House, command: str) -> None:
    wire = await house.hello("customer")
    assert code(await wire.ask({"do": command})) == "unknown_command"


async def test_a_challenge_is_good_once(house: House) -> None:
    key = Ed25519PrivateKey.generate()
    wire = await house.hello("customer")
    challenge = await wire.ask({"do": "ask_challenge", "device_key": public_key64(key)})
    proof = {
        "do": "prove_device",
        "device_key": public_key64(key),
        "nonce": challenge["nonce"],
        "signature": "A" * 86 + "==",
    }
    assert code(await wire.ask(proof)) == "device_key_invalid"
    assert code(await wire.ask(proof)) == "device_key_invalid"
    assert (await house.prove(wire, key))["is"] == "customer_signed_in"


async def test_a_challenge_of_another_link_is_worth_nothing(house: House) -> None:
    key = Ed25519PrivateKey.generate()
    one, two = await house.hello("customer"), await house.hello("customer")
    stolen = await one.ask({"do": "ask_challenge", "device_key": public_key64(key)})
    await two.ask({"do": "ask_challenge", "device_key": public_key64(key)})
    proof = {"do": "prove_device", "device_key": public_key64(key), "nonce": stolen["nonce"], "signature": "A" * 88}
    assert code(await two.ask(proof)) == "device_key_invalid"


async def test_wrong_passwords_are_refused_and_then_delayed(house: House) -> None:
    wire = await house.hello("agent")
    wrong = {"do": "sign_in_with_password", "username": "lin", "password": "wrong"}
    refusals = [code(await wire.ask(wrong)) for _ in range(4)]
    assert refusals == ["sign_in_failed", "sign_in_failed", "sign_in_failed", "sign_in_delayed"]


async def test_a_link_has_few_frames_for_its_sign_in(house: House) -> None:
    wire = await house.hello("agent")
    guess = {"do": "sign_in_with_token", "access_token": "x" * 43}
    for _ in range(FRAMES - 1):
        assert code(await wire.ask(guess)) == "token_revoked"
    with pytest.raises(Ended) as ended:
        await wire.ask(guess)
    assert ended.value.code == 1008


async def test_a_reused_refresh_token_ends_every_link_of_its_sign_in(house: House) -> None:
    first = await house.agent("lin")
    old = first.signed_in["tokens"]["refresh_token"]
    renewed = await first.ask({"do": "renew_tokens", "refresh_token": old})
    wire = await house.hello("agent")
    back = await wire.ask({"do": "sign_in_with_token", "access_token": renewed["tokens"]["access_token"]})
    assert back["is"] == "agent_signed_in"
    thief = await house.hello("agent")
    assert code(await thief.ask({"do": "renew_tokens", "refresh_token": old})) == "token_revoked"
    assert await first.ended() == await wire.ended() == 4001


async def test_another_ones_refresh_token_does_not_fit_a_link(house: House) -> None:
    lin, chen = await house.agent("lin"), await house.agent("chen")
    stolen = chen.signed_in["tokens"]["refresh_token"]
    assert code(await lin.ask({"do": "renew_tokens", "refresh_token": stolen})) == "not_allowed"


async def test_signing_out_ends_the_link_and_the_tokens(house: House) -> None:
    wire = await house.agent("lin")
    assert (await wire.ask({"do": "sign_out"}))["is"] == "done"
    assert await wire.ended() == 4001
    again = await house.hello("agent")
    token = wire.signed_in["tokens"]["access_token"]
    assert code(await again.ask({"do": "sign_in_with_token", "access_token": token})) == "token_revoked"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", "malformed"),
        ("{", "malformed"),
        ("[]", "malformed"),
        ('{"f":"request"}', "malformed"),
        ('{"f":"request","id":-1,"body":{"do":"hello"}}', "malformed"),
        ("[" * 5000, "malformed"),
        ("\ud7ff" * 10, "malformed"),
        (json.dumps({"f": "request", "id": 1, "body": HELLO | {"version": "x" * 8192}}), "too_large"),
        (b"binary", "malformed"),
    ],
)
async def test_bytes_that_are_no_frame_end_the_link_with_a_reason(
    house: House, raw: str | bytes, expected: str
) -> None:
    wire = await house.wire()
    await wire.send(raw)
    assert code(await wire.receive()) == expected
    assert await wire.ended() == 1008


async def test_a_frame_of_a_megabyte_ends_the_link(house: House) -> None:
    wire = await house.wire()
    await wire.send("x" * 1_000_000)
    assert await wire.ended() in (1009, 1006)


async def test_a_link_that_says_nothing_is_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relay_server.gateway.websocket.SIGN_IN_S", 0.05)
    wire = await house.wire()
    assert code(await wire.receive()) == "sign_in_first"
    assert await wire.ended() == 1008


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://127.0.0.1"])
async def test_a_page_of_another_origin_gets_no_link(house: House, origin: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.wire(Origin=origin)
    assert refused.value.status == 403


@pytest.mark.parametrize("flags", [{"allowed_origins": "https://help.example.org"}])
async def test_a_listed_origin_gets_one(house: House) -> None:
    wire = await house.wire(Origin="https://help.example.org")
    assert (await wire.ask(HELLO))["is"] == "welcome"


@pytest.mark.parametrize("flags", [{"address_rate": "1", "address_burst": "3"}])
async def test_one_address_opens_only_so_many(house: House) -> None:
    for _ in range(3):
        await house.wire()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.wire()
    assert refused.value.status == 429


@pytest.mark.parametrize("flags", [{"max_openings": "2"}])
async def test_only_so_many_wait_to_sign_in(house: House) -> None:
    one, two = await house.wire(), await house.wire()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.wire()
    assert refused.value.status == 503
    assert not two.socket.closed
    await one.socket.close()
    async with asyncio.timeout(10):
        while True:
            try:
                await house.wire()
                break
            except aiohttp.WSServerHandshakeError:
                await asyncio.sleep(0.01)


async def test_a_program_with_another_authority_does_not_believe_the_relay(relay: Relay) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.ws_connect(relay.url("/ws", "wss"), ssl=ssl.create_default_context())


@pytest.mark.parametrize("words", [b"", b"GET /ws HTTP/1.1\r\nHost: x\r\n"])
async def test_a_connection_that_never_asks_is_ended(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, words: bytes
) -> None:
    monkeypatch.setattr("relay_server.app.Silence", lambda room: Silence(request_s=0.2, room=room))
    async with in_process(data_dir) as relay, asyncio.timeout(10), aiohttp.ClientSession() as session:
        customer = await House(relay, session).customer()
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", relay.port, ssl=relay.tls(), server_hostname="127.0.0.1"
        )
        writer.write(words)
        assert await reader.read() == b""
        writer.close()
        assert (await customer.ask({"do": "get_home"}))["is"] == "home"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_old_tls_is_refused(relay: Relay, version: ssl.TLSVersion) -> None:
    context = relay.tls()
    context.minimum_version = version
    context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", relay.port, ssl=context, server_hostname="127.0.0.1")
