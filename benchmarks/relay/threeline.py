"""Our relay, a real process on loopback, with the sample organisation and its agents on duty."""

import asyncio
import secrets
import ssl
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from benchmarks.relay import safety, usage
from benchmarks.relay.cases import LAST_S, Figures, Load, Running, Unavailable, room_of
from benchmarks.relay.link import Gone
from benchmarks.relay.people import Customer, RefusedError, Talker, connect_customer, put_on_duty
from benchmarks.relay.postgres import open_postgres
from relay_server.engine.postgres_store import PostgresStore
from shared.net.endpoint import Endpoint
from tests.e2e.driver.processes import Programs
from tests.e2e.driver.relay import Relay, open_relay

DOORS = {"link_rate": "1000000", "link_burst": "1000000", "address_rate": "100000", "address_burst": "100000"}
"""One address plays all customers here, so the limits that guard against one are lifted."""
ALREADY_IN = 16
"""Links that talk while the storm is on, each twenty times a second."""


@asynccontextmanager
async def open_threeline(place: Path, *, plain: bool = False) -> AsyncGenerator[Running]:
    """On SQLite. `plain`: without TLS, as behind a proxy of this machine."""
    room = room_of(place, "threeline-plain" if plain else "threeline")
    async with _opened(room, {}, plain=plain) as (relay, url, tls):
        yield _Threeline(relay, url, tls, safety.of_sqlite(relay.store), []).running()


@asynccontextmanager
async def open_threeline_postgres(place: Path, *, plain: bool = False) -> AsyncGenerator[Running]:
    """On a PostgreSQL of its own."""
    room = room_of(place, "threeline-postgres")
    async with open_postgres() as server, _opened(room, {"store_url": server.url}, plain=plain) as (relay, url, tls):
        kept = await safety.of_postgres(PostgresStore(server.address))
        yield _Threeline(relay, url, tls, kept, [server.pid]).running()


@asynccontextmanager
async def _opened(
    room: Path, store: dict[str, str], *, plain: bool
) -> AsyncGenerator[tuple[Relay, str, ssl.SSLContext | None]]:
    settings = DOORS | store | ({"tls": "off"} if plain else {})
    with Programs(room) as programs:
        relay = await asyncio.to_thread(
            open_relay, programs, room / "relay", as_flags(settings), set_up=as_flags(store)
        )
        url, tls = _door(relay, plain)
        crew = [await put_on_duty(url, tls, *each) for each in relay.passwords.items()]
        try:
            yield relay, url, tls
        finally:
            for agent in crew:
                agent.close()


def as_flags(settings: dict[str, str]) -> list[str]:
    """Of the relay's command line."""
    return [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]


def _door(relay: Relay, plain: bool) -> tuple[str, ssl.SSLContext | None]:
    if plain:
        return relay.url.replace("wss://", "ws://"), None
    return relay.url, Endpoint(relay.url, relay.ca_file).tls()


class _Threeline:
    def __init__(self, relay: Relay, url: str, tls: ssl.SSLContext | None, kept: str, helpers: list[int]) -> None:
        self._relay = relay
        self._kept = kept
        self._servers = helpers
        self._url = url
        self._tls = tls

    def running(self) -> Running:
        remarks = {"store": self._kept}
        return Running(self._pids, self._talks, self._idle, self._kept, remarks, self._helpers, self._storm)

    def _helpers(self) -> list[int]:
        return [pid for server in self._servers for pid in usage.family(server)]

    def _pids(self) -> list[int]:
        assert self._relay.program is not None
        return usage.family(self._relay.program.pid)

    @asynccontextmanager
    async def _talks(self, count: int) -> AsyncGenerator[Sequence[Talker]]:
        customers = [await connect_customer(self._url, self._tls) for _ in range(count)]
        for customer in customers:
            await customer.open_conversation()
        try:
            yield [Talker(customer) for customer in customers]
        finally:
            for customer in customers:
                customer.close()

    async def _idle(self) -> Customer:
        customer = await connect_customer(self._url, self._tls)
        customer.rest()
        return customer

    async def _storm(self, load: Load) -> Figures:
        """Everybody loses their link at once and comes back at once."""
        crowd = [await self._idle() for _ in range(load.storm)]
        async with self._talks(ALREADY_IN) as talks:
            stop = asyncio.Event()
            talking = asyncio.create_task(_talk_on(talks, stop))
            for one in crowd:
                one.close()
            start = time.perf_counter()
            again = await asyncio.gather(*(self._come_back(one) for one in crowd))
            took = time.perf_counter() - start
            stop.set()
            await talking
            worst = max(delay for talk in talks for delay in talk.delays)
            tries = sum(count for _, count in again)
            rss_mb = usage.rss_kb(self._pids()) / 1024
            for one, _ in again:
                one.close()
        return {
            "clients": float(load.storm),
            "all_back_s": took,
            "worst_ack_ms": worst,
            "tries": tries / load.storm,
            "rss_mb": rss_mb,
        }

    async def _come_back(self, one: Customer) -> tuple[Customer, int]:
        """As a client does: a refusal or a broken link is tried again after a little while."""
        for attempt in range(1, 100):
            try:
                customer = await connect_customer(self._url, self._tls, one.key)
            except (OSError, RefusedError, Gone, TimeoutError):
                await asyncio.sleep(0.2 + 0.8 * secrets.randbelow(1000) / 1000)
            else:
                customer.rest()
                return customer, attempt
        raise Unavailable("a client did not get in in a hundred tries")


async def _talk_on(talks: Sequence[Talker], stop: asyncio.Event) -> None:
    while not stop.is_set():
        for talk in talks:
            talk.say(1)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await stop.wait()
    await asyncio.sleep(LAST_S)
