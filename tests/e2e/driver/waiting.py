"""Waiting for a condition, with an end and a reason."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.03


def wait_for(condition: Callable[[], T | None], what: str, timeout_s: float = 10.0, poll_s: float = POLL_S) -> T:
    """Ask `condition` until its answer is true, and return that answer.

    Raises TimeoutError naming `what` was waited for and the last answer.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise TimeoutError(f"waited {timeout_s:g} s for {what}; last answer: {answer!r}")
        time.sleep(poll_s)
