"""Health, readiness, metrics and files over the one port."""

import asyncio
import io
import os
import re
import sys
from pathlib import Path

import pytest

from tests.protocol.wire import House, Relay, Wire

HEALTHY = Path(__file__).resolve().parents[2] / "installers" / "container" / "healthy.py"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03" + bytes(64)


async def get(house: House, path: str, **headers: str) -> tuple[int, str]:
    async with house.session.get(house.relay.url(path), headers=headers, ssl=house.relay.tls()) as answer:
        return answer.status, await answer.text()


async def test_health_and_readiness(house: House) -> None:
    assert await get(house, "/healthz") == (200, "ok\n")
    assert await get(house, "/readyz") == (200, "ready\n")


async def test_metrics_count_without_naming_anybody(house: House) -> None:
    wire = await house.customer(name="Meifang")
    await wire.ask({"do": "get_home"})
    await wire.ask({"do": "no_such_thing"})
    status, text = await get(house, "/metrics")
    assert status == 200
    assert 'threeline_links{audience="customer"} 1.0' in text
    assert 'threeline_refusals_total{code="unknown_command"} 1.0' in text
    assert 'threeline_command_seconds_count{command="GetHome"} 1.0' in text
    assert float(re.findall(r"^threeline_journal_works ([\d.]+)$", text, re.M)[0]) >= 1
    assert "Meifang" not in text
    assert wire.signed_in["customer"]["id"] not in text


async def test_metrics_are_not_for_those_behind_a_proxy(house: House) -> None:
    status, _ = await get(house, "/metrics", **{"X-Forwarded-For": "198.51.100.7"})
    assert status == 403


@pytest.mark.parametrize("flags", [{"metrics_token": "a-long-enough-token"}])
async def test_with_a_token_metrics_want_it(house: House) -> None:
    assert (await get(house, "/metrics"))[0] == 403
    assert (await get(house, "/metrics", Authorization="Bearer wrong"))[0] == 403
    assert (await get(house, "/metrics", Authorization="Bearer a-long-enough-token"))[0] == 200


async def upload(house: House, wire: Wire, data: bytes, name: str = "x.png") -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {wire.signed_in['access_token']}", "X-File-Name": name}
    async with house.session.post(
        house.relay.url("/blobs"), data=io.BytesIO(data), headers=headers, ssl=house.relay.tls()
    ) as answer:
        return answer.status, await answer.json()


async def test_files_are_typed_by_their_bytes_and_bounded(house: House) -> None:
    wire = await house.customer()
    status, blob = await upload(house, wire, PNG, "..%2F..%2Fetc%2Fpasswd")
    assert (status, blob["media_type"]) == (201, "image/png")
    assert "/" not in str(blob["name"])
    status, page = await upload(house, wire, b"<html><script>alert(1)</script>", "x.html")
    assert (status, page["media_type"], page["name"]) == (201, "text/plain", "x.txt")
    status, refusal = await upload(house, wire, b"MZ" + bytes(range(256)), "x.png")
    assert (status, refusal["code"]) == (415, "blob_type_refused")
    status, refusal = await upload(house, wire, PNG + bytes(11 * 1024 * 1024))
    assert (status, refusal["code"]) == (413, "blob_too_large")


@pytest.mark.parametrize("token", ["", "x" * 43, "cust~99999999999999~AAAA", "Bearer", "é" * 20])
async def test_without_a_good_token_there_are_no_files(house: House, token: str) -> None:
    status, body = await get(house, "/blobs/abc", Authorization=f"Bearer {token}")
    assert status == 401
    assert "refused" in body


@pytest.mark.parametrize("path", ["/blobs/..%2f..%2frelay.sqlite3", "/blobs/../pass.key", "/", "/tls/ca.key"])
async def test_nothing_else_is_served(house: House, path: str) -> None:
    assert (await get(house, path))[0] == 404


async def test_the_container_asks_whether_its_relay_lives(relay: Relay) -> None:
    async def asked(port: int) -> int:
        where = {"THREELINE_RELAY_PORT": str(port), "THREELINE_RELAY_DATA_DIR": str(relay.data_dir)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(HEALTHY), env={**os.environ, **where}, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait()

    assert await asked(relay.port) == 0
    assert await asked(1) == 1
