"""Rights are followed from the start on, also when the store cannot be read just then."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from relay_server.engine.bus_local import LocalBus
from relay_server.engine.journal import StoreAway
from relay_server.gateway import rights
from relay_server.gateway.connections import Connections
from relay_server.identity.actors import Actor
from tests.identity_house import amys_relay

T = TypeVar("T")


async def may_follow(actor: Actor, stream: str) -> bool:
    del actor, stream
    return True


async def test_a_store_that_is_away_at_the_start_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults, answered = [StoreAway("away"), StoreAway("away")], asyncio.Event()
    async with amys_relay(tmp_path) as amy:
        read = amy.journal.read

        async def now_and_then(work: Callable[[Connection], T]) -> T:
            if faults:
                raise faults.pop()
            found = await read(work)
            answered.set()
            return found

        monkeypatch.setattr(amy.journal, "read", now_and_then)
        monkeypatch.setattr(rights, "LOOK_S", 0.01)
        followed = rights.Rights(amy.journal, amy.identity, Connections(LocalBus()), may_follow)
        running = asyncio.create_task(followed.run())
        async with asyncio.timeout(10):
            await answered.wait()
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert "wait for the store: away" in caplog.text
    assert "Traceback" not in caplog.text
