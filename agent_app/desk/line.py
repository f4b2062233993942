"""The real relay behind the port: one link and one outbox at a time, both of the agent who is signed in."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from agent_app.desk.relay import Spawn
from shared.common.errors import LinkLost
from shared.net.outbox import Outbox, OutboxFull
from shared.protocol.frames import AgentCommand, AgentPush, AgentResult, Refused

if TYPE_CHECKING:  # aiohttp is loaded once the window is there
    from shared.net.endpoint import Endpoint
    from shared.net.link import Link, LinkState, Listener
    from shared.net.signin import Credentials

T = TypeVar("T")


class Line:
    """`start` opens a link and keeps it up; `stop` ends it. Between the two the port answers as if it were lost."""

    def __init__(self, spawn: Spawn, *, version: str, locale: Callable[[], str]) -> None:
        self._outbox: Outbox[AgentCommand] | None = None
        self._spawn = spawn
        self._version, self._locale = version, locale
        self._link: Link[AgentCommand, AgentResult, AgentPush] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> "LinkState | None":
        """How the link stands; None while there is none."""
        return self._link.state if self._link else None

    def start(
        self,
        endpoint: "Endpoint",
        credentials: "Credentials",
        outbox: Outbox[AgentCommand],
        listener: "Listener[AgentPush]",
    ) -> None:
        """Open a link in place of the one there is; the outbox is the line's from now on.

        Raises ConfigError when the endpoint cannot be used.
        """
        from shared.net.link import AGENT, Link

        endpoint.tls()
        self.stop()
        self._outbox = outbox
        link = Link(
            endpoint,
            AGENT,
            credentials,
            outbox,
            listener,
            client_version=self._version,
            locale=self._locale(),
        )
        self._link = link
        self._spawn(self._keep_up(link), "link")

    def stop(self) -> None:
        """End the link; what was posted stays in the outbox."""
        self._link = None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None

    async def _keep_up(self, link: "Link[AgentCommand, AgentResult, AgentPush]") -> None:
        if link is not self._link:
            return
        self._task = asyncio.current_task()
        await link.run()

    async def ask(self, command: AgentCommand, expect: type[T], timeout_s: float = 10) -> T | Refused:
        """See `Relay`."""
        if self._link is None:
            raise LinkLost("not connected")
        return await self._link.ask(command, expect, timeout_s)

    def post(self, key: str, command: AgentCommand) -> None:
        """See `Relay`."""
        if self._link is None:
            raise OutboxFull("nobody is signed in")
        self._link.post(key, command)

    def tell(self, command: AgentCommand) -> None:
        """See `Relay`."""
        if self._link is not None:
            self._link.tell(command)

    def pending(self) -> Sequence[tuple[str, AgentCommand]]:
        """See `Relay`."""
        return self._outbox.pending() if self._outbox else ()

    def follow(self, stream: str, after: int = 0) -> None:
        """See `Relay`."""
        if self._link is not None:
            self._link.follow(stream, after)

    def unfollow(self, stream: str) -> None:
        """See `Relay`."""
        if self._link is not None:
            self._link.unfollow(stream)

    def try_now(self) -> None:
        """See `Relay`."""
        if self._link is not None:
            self._link.try_now()
