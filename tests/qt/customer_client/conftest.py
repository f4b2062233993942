"""Real widgets on fake presenters."""

import pytest

from tests.customer_fakes import Stage


@pytest.fixture
def stage() -> Stage:
    """Presenters on fakes; the language is the theme fixture's."""
    return Stage()
