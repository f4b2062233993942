"""What the sign-in page asks the relay before anybody is signed in: ways in, enrolment, single sign-on."""

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent_app.desk.relay import Failed, Spawn
from shared.common.errors import ConfigError, LinkLost, PeerBroken
from shared.common.shown import Heard
from shared.protocol.frames import Refused
from shared.protocol.messages import identity as i
from shared.strings import text

if TYPE_CHECKING:  # aiohttp is loaded once the window is there
    from shared.net.endpoint import Endpoint

_log = logging.getLogger(__name__)


class Doorstep:
    """One question at a time; a new one ends the one before. `open_url` opens the system's browser."""

    def __init__(self, spawn: Spawn, open_url: Callable[[str], None], *, ca_file: Path | None, version: str) -> None:
        self._spawn, self._open_url = spawn, open_url
        self._ca_file, self._version = ca_file, version
        self._task: asyncio.Task[None] | None = None
        self._asked = 0
        self.greeted = Heard[tuple[str, str]]()
        """(server, what its single sign-on is called; empty: none)."""
        self.offered = Heard[i.TotpOffer]()
        self.failed = Heard[Failed]()

    def greet(self, server: str) -> None:
        """Ask a relay which ways in there are; one that does not answer is asked again by the next greeting."""
        self._begin(self._greet(server), "greet relay")

    def enrol(self, server: str, username: str, password: str) -> None:
        """Ask for a second factor's secret; `offered` or `failed`."""
        self._begin(self._enrol(server, i.EnrolTotp(username=username, password=password)), "enrol")

    def browse(self, server: str, came_in: Callable[[i.AgentSignedIn], None]) -> None:
        """Go through the system's browser; `came_in` or `failed`."""
        self._begin(self._browse(server, came_in), "single sign-on")

    def cancel(self) -> None:
        """Nobody waits for the answer any more."""
        self._asked += 1
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self.cancel()
        self._spawn(self._own(work, self._asked), name)

    async def _own(self, work: Coroutine[Any, Any, None], number: int) -> None:
        if number != self._asked:
            work.close()
            return
        self._task = asyncio.current_task()
        try:
            await work
        except (LinkLost, OSError) as error:
            _log.info("asked the relay in vain: %s", type(error).__name__)
            self.failed.tell(Failed("link_lost"))
        except (PeerBroken, ConfigError):
            self.failed.tell(Failed("internal"))

    async def _greet(self, server: str) -> None:
        from shared.net.doorstep import greet

        try:
            welcome = await greet(self._endpoint(server), client_version=self._version)
        except (LinkLost, PeerBroken, ConfigError, OSError) as error:
            _log.info("no greeting: %s", type(error).__name__)
            return
        if isinstance(welcome, i.Welcome):
            self.greeted.tell((server, welcome.single_sign_on))

    async def _enrol(self, server: str, command: i.EnrolTotp) -> None:
        from shared.net.doorstep import ask_before

        answer = await ask_before(self._endpoint(server), command, client_version=self._version)
        if isinstance(answer, i.TotpOffer):
            self.offered.tell(answer)
        elif isinstance(answer, Refused):
            self.failed.tell(Failed(answer.code, dict(answer.params)))
        else:
            raise PeerBroken("expected a secret")

    async def _browse(self, server: str, came_in: Callable[[i.AgentSignedIn], None]) -> None:
        from shared.net.browser_return import Words
        from shared.net.single_sign_on import through_browser

        words = Words(text("signin.browser_done"), text("signin.browser_refused"))
        answer = await through_browser(
            self._endpoint(server),
            self._open_url,
            words,
            device=socket.gethostname()[:200],
            client_version=self._version,
        )
        if isinstance(answer, Refused):
            self.failed.tell(Failed(answer.code, dict(answer.params)))
        else:
            came_in(answer)

    def _endpoint(self, server: str) -> "Endpoint":
        from shared.net.endpoint import Endpoint

        return Endpoint(server, self._ca_file)
