"""X servers on display numbers that they choose themselves."""

import os
from collections.abc import Mapping

from tests.e2e.driver.processes import Programs, read_line

Size = tuple[int, int]


def start_xvfb(programs: Programs, env: Mapping[str, str], size: Size, name: str) -> str:
    """Start a screen of `size` pixels in memory; return its display, like ":3"."""
    width, height = size
    return start_server(programs, env, name, ["Xvfb", "-screen", "0", f"{width}x{height}x24"])


def start_xephyr(programs: Programs, env: Mapping[str, str], size: Size, name: str) -> str:
    """Start a screen inside the screen that `env` names; return the inner display.

    What a person does to the outer screen reaches the inner one as a real pointer and keyboard, never as XTEST.
    """
    width, height = size
    return start_server(programs, env, name, ["Xephyr", "-screen", f"{width}x{height}", "-no-host-grab"])


def start_server(programs: Programs, env: Mapping[str, str], name: str, command: list[str]) -> str:
    reading, writing = os.pipe()
    try:
        server = programs.start(
            name,
            [*command, "-displayfd", str(writing), "-nolisten", "tcp", "-noreset", "-dpi", "96"],
            env=env,
            keep_fds=(writing,),
        )
    finally:
        os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as answers:
        return f":{int(read_line(answers.fileno(), server))}"
