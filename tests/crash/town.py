"""One or more relay processes over an engine, and a hand on all of it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from shared.net.endpoint import Endpoint
from tests.crash.history import Store
from tests.crash.process import RelayProcess

Service = Literal["store", "bus"]


class Services(Protocol):
    """Servers beside the relays, and the cables to them."""

    async def kill(self, service: Service) -> None:
        """kill -9."""
        ...

    async def start(self, service: Service) -> None:
        """Starts it again on what it left behind."""
        ...

    def cut(self, relay: int, service: Service) -> None:
        """Nothing passes between the two, and neither is told."""
        ...

    def mend(self, relay: int, service: Service) -> None:
        """It passes again."""
        ...


class Engine(Protocol):
    """Where relays keep things."""

    @property
    def services(self) -> Services | None:
        """None where the engine is inside the relay."""
        ...

    async def store(self) -> Store:
        """Everything durable, read past the relays."""
        ...


@dataclass
class Town:
    """Relays that share a store. `on_start` hears that one of them is up (again)."""

    relays: tuple[RelayProcess, ...]
    engine: Engine
    on_start: Callable[[], None] = field(default=lambda: None)

    @property
    def passwords(self) -> dict[str, str]:
        """By username."""
        document = json.loads((self.relays[0].data_dir / "credentials.json").read_text("utf-8"))
        return {each["username"]: each["password"] for each in document["agents"]}

    def endpoint(self) -> Endpoint:
        """What one client is given; which of the relays it tries first is chance."""
        return Endpoint(" ".join(each.url for each in self.relays), self.relays[0].data_dir / "tls" / "ca.pem")

    @property
    def starts(self) -> int:
        """Of all relays."""
        return sum(each.starts for each in self.relays)

    def words(self, newest: int) -> str:
        """The newest letters of what each relay has logged."""
        return "\n".join(f"{each.url}:\n{each.words()[-newest:]}" for each in self.relays)

    async def start(self, relay: int) -> None:
        """Starts one of the relays."""
        await self.relays[relay].start()
        self.on_start()

    async def start_all(self) -> None:
        """Starts each."""
        async with asyncio.TaskGroup() as tasks:
            for relay in range(len(self.relays)):
                tasks.create_task(self.start(relay))

    async def kill_all(self) -> None:
        """kill -9 of each."""
        for each in self.relays:
            await each.kill()

    async def clear(self) -> None:
        """Whatever state they are in, they are gone afterwards."""
        for each in self.relays:
            await each.clear()
