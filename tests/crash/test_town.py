"""People talk, the relay is hit by everything that can happen to a process and its disk, and the laws hold.

Long runs with any seed: `./dev crash --minutes 10 --seed 100`.
"""

import os
from pathlib import Path

from tests.crash.conftest import MakeTown
from tests.crash.plan import make, show
from tests.crash.process import RelayProcess
from tests.crash.run import carry_out


async def test_nothing_acknowledged_is_lost(make_town: MakeTown, tmp_path: Path) -> None:
    plan = make(12, customers=6, lines=30, kinds=("slow", "full", "freeze", "bad", "jump", "kill"))
    outcome = await carry_out(plan, make_town(), tmp_path)
    assert outcome.broken == [], show(plan)
    assert outcome.acknowledged > 100
    assert outcome.starts >= 3


class LyingDisk(RelayProcess):
    """Its disk says that it has written and has not: the newest quarter of its log is gone with the process."""

    async def kill(self) -> None:
        await super().kill()
        log = self.data_dir / "relay.sqlite3-wal"
        os.truncate(log, log.stat().st_size * 3 // 4)


async def test_a_disk_that_lies_is_found_out(make_town: MakeTown, tmp_path: Path) -> None:
    """The whole harness can fail: people, histories and checker notice what such a disk loses."""
    plan = make(13, customers=3, lines=8, kinds=())  # the kill that ends every run is enough
    outcome = await carry_out(plan, make_town(LyingDisk), tmp_path)
    assert "nothing_acknowledged_is_lost" in {each.law for each in outcome.broken}
