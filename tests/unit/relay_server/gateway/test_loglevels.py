"""How much is logged can be changed while the relay serves; nonsense in the file changes nothing."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from relay_server.gateway import loglevels
from relay_server.gateway.loglevels import LogLevels
from shared.common.errors import ConfigError

NAME = "relay_server.routing.here"


@pytest.fixture(autouse=True)
def levels_as_before() -> Iterator[None]:
    root = logging.getLogger().level
    yield
    logging.getLogger().setLevel(root)
    logging.getLogger(NAME).setLevel(logging.NOTSET)


def test_a_logger_is_heard_more_and_as_usual_again(tmp_path: Path) -> None:
    levels = LogLevels(tmp_path / "log-levels", "WARNING")
    levels.take()
    loglevels.write(levels.path, {NAME: "DEBUG", "": "ERROR"})
    levels.take()
    assert logging.getLogger(NAME).level == logging.DEBUG
    assert logging.getLogger().level == logging.ERROR
    loglevels.write(levels.path, {})
    levels.take()
    assert logging.getLogger(NAME).level == logging.NOTSET
    assert logging.getLogger().level == logging.WARNING


@pytest.mark.parametrize("line", ["relay_server", "relay_server=LOUD", "os.path=DEBUG", "=", "\xff"])
def test_nonsense_changes_nothing(tmp_path: Path, line: str) -> None:
    levels = LogLevels(tmp_path / "log-levels", "INFO")
    levels.path.write_text(f"{NAME}=DEBUG\n{line}\n", "latin-1")
    with pytest.raises(ConfigError):
        levels.take()
    assert logging.getLogger(NAME).level == logging.NOTSET
