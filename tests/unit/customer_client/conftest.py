"""A stage of presenters for each test."""

from pathlib import Path

import pytest

from shared.strings import set_language
from tests.customer_fakes import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Presenters on fakes, in English."""
    set_language("en")
    return Stage(tmp_path)
