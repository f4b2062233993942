"""`./dev bench relay`: a real relay process over TLS on loopback, and a second process that loads it.

- `durable`: as many messages as get acknowledged, each acknowledgement after its batch's `fsync`;
- `rate2k`: 2,000 messages a second, evenly: how long an acknowledgement takes when the relay is not full;
- `idle`: memory of the relay for each signed-in customer who says nothing.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from benchmarks.relay.clients import Customer, connect_customer, put_on_duty, stay_on_duty
from benchmarks.report import Options, Row, options, percentile, show
from shared.net.endpoint import Endpoint
from tests.e2e.driver.processes import Programs
from tests.e2e.driver.relay import Relay, open_relay

OPEN_DOORS = ("--set", "link_rate=1000000", "--set", "link_burst=1000000", "--set", "address_rate=100000")
MORE_DOORS = ("--set", "address_burst=100000")
"""One address plays all customers here, so the limits that guard against one are lifted."""


@dataclass(frozen=True)
class Load:
    """How much is done: `customers` links with `window` open messages each, for `seconds`."""

    customers: int
    window: int
    seconds: float
    idle: int


def main() -> None:
    given = options(__doc__ or "")
    rows = asyncio.run(_run(given))
    show(rows, given.json)


async def _run(given: Options) -> list[Row]:
    load = Load(64, 16, 5, 300) if given.quick else Load(64, 16, 30, 2000)
    with TemporaryDirectory() as room, Programs(Path(room)) as programs:
        relay = open_relay(programs, Path(room) / "relay", (*OPEN_DOORS, *MORE_DOORS))
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            tls = Endpoint(relay.url, relay.ca_file).tls()
            crew = [await put_on_duty(session, relay.url, tls, *each) for each in relay.passwords.items()]
            duty = [asyncio.create_task(stay_on_duty(socket)) for socket in crew]
            try:
                return await _cases(session, relay, load)
            finally:
                for task in duty:
                    task.cancel()
                await asyncio.gather(*duty, return_exceptions=True)


async def _cases(session: aiohttp.ClientSession, relay: Relay, load: Load) -> list[Row]:
    tls = Endpoint(relay.url, relay.ca_file).tls()
    idle = await _idle(session, relay, load)
    customers = [await connect_customer(session, relay.url, tls) for _ in range(load.customers)]
    for customer in customers:
        await customer.open_conversation()
    return [await _durable(customers, relay, load), await _steady(customers, relay, load, 2000), idle]


async def _idle(session: aiohttp.ClientSession, relay: Relay, load: Load) -> Row:
    tls = Endpoint(relay.url, relay.ca_file).tls()
    before = _rss_kb(relay)
    crowd = [await connect_customer(session, relay.url, tls) for _ in range(load.idle)]
    figures = {"kb_per_client": (_rss_kb(relay) - before) / load.idle, "rss_mb": before / 1024}
    for customer in crowd:
        await customer.socket.close()
    return Row("relay", "idle", "threeline", figures, {"tls": "on"})


async def _durable(customers: list[Customer], relay: Relay, load: Load) -> Row:
    start, busy = time.perf_counter(), _cpu_s(relay)
    until = start + load.seconds
    delays = [
        each for part in await asyncio.gather(*(_flood(one, load.window, until) for one in customers)) for each in part
    ]
    took = time.perf_counter() - start
    figures = _figures(delays, took) | {"cpu_us_per_message": (_cpu_s(relay) - busy) / len(delays) * 1e6}
    return Row("relay", "durable", "threeline", figures, {"sync": "WAL, synchronous=FULL"})


async def _flood(customer: Customer, window: int, until: float) -> list[float]:
    delays: list[float] = []
    for _ in range(window):
        await customer.socket.send_str(customer.chat_frame())
    while customer.sent:
        delays.append(await customer.acknowledged_ms())
        if time.perf_counter() < until:
            await customer.socket.send_str(customer.chat_frame())
    return delays


async def _steady(customers: list[Customer], relay: Relay, load: Load, per_s: int) -> Row:
    start = time.perf_counter()
    each = max(1, round(per_s * load.seconds / len(customers)))
    gap_s = len(customers) / per_s
    async with asyncio.TaskGroup() as tasks:
        jobs = [
            tasks.create_task(_pace(one, start + place * gap_s / len(customers), gap_s, each))
            for place, one in enumerate(customers)
        ]
    delays = [delay for job in jobs for delay in job.result()]
    return Row("relay", "rate2k", "threeline", _figures(delays, time.perf_counter() - start))


async def _pace(customer: Customer, first: float, gap_s: float, count: int) -> list[float]:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_send_paced(customer, first, gap_s, count))
        listening = tasks.create_task(_hear(customer, count))
    return listening.result()


async def _send_paced(customer: Customer, first: float, gap_s: float, count: int) -> None:
    for place in range(count):
        await asyncio.sleep(max(0.0, first + place * gap_s - time.perf_counter()))
        await customer.socket.send_str(customer.chat_frame())


async def _hear(customer: Customer, count: int) -> list[float]:
    return [await customer.acknowledged_ms() for _ in range(count)]


def _figures(delays: list[float], took_s: float) -> dict[str, float]:
    return {
        "per_s": len(delays) / took_s,
        "p50_ms": percentile(delays, 0.5),
        "p99_ms": percentile(delays, 0.99),
        "messages": float(len(delays)),
    }


def _rss_kb(relay: Relay) -> int:
    assert relay.program is not None
    status = Path(f"/proc/{relay.program.pid}/status").read_text("ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")))


def _cpu_s(relay: Relay) -> float:
    assert relay.program is not None
    parts = Path(f"/proc/{relay.program.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / 100


if __name__ == "__main__":
    main()
