"""Real widgets on fake presenters."""

from pathlib import Path

import pytest

from tests.customer_fakes import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Presenters on fakes; the language is the theme fixture's."""
    return Stage(tmp_path)
