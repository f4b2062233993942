"""The port through which rooms reach the relay. The link fulfils it; tests give a fake."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from shared.common.errors import LinkLost, PeerBroken
from shared.protocol.frames import AgentCommand, Refused
from shared.protocol.messages.base import Result
from shared.protocol.types import Attachment
from shared.strings import error_text

T = TypeVar("T")
Clock = Callable[[], int]
"""Milliseconds since 1970 as the relay counts them."""
Spawn = Callable[[Coroutine[Any, Any, None], str], object]
"""Starts work that the program owns and waits for; the second is its name."""


class Relay(Protocol):
    """What a room may do with the relay."""

    async def ask(self, command: AgentCommand, expect: type[T], timeout_s: float = 10) -> T | Refused:
        """Sends a command now. Raises LinkLost."""
        ...

    def post(self, key: str, command: AgentCommand) -> None:
        """Keeps a command until it is answered, over restarts of both ends. Raises OutboxFull."""
        ...

    def tell(self, command: AgentCommand) -> None:
        """Sends what may be lost."""
        ...

    def pending(self) -> Sequence[tuple[str, AgentCommand]]:
        """What was posted and is not answered yet, oldest first."""
        ...

    def follow(self, stream: str, after: int = 0) -> None:
        """Delivers a stream's events from now on."""
        ...

    def unfollow(self, stream: str) -> None:
        """No more of it."""
        ...

    def try_now(self) -> None:
        """Ends the wait before the next try to connect."""
        ...


class Blobs(Protocol):
    """Pictures and files at the relay."""

    async def upload(self, data: bytes, name: str, media_type: str, /) -> Attachment | Refused:
        """Stores one. Raises LinkLost."""
        ...

    async def download(self, blob_id: str, limit_bytes: int, /) -> bytes | Refused:
        """Fetches one. Raises LinkLost."""
        ...


class Failed(Struct, frozen=True):
    """Why something was not done; called, it says so to a person."""

    code: str
    params: dict[str, str] = {}

    def __call__(self) -> str:
        return error_text(self.code, self.params)


class Outcome(Struct, frozen=True):
    """What became of a posted command."""

    key: str
    answer: Result | Refused


async def ask(relay: Relay, command: AgentCommand, expect: type[T], timeout_s: float = 10) -> T | Failed:
    """As `Relay.ask`, with a lost or broken link as a value too."""
    try:
        answer = await relay.ask(command, expect, timeout_s)
    except LinkLost as error:
        return Failed(error.code)
    except PeerBroken:
        return Failed("internal")
    return Failed(answer.code, dict(answer.params)) if isinstance(answer, Refused) else answer
