"""People talk, the relay is hit by everything that can happen to a process and its disk, and the laws hold.

Long runs with any seed: `./dev crash --minutes 10 --seed 100`.
"""

import os
from pathlib import Path

import pytest

from tests.crash.conftest import MakeTown
from tests.crash.plan import make, show
from tests.crash.run import FLAGS, carry_out
from tests.crash.town import Town


@pytest.mark.parametrize(
    ("seed", "kinds"), [(11, ("kill", "full", "freeze", "bad")), (12, ("slow", "kill", "jump", "stop"))]
)
async def test_nothing_acknowledged_is_lost(
    make_town: MakeTown, tmp_path: Path, seed: int, kinds: tuple[str, ...]
) -> None:
    plan = make(seed, customers=6, lines=30, kinds=kinds)
    outcome = await carry_out(plan, make_town(FLAGS), tmp_path)
    assert outcome.broken == [], show(plan)
    assert outcome.acknowledged > 30  # how many are refused because their talk was closed depends on the machine
    assert outcome.starts >= 3


class LyingDisk(Town):
    """Its disk says that it has written and has not: the newest quarter of its log is gone with the process."""

    async def kill(self) -> None:
        await super().kill()
        log = self.data_dir / "relay.sqlite3-wal"
        os.truncate(log, log.stat().st_size * 3 // 4)


async def test_a_disk_that_lies_is_found_out(make_town: MakeTown, tmp_path: Path) -> None:
    """The whole harness can fail: people, histories and checker notice what such a disk loses."""
    plan = make(13, customers=3, lines=8, kinds=("kill",))
    outcome = await carry_out(plan, make_town(FLAGS, kind=LyingDisk), tmp_path)
    assert "nothing_acknowledged_is_lost" in {each.law for each in outcome.broken}
