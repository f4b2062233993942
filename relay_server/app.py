"""Puts the relay together and runs it: journal, services, gateway, one TaskGroup."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from relay_server.api.routes import PREFIX
from relay_server.api.site import site
from relay_server.api.table import Means
from relay_server.composition import build, helpers
from relay_server.engine.bus import Bus
from relay_server.engine.fold import FoldRunner
from relay_server.engine.journal import Journal
from relay_server.engine.outages import STORE_OUT, outlast
from relay_server.engine.store import Store
from relay_server.engine.tuning import settle, tune
from relay_server.gateway import loglevels
from relay_server.gateway.answers import busy_while_away
from relay_server.gateway.bearer import Bearer
from relay_server.gateway.census import Census
from relay_server.gateway.connections import Connections
from relay_server.gateway.heartbeat import Heartbeat
from relay_server.gateway.http import Http
from relay_server.gateway.lease import Lease
from relay_server.gateway.limits import Limits
from relay_server.gateway.loglevels import LogLevels
from relay_server.gateway.metrics import Metrics
from relay_server.gateway.presence import Presence
from relay_server.gateway.readiness import Readiness
from relay_server.gateway.recordings_http import RecordingsHttp
from relay_server.gateway.rereading import Part, Rereading
from relay_server.gateway.rights import Rights
from relay_server.gateway.services import Services
from relay_server.gateway.silence import Silence
from relay_server.gateway.tls import ServerTls
from relay_server.gateway.wall import Wall, harden
from relay_server.gateway.websocket import WebSockets
from relay_server.identity import shared_secrets
from relay_server.identity.actors import Actor, AgentActor
from relay_server.identity.passes import Passes, read_key
from relay_server.identity.passwords import Passwords
from relay_server.remote import turn
from relay_server.settings import Settings
from shared.common.clock import now_ms
from shared.common.errors import ConfigError
from shared.protocol.frames import Refused

_HANDSHAKE_S: Final = 10.0
_BACKLOG: Final = 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Adapters:
    """What `__main__` chose."""

    bus: Bus
    """For commands, which hear nobody."""
    open_bus: Callable[[Settings, bytes], AbstractAsyncContextManager[Bus]]
    """With the key that all nodes of an installation share."""
    open_store: Callable[[Settings], Store]
    """An SQLite file or a PostgreSQL database."""


async def serve(
    settings: Settings,
    adapters: Adapters,
    ready: Callable[[int], None],
    stop: asyncio.Event,
    reread: asyncio.Event | None = None,
) -> None:
    """Serves until `stop` is set, then drains; certificates and secrets are read again when `reread` is set. `ready`
    is told the real port. Raises ConfigError."""
    tune()
    tls = ServerTls(settings.server_certificate, settings.server_key, settings.tls_minimum)
    keys = pass_keys(settings.pass_key_file)
    passes = Passes(*keys)
    passwords = Passwords()
    try:
        async with (
            adapters.open_bus(settings, keys[0]) as bus,
            adapters.open_store(settings).open(bus) as journal,
        ):
            services = build(journal, bus, settings, passwords, passes)
            begun = await services.routing.begin(alone=not settings.bus_url)
            if isinstance(begun, Refused):
                raise ConfigError(_why_not(begun))
            settle()
            rereading = Rereading(_parts(settings, tls, passes, services), tls.tell)
            relay = _Relay(settings, journal, bus, services, tls)
            await relay.run(ready, stop, rereading.run(reread or asyncio.Event()))
            await _say_goodbye(services)
    finally:
        passwords.close()


async def _say_goodbye(services: Services) -> None:
    """Without a store nobody can be told: the others will see this node's beat stand still."""
    try:
        await services.routing.end()
    except STORE_OUT as error:
        _log.warning("this node ends without saying so: %s", error)


class _Relay:
    """One run of the gateway over services that are ready."""

    def __init__(self, settings: Settings, journal: Journal, bus: Bus, services: Services, tls: ServerTls) -> None:
        self._settings = settings
        self._tls = tls
        self._journal = journal
        self._bus = bus
        self._services = services
        self._connections = Connections(bus)
        metrics = Metrics(journal, bus)
        metrics.certificate_ends(lambda: tls.until.timestamp())
        self._census = Census(journal, now_ms)
        metrics.counted(lambda: self._census.latest)
        self._presence = Presence(self._connections, settings.presence_grace_s, self._came, self._left)
        self._wall = Wall(settings, Limits(settings))
        self._rights = Rights(journal, services.identity, self._connections, services.conversations.may_follow)
        self._sockets = WebSockets(
            settings, services, self._connections, self._presence, self._rights, metrics, self._wall
        )
        bearer = Bearer(services.identity, services.passes, journal, now_ms)
        self._readiness = Readiness(journal, settings.data_dir, time.monotonic)
        self._http = Http(settings, services, self._readiness, bearer, metrics, self._wall)
        self._lease = Lease(journal, bus, services.routing, settings.lease_s, self._fenced, alone=not settings.bus_url)
        self._recordings_http = RecordingsHttp(services.recordings, bearer, self._wall)

    async def run(
        self, ready: Callable[[int], None], stop: asyncio.Event, rereading: Coroutine[Any, Any, None]
    ) -> None:
        """Listens, works, drains."""
        unsubscribe = [self._bus.subscribe(each) for each in (self._connections.hear, self._rights.hear)]
        try:
            async with asyncio.TaskGroup() as tasks:
                background = [tasks.create_task(each) for each in (rereading, *self._background())]
                await self._listen(ready, stop)
                for task in background:
                    task.cancel()
        finally:
            for each in unsubscribe:
                each()

    def _background(self) -> list[Coroutine[Any, Any, None]]:
        services = self._services
        folds = (services.remote.fold, services.tickets.fold)
        runners = [FoldRunner(self._journal, self._bus, fold) for fold in folds]
        return [
            *(outlast("a fold", runner.run) for runner in runners),
            Heartbeat(self._connections, self._journal, self._settings.ping_s).run(),
            self._presence.run(),
            self._lease.run(),
            self._rights.run(),
            self._journal.watch(),
            outlast("the census", self._census.run),
            outlast("routing", services.routing.run),
            outlast("remote sessions", services.remote.run),
            outlast("recordings", services.recordings.run),
            outlast("retention", services.retention.run),
            services.webhooks.run(),
        ]

    async def _listen(self, ready: Callable[[int], None], stop: asyncio.Event) -> None:
        tls = self._tls.context if self._settings.tls == "on" else None
        silence = Silence(room=self._settings.max_links)
        app = web.Application(middlewares=[silence.middleware, self._wall.middleware, busy_while_away])
        app.on_response_prepare.append(harden)
        app.add_routes([web.get("/ws", self._sockets.handle), *self._http.routes(), *self._recordings_http.routes()])
        app.add_subapp(PREFIX, self._outside())
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        try:
            if runner.server is None:
                raise RuntimeError("the server was not set up")
            server = await asyncio.get_running_loop().create_server(
                silence.watched(runner.server),
                self._settings.host,
                self._settings.port,
                ssl=tls,
                backlog=_BACKLOG,
                ssl_handshake_timeout=_HANDSHAKE_S if tls else None,
            )
            port: int = server.sockets[0].getsockname()[1]
            _log.info("listening on %s port %d", self._settings.host, port)
            ready(port)
            await stop.wait()
            _log.info("draining")
            self._readiness.leaving = True
            await asyncio.sleep(self._settings.drain_notice_s)
            server.close()
            await self._sockets.drain()
        finally:
            await runner.cleanup()

    def _outside(self) -> web.Application:
        webhooks = self._services.webhooks
        means = Means(helpers(self._settings), self._settings.relay_urls, webhooks.terms, webhooks.keep_trying_ms)
        return site(self._settings, self._journal, means)

    async def _came(self, actor: Actor) -> Refused | None:
        routing = self._services.routing
        if isinstance(actor, AgentActor):
            return await routing.agent_connected(actor.profile)
        return await routing.customer_connected(actor.person)

    async def _left(self, actor: Actor) -> Refused | None:
        routing = self._services.routing
        if isinstance(actor, AgentActor):
            return await routing.agent_disconnected(actor.profile)
        return await routing.customer_disconnected(actor.person)

    def _fenced(self, *, held: bool) -> None:
        self._sockets.fenced = not held
        if not held:
            self._presence.forget()
            self._connections.end_all()


def _why_not(refused: Refused) -> str:
    if refused.code == "wrong_state":
        return f"files_dir is not the directory that the relay on {refused.params['host']} uses"
    return f"the store refuses: {refused.code}"


def _parts(settings: Settings, tls: ServerTls, passes: Passes, services: Services) -> list[Part]:
    """What may change while the relay serves."""

    def use_turn_secret() -> None:
        secret = settings.shared_turn_secret()
        services.remote.use_helpers(turn.checked(settings.turn_urls, secret, settings.turn_ttl_s))

    levels = LogLevels(settings.data_dir / loglevels.FILE_NAME, settings.log_level)
    levels.take()
    return [
        Part("certificate", tls.paths, tls.reread),
        Part("pass key", (settings.pass_key_file,), lambda: passes.use(pass_keys(settings.pass_key_file))),
        Part("TURN secret", (settings.turn_secret_file,), use_turn_secret),
        Part("log levels", (levels.path,), levels.take),
    ]


def pass_keys(path: Path) -> tuple[bytes, ...]:
    """The keys that seal customers' passes, the one in use first. Raises ConfigError."""
    try:
        keys = tuple(read_key(each) for each in shared_secrets.read(path))
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
    if not keys:
        raise ConfigError(f"{path}: no key in it")
    return keys
