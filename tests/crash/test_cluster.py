"""The same people and laws over two relays on PostgreSQL and NATS, all of which are killed, frozen and cut off.

Long runs with any seed: `./dev crash --engine postgres --minutes 10 --seed 100`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.sample import Store, sample_store
from tests.crash.plan import make, show
from tests.crash.postgres_engine import RELAYS, postgres_town
from tests.crash.run import carry_out


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "sample").mkdir()
    with sample_store(tmp_path / "sample") as held:
        yield held


async def test_nothing_acknowledged_is_lost(server: Store, tmp_path: Path) -> None:
    plan = make(21, customers=6, lines=14, kinds=("kill", "store", "cut_store", "bus"), relays=RELAYS)
    async with postgres_town(server, tmp_path) as town:
        outcome = await carry_out(plan, town, tmp_path)
    assert outcome.broken == [], show(plan)
    assert outcome.acknowledged > 60
    assert outcome.starts >= 5
