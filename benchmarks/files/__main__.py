"""`./dev bench files`: the rate of one file over loopback and capped links, and the input's round trip beside it."""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.media.shaper import Path as Road
from benchmarks.media.shaper import Shaper, open_shaper
from benchmarks.report import Row, options, show

FULL: Final = 1024 * 1024 * 1024
QUICK: Final = 64 * 1024 * 1024
_CASES: Final = ((0, 0.0), (20, 0.0), (60, 0.0), (60, 0.02))
"""Mbit/s (0: bare loopback) and seconds each way."""


async def _start(role: str, room: Path, file: Path) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "benchmarks.files.end", role, str(room / role), str(file)]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=1 << 20)


async def _hear(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    return json.loads(await process.stdout.readline())


def _tell(process: asyncio.subprocess.Process, message: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(message).encode() + b"\n")


async def _run(room: Path, file: Path, shaper: Shaper | None) -> dict[str, Any]:
    customer, agent = await _start("customer", room, file), await _start("agent", room, file)
    try:
        offer = (await _hear(customer))["sdp"]
        _tell(agent, {"sdp": shaper.offer(offer) if shaper else offer})
        answer = (await _hear(agent))["sdp"]
        _tell(customer, {"sdp": shaper.answer(answer) if shaper else answer})
        found = await _hear(agent)
        for each in (customer, agent):
            _tell(each, {})
            await each.wait()
    finally:
        for each in (customer, agent):
            if each.returncode is None:
                each.kill()
    return found


async def _case(mbps: int, delay_s: float, size: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        file = room / "sent.bin"
        await asyncio.to_thread(_fill, file, size)
        async with contextlib.AsyncExitStack() as stack:
            road = Road(rate_bps=mbps * 1_000_000, delay_s=delay_s)
            shaper = await stack.enter_async_context(open_shaper(road)) if mbps else None
            found = await _run(room, file, shaper)
    assert found["shown"] == "done", found
    road_name = f"{mbps} Mbit/s" if mbps else "loopback"
    case = f"files-{size >> 20}mib {road_name}{f' +{delay_s * 1000:.0f} ms' if delay_s else ''}"
    figures = {
        "mbit_s": found["mbps"],
        "idle_p50_ms": found["idle"][0],
        "input_p50_ms": found["busy"][0],
        "input_p95_ms": found["busy"][1],
        "added_p95_ms": found["busy"][1] - found["idle"][1],
    }
    return Row("files", case, "threeline", figures)


def _fill(file: Path, size: int) -> None:
    block = os.urandom(1024 * 1024)
    with file.open("wb") as out:
        for _ in range(size // len(block)):
            out.write(block)


def main() -> None:
    chosen = options("files beside input")
    rows: list[Row] = []
    for mbps, delay_s in _CASES:
        rows.append(asyncio.run(_case(mbps, delay_s, QUICK if chosen.quick else FULL)))
    show(rows, chosen.json)


if __name__ == "__main__":
    main()
