"""Amy's relay for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.identity_house import House, amys_relay


@pytest.fixture
async def amys(tmp_path: Path) -> AsyncIterator[House]:
    async with amys_relay(tmp_path) as house:
        yield house
