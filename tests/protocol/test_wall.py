"""The outer wall of the port, against bytes: what every answer carries, who may ask, what is no HTTP, how much is too
much."""

import asyncio
import json
import struct

import aiohttp
import pytest

from relay_server.gateway import wall
from relay_server.gateway.silence import KEEPALIVE_S
from shared.protocol.codec import MAX_FRAME_BYTES
from tests.protocol.raw import connected, said
from tests.protocol.test_http import PNG, get, upload
from tests.protocol.wire import House, Relay, code

ASK = b"GET %s HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n%s\r\n"


@pytest.mark.parametrize(
    "words",
    [
        ASK % (b"/healthz", b""),
        ASK % (b"/nothing", b""),
        ASK % (b"/blobs/abc", b""),
        ASK % (b"/ws", b"Origin: https://evil.example\r\n"),
        b"DELETE /healthz HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: relay\r\nX: \0\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: relay\r\n\r\n",
    ],
)
async def test_every_answer_is_hardened_and_names_no_version(relay: Relay, words: bytes) -> None:
    (answer,) = await said(relay, words)
    for name, value in wall.HEADERS.items():
        assert answer.headers[name.lower()] == value
    everything = (str(answer.headers) + answer.body.decode()).lower()
    assert "aiohttp" not in everything
    assert "python" not in everything
    assert "aaaa" not in everything


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        b"X: y\n Transfer-Encoding: chunked\r\n",
        b" Content-Length: 5\r\n",
    ],
)
async def test_a_request_whose_length_two_readers_could_take_differently_is_the_last_one(
    relay: Relay, head: bytes
) -> None:
    words = b"POST /blobs HTTP/1.1\r\nHost: relay\r\n" + head + b"\r\n0\r\n\r\n" + ASK % (b"/healthz", b"")
    answers = await said(relay, words)
    assert [each.status for each in answers] == [400]


async def test_a_header_that_trickles_in_after_an_answer_has_an_end(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert KEEPALIVE_S <= 30
    monkeypatch.setattr("relay_server.gateway.silence.KEEPALIVE_S", 0.2)
    raw = await connected(relay)
    raw.send(b"GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\nGET /healthz HTTP/1.1\r\nX: ")
    assert [each.status for each in await raw.all()] == [200]


async def test_a_body_that_trickles_in_has_an_end(house: House, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "BODY_S", 0.2)
    wire = await house.customer()
    token = str(wire.signed_in["access_token"]).encode()
    raw = await connected(relay)
    raw.send(b"POST /blobs HTTP/1.1\r\nHost: relay\r\nConnection: close\r\nAuthorization: Bearer " + token)
    raw.send(b"\r\nContent-Length: 1000\r\n\r\n" + PNG[:20])
    answer = await raw.answer()
    assert answer is not None
    assert json.loads(answer.body)["code"] == "blob_damaged"
    raw.close()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize(
    ("flags", "headers", "status"),
    [
        ({}, {}, 200),
        ({}, {"X-Forwarded-For": "127.0.0.1"}, 403),
        ({}, {"Forwarded": "for=127.0.0.1"}, 403),
        ({"monitor_addresses": "198.51.100.0/24"}, {}, 403),
        ({"trusted_proxies": "127.0.0.0/8"}, {"X-Forwarded-For": "198.51.100.7"}, 403),
        (
            {"trusted_proxies": "127.0.0.0/8", "monitor_addresses": "198.51.100.0/24"},
            {"X-Forwarded-For": "198.51.100.7"},
            200,
        ),
        ({"trusted_proxies": "127.0.0.0/8"}, {"X-Forwarded-For": "127.0.0.1, 198.51.100.7"}, 403),
    ],
)
async def test_health_and_figures_are_for_listed_addresses(
    house: House, path: str, headers: dict[str, str], status: int
) -> None:
    assert (await get(house, path, **headers))[0] == status


@pytest.mark.parametrize("flags", [{"limits": "http=0.1/2,upload=0.1/1"}])
async def test_too_many_requests_are_told_how_long_to_wait(house: House) -> None:
    wire = await house.customer()
    assert (await upload(house, wire, PNG))[0] == 201
    status, refusal = await upload(house, wire, PNG)
    assert (status, refusal["code"], refusal["params"]) == (429, "rate_limited", {"retry_s": "10"})
    async with house.session.get(house.relay.url("/healthz"), ssl=house.relay.tls()) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "10")


@pytest.mark.parametrize("flags", [{"trusted_proxies": "127.0.0.1", "address_rate": "1", "address_burst": "1"}])
async def test_behind_a_proxy_each_address_has_its_own_and_none_can_be_invented(house: House) -> None:
    await house.wire(**{"X-Forwarded-For": "198.51.100.1"})
    await house.wire(**{"X-Forwarded-For": "198.51.100.2"})
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.wire(**{"X-Forwarded-For": "203.0.113.9, 198.51.100.1"})
    assert refused.value.status == 429


@pytest.mark.parametrize("flags", [{"limits": "search=0.1/2"}])
async def test_dear_commands_have_limits_of_their_own(house: House) -> None:
    wire, other = await house.customer(), await house.customer()
    search = {"do": "search_articles", "words": "printer"}
    assert [(await wire.ask(search)).get("is") for _ in range(2)] == ["article_hits"] * 2
    refusal = await wire.ask(search)
    assert (code(refusal), refusal["params"]) == ("rate_limited", {"retry_s": "10"})
    assert (await wire.ask({"do": "get_home"}))["is"] == "home"
    assert (await other.ask(search))["is"] == "article_hits"


@pytest.mark.parametrize("flags", [{"limits": "password=0.1/2"}])
async def test_guesses_at_passwords_are_counted_by_address(house: House) -> None:
    wire = await house.hello("agent")
    answers = [
        code(await wire.ask({"do": "sign_in_with_password", "username": name, "password": "x"}))
        for name in ("lin", "chen", "maria")
    ]
    assert answers == ["sign_in_failed", "sign_in_failed", "rate_limited"]


@pytest.fixture(params=["before sign-in", "after sign-in"])
async def link(request: pytest.FixtureRequest, house: House) -> aiohttp.ClientWebSocketResponse:
    wire = await (house.wire() if request.param == "before sign-in" else house.customer())
    return wire.socket


_MASK = b"\x1d\xa2\x5b\xe6"  # any, but the same in every process that lists these tests


def frame(opcode: int, payload: bytes, *, length: int | None = None, fin: bool = True, rsv: int = 0) -> bytes:
    """A client's frame; `length` lies about the payload."""
    count = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | rsv | opcode])
    size = bytes([0x80 | count]) if count < 126 else b"\xff" + struct.pack("!Q", count)
    return head + size + _MASK + bytes(each ^ _MASK[n % 4] for n, each in enumerate(payload))


@pytest.mark.parametrize(
    ("words", "refusal", "close"),
    [
        (frame(1, b"x" * (2 * MAX_FRAME_BYTES)), "too_large", 1009),
        (frame(1, b"x", length=2**40), "too_large", 1009),
        (frame(1, b"x", length=2**63), "too_large", 1009),
        (frame(1, b"x" * 200_000, fin=False) + frame(0, b"x" * 200_000, fin=False), "too_large", 1009),
        (frame(1, b"\xff\xfe"), "malformed", 1007),
        (frame(3, b""), "malformed", 1002),
        (frame(1, b"{}", rsv=0x40), "malformed", 1002),
        (frame(0, b"{}"), "malformed", 1002),
        (frame(9, b"x" * 126), "malformed", 1002),
    ],
)
async def test_frames_that_are_none_are_refused_by_name_before_the_end(
    link: aiohttp.ClientWebSocketResponse, words: bytes, refusal: str, close: int
) -> None:
    transport = link._response.connection
    assert transport is not None
    assert transport.transport is not None
    transport.transport.write(words)
    async with asyncio.timeout(10):
        message = await link.receive()
        assert json.loads(message.data)["code"] == refusal
        end = await link.receive()
    assert (end.type, end.data) == (aiohttp.WSMsgType.CLOSE, close)


@pytest.mark.parametrize(
    "header", [b"Authorization: Bearer " + b"\xff" * 20, b"Authorization: Bearer \xed\xa0\x80" * 9]
)
async def test_tokens_that_are_no_text_are_refused(relay: Relay, header: bytes) -> None:
    for path in (b"/blobs/abc", b"/recordings/abc"):
        (answer,) = await said(relay, ASK % (path, header + b"\r\n"))
        assert (answer.status, json.loads(answer.body)["code"]) == (401, "sign_in_first")


async def test_a_name_that_is_no_text_is_made_one(house: House, relay: Relay) -> None:
    wire = await house.customer()
    for name in (b"\xff\xfe.png", b"%ff%fe.png", b"%ed%a0%80.png", b"a%00b.png"):
        raw = await connected(relay)
        raw.send(b"POST /blobs HTTP/1.1\r\nHost: relay\r\nConnection: close\r\nContent-Length: %d\r\n" % len(PNG))
        raw.send(b"Authorization: Bearer " + str(wire.signed_in["access_token"]).encode())
        raw.send(b"\r\nX-File-Name: " + name + b"\r\n\r\n" + PNG)
        answer = await raw.answer()
        assert answer is not None
        assert answer.status == 201, answer.body
        raw.close()
