"""What the metrics say about the store."""

from pathlib import Path

from relay_server.gateway.census import LIVE, count
from tests.relay_house import open_house


async def test_who_waits_and_who_works_is_counted(tmp_path: Path) -> None:
    async with open_house(tmp_path / "relay.db") as house:
        await house.on_duty("lin", "busy")
        await house.ask(await house.customer("Li"), "C1")
        await house.ask(await house.customer("Eve"), "C2")
        house.clock.at_ms += 5000
        found = await house.journal.read(lambda sql: count(sql, house.clock()))
        assert (found.waiting, found.longest_wait_ms) == (2, 5000)
        assert found.conversations == {state: 2 if state == "queued" else 0 for state in LIVE}
        assert found.agents == {"busy": 1}
        await house.fold()
        found = await house.journal.read(lambda sql: count(sql, house.clock()))
        assert set(found.behind) == {"remote", "tickets"}
