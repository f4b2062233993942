"""The session process under the windows' own loop."""

import asyncio
import signal
from pathlib import Path

from PySide6.QtWidgets import QApplication

from shared.session import channel as m
from shared.session.spawn import Ended, start_customer_session
from shared.ui.loop import run

PROGRAM = Path(__file__).parents[1] / "control" / "window_program.py"


def test_a_window_finds_monitors_and_notices_the_end_of_its_session_process(qapp: QApplication) -> None:
    found: list[m.CustomerReport] = []
    ended: list[Ended] = []

    async def main() -> int:
        answered = asyncio.Event()

        def report(said: m.CustomerReport) -> None:
            found.append(said)
            answered.set()

        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            first = await start_customer_session(tasks, on_report=report, on_ended=ended.append, program=PROGRAM)
            first.send(m.FindSources())
            await answered.wait()
            await first.close()
            second = await start_customer_session(tasks, on_report=report, on_ended=ended.append, program=PROGRAM)
            second.kill()
        return 0

    assert run(main, qapp) == 0
    assert isinstance(found[0], m.SourcesFound)
    assert found[0].monitors
    assert ended == [Ended(0, True), Ended(-signal.SIGKILL, False)]
