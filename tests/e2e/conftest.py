"""Desktops for end-to-end tests, and evidence of what they showed when a test fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.driver.desktop import Desktop, open_desktop

EVIDENCE = Path("artifacts/e2e")
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def opened(request: pytest.FixtureRequest, name: str, *, nested: bool) -> Iterator[Desktop]:
    with open_desktop(name, nested=nested) as desktop:
        yield desktop
        if request.node.stash.get(FAILED, False):
            desktop.keep_evidence(EVIDENCE / request.node.name)


@pytest.fixture
def customer_desktop(request: pytest.FixtureRequest) -> Iterator[Desktop]:
    """The customer's: the person's hands and the remote engineer's can be told apart."""
    yield from opened(request, "customer", nested=True)


@pytest.fixture
def agent_desktop(request: pytest.FixtureRequest) -> Iterator[Desktop]:
    """The agent's."""
    yield from opened(request, "agent", nested=False)
