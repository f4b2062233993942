"""A stage of presenters for each test."""

import pytest

from shared.strings import set_language
from tests.customer_fakes import Stage


@pytest.fixture
def stage() -> Stage:
    """Presenters on fakes, in English."""
    set_language("en")
    return Stage()
