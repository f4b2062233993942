"""Two relays on one PostgreSQL and NATS beside one relay on PostgreSQL: what a durable line costs all processes.

Every line is sent at one relay and read by a second link of its customer; with two relays that is at the other one.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.relay import usage
from benchmarks.relay.bus import open_nats
from benchmarks.relay.cases import LAST_S, Figures, Load
from benchmarks.relay.people import Customer, Talker, connect_customer, put_on_duty
from benchmarks.relay.postgres import open_postgres
from benchmarks.relay.threeline import DOORS, as_flags
from benchmarks.report import percentile
from shared.net.endpoint import Endpoint
from shared.protocol.messages import conversations as c
from tests.e2e.driver.processes import Programs
from tests.e2e.driver.relay import Relay, open_relay

_OWN = shutil.ignore_patterns("node.id", "*.lock")
"""What a relay has for itself; the rest of its directory is keys, which all have in common."""
_EVENT = b'{"f":"event"'


@dataclass(frozen=True)
class Town:
    """One relay or two, and what works for them."""

    relays: list[Relay]
    helpers: list[int]

    def pids(self) -> list[int]:
        """Of the relays."""
        return [pid for relay in self.relays if relay.program for pid in usage.family(relay.program.pid)]


class Reader:
    """A second link of a customer that counts what it is told."""

    def __init__(self, customer: Customer) -> None:
        self.heard = 0
        self._customer = customer
        customer.rest()
        self._pings = customer.link.on_frames
        customer.link.on_frames = self._hear

    def _hear(self, found: list[bytes]) -> None:
        self.heard += sum(1 for frame in found if frame.startswith(_EVENT))
        if self._pings is not None:
            self._pings(found)


async def measure(room: Path, load: Load) -> Figures:
    """One relay first, then two; `ratio` is the cost of a line with two over that with one, all processes together."""
    figures: Figures = {}
    for name, count in (("one", 1), ("two", 2)):
        place = room / name
        place.mkdir()
        async with _open(place, count) as town:
            found = await _flood(town, load)
        figures |= {f"{name}_{key}": value for key, value in found.items()}
    figures["ratio"] = figures["two_cpu_us"] / figures["one_cpu_us"]
    return figures


@asynccontextmanager
async def _open(room: Path, count: int) -> AsyncGenerator[Town]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(open_postgres())
        store = {"store_url": server.url, "files_dir": str(room / "files")}
        settings, helpers = DOORS | store, [server.pid]
        if count > 1:
            nats = await stack.enter_async_context(open_nats(room))
            settings |= nats.settings
            helpers.append(nats.pid)
        programs = stack.enter_context(Programs(room))
        first = await asyncio.to_thread(open_relay, programs, room / "a", as_flags(settings), set_up=as_flags(store))
        relays = [first]
        for number in range(1, count):
            place = room / f"b{number}"
            await asyncio.to_thread(shutil.copytree, room / "a" / "data", place / "data", ignore=_OWN)
            relay = Relay(programs, place, first.passwords, first.extra)
            await asyncio.to_thread(relay.start)
            relays.append(relay)
        yield Town(relays, helpers)


async def _flood(town: Town, load: Load) -> Figures:
    doors = [(relay.url, Endpoint(relay.url, relay.ca_file).tls()) for relay in town.relays]
    crew = [await put_on_duty(*doors[0], *each) for each in town.relays[0].passwords.items()]
    talkers: list[Talker] = []
    readers: list[Reader] = []
    people: list[Customer] = []
    for number in range(load.links):
        customer = await connect_customer(*doors[number % len(doors)])
        await customer.open_conversation()
        other = await connect_customer(*doors[(number + 1) % len(doors)], customer.key)
        await other.ask(c.Follow(stream=c.public_stream(customer.conversation_id)))
        people += [customer, other]
        talkers.append(Talker(customer))
        readers.append(Reader(other))
    helpers = [pid for helper in town.helpers for pid in usage.family(helper)]
    relays_s, helpers_s, start = usage.cpu_s(town.pids()), usage.cpu_s(helpers), time.perf_counter()
    for talker in talkers:
        talker.flood(load.window, start + load.seconds)
    for talker in talkers:
        await talker.done.wait()
    took = time.perf_counter() - start
    await asyncio.sleep(LAST_S)
    spent = usage.cpu_s(town.pids()) - relays_s, usage.cpu_s(helpers) - helpers_s
    for one in (*people, *crew):
        one.close()
    delays = [delay for talker in talkers for delay in talker.delays]
    if refused := [each for talker in talkers for each in talker.refused]:
        raise RuntimeError(f"{len(refused)} refused: {refused[0]}")
    return {
        "per_s": len(delays) / took,
        "p50_ms": percentile(delays, 0.5),
        "p99_ms": percentile(delays, 0.99),
        "cpu_us": sum(spent) / len(delays) * 1e6,
        "relays_us": spent[0] / len(delays) * 1e6,
        "read": sum(reader.heard for reader in readers) / len(delays),
    }
