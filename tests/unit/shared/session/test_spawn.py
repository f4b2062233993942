"""Starting and losing a session process, without a screen."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.session import channel as m
from shared.session.clock import StrictClock
from shared.session.spawn import Ended, command, start_agent_session, start_customer_session

PROGRAM = Path(__file__).parents[3] / "control" / "window_program.py"
ENVIRONMENT = {**{name: value for name, value in os.environ.items() if name != "DISPLAY"}, "THREELINE_LOG": "ERROR"}


def nothing(_: object) -> None:
    pass


async def test_a_process_without_a_screen_says_so_and_ends_when_the_window_closes() -> None:
    reports: list[m.CustomerReport] = []
    ended: list[Ended] = []
    answered = asyncio.Event()

    def report(said: m.CustomerReport) -> None:
        reports.append(said)
        answered.set()

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        session = await start_customer_session(
            tasks, on_report=report, on_ended=ended.append, program=PROGRAM, env=ENVIRONMENT
        )
        session.send(m.FindSources())
        await answered.wait()
        assert session.alive
        await session.close()
        await session.close()
    assert reports[0] == m.SourcesFound(monitors=(), fault="capture.no_screen")
    assert ended == [Ended(0, True)]
    session.send(m.Pause())


async def test_a_killed_process_is_noticed() -> None:
    ended: list[Ended] = []
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        session = await start_agent_session(
            tasks, on_report=nothing, on_ended=ended.append, program=PROGRAM, env=ENVIRONMENT
        )
        os.kill(session.pid, signal.SIGKILL)
    assert ended == [Ended(-signal.SIGKILL, False)]
    assert not session.alive


async def test_an_order_to_stop_ends_it_as_expected() -> None:
    ended: list[Ended] = []
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        session = await start_agent_session(
            tasks, on_report=nothing, on_ended=ended.append, program=PROGRAM, env=ENVIRONMENT
        )
        session.send(m.StopViewing())
    assert ended == [Ended(0, True)]


async def test_a_process_that_does_not_obey_a_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.session.spawn._END_S", 0.05)
    ended: list[Ended] = []
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        session = await start_customer_session(
            tasks, on_report=nothing, on_ended=ended.append, program=PROGRAM, env=ENVIRONMENT
        )
        os.kill(session.pid, signal.SIGSTOP)
        session.send(m.StopSharing())
    assert ended == [Ended(-signal.SIGKILL, True)]


async def test_what_is_no_order_ends_it() -> None:
    process = await asyncio.create_subprocess_exec(
        *command("agent", PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**ENVIRONMENT, "PYTHONPATH": str(PROGRAM.parents[2])},
    )
    out, err = await process.communicate(b"\xff\xff\xff\xffrubbish")
    assert process.returncode == 0
    assert out == b""
    assert b"none of ours" in err


def test_an_unknown_role_is_refused() -> None:
    line = [*command("agent", PROGRAM)[:-1], "relay"]
    assert subprocess.run(line, env={**ENVIRONMENT, "PYTHONPATH": str(PROGRAM.parents[2])}, check=False).returncode == 2


def test_a_frozen_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command("customer") == [sys.executable, "session-process", "customer"]


def test_what_the_window_imports_brings_neither_media_nor_qt() -> None:
    code = (
        "import sys, shared.session.spawn, shared.session.frames, shared.control.keymap, shared.rules.coordinates;"
        "print([n for n in ('aiortc', 'av', 'numpy', 'mss', 'pynput', 'Xlib', 'PySide6') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT)
    assert done.stdout.strip() == "[]"


def test_the_strict_clock_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StrictClock()
    before = clock.now_ms()
    monkeypatch.setattr("shared.session.clock.now_ms", lambda: before - 3_600_000)
    assert clock.now_ms() >= before
    monkeypatch.setattr("shared.session.clock.now_ms", lambda: before + 3_600_000)
    assert clock.now_ms() == before + 3_600_000
