"""The Qt loop under asyncio: groups, child processes, failures, signals, and nothing left behind."""

import asyncio
import os
import signal
import sys
import threading

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from shared.ui.loop import run, spawn, until_windows_closed

ECHO = "import sys; data = sys.stdin.buffer.read(); sys.stdout.buffer.write(data[::-1]); sys.stderr.write('done')"


def test_returns_the_code_of_main(qapp: QApplication) -> None:
    async def main() -> int:
        await asyncio.sleep(0)
        return 7

    assert run(main, qapp) == 7


def test_group_of_tasks_and_qt_timers_interleave(qapp: QApplication) -> None:
    seen: list[str] = []

    async def main() -> int:
        ticked = asyncio.Event()

        async def wait() -> None:
            async with asyncio.timeout(5):
                await ticked.wait()
            seen.append("task")

        async with asyncio.TaskGroup() as group:
            spawn(group, wait(), "wait")
            QTimer.singleShot(0, lambda: (seen.append("qt"), ticked.set()))
        return 0

    assert run(main, qapp) == 0
    assert seen == ["qt", "task"]


def test_child_process_with_pipes_over_a_megabyte(qapp: QApplication) -> None:
    payload = os.urandom(1_500_000)

    async def main() -> int:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            ECHO,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(20):
            out, err = await child.communicate(payload)
        assert out == payload[::-1]
        assert err == b"done"
        assert child.returncode is not None
        return child.returncode

    assert run(main, qapp) == 0


def test_child_process_that_is_killed_is_seen(qapp: QApplication) -> None:
    async def main() -> int:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        child.kill()
        async with asyncio.timeout(20):
            return await child.wait()

    assert run(main, qapp) == -signal.SIGKILL


def test_work_in_a_thread_returns_to_the_loop(qapp: QApplication) -> None:
    async def main() -> int:
        ident = await asyncio.to_thread(threading.get_ident)
        assert ident != threading.get_ident()
        return 0

    assert run(main, qapp) == 0


def test_failure_of_a_spawned_task_is_a_crash_with_its_trace(qapp: QApplication) -> None:
    async def broken() -> None:
        raise ValueError("broken task")

    async def main() -> int:
        async with asyncio.TaskGroup() as group:
            spawn(group, broken(), "broken")
            await asyncio.Event().wait()
        return 0

    with pytest.raises(ExceptionGroup) as caught:
        run(main, qapp)
    assert caught.group_contains(ValueError, match="broken task")


def test_failure_in_a_slot_ends_main(qapp: QApplication) -> None:
    ended = False

    async def main() -> int:
        nonlocal ended

        def slot() -> None:
            raise LookupError("broken slot")

        QTimer.singleShot(0, slot)
        try:
            await asyncio.Event().wait()
        finally:
            ended = True
        return 0

    with pytest.raises(LookupError, match="broken slot"):
        run(main, qapp)
    assert ended


def test_failure_in_a_loop_callback_ends_main(qapp: QApplication) -> None:
    async def main() -> int:
        future = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda _: 1 // 0)
        future.set_result(None)
        await asyncio.Event().wait()
        return 0

    with pytest.raises(ZeroDivisionError):
        run(main, qapp)


def test_signal_ends_main_in_order(qapp: QApplication) -> None:
    cleaned = False

    async def main() -> int:
        nonlocal cleaned
        QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.SIGTERM))
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned = True
        return 0

    assert run(main, qapp) == 128 + signal.SIGTERM
    assert cleaned


def test_closing_the_last_window_ends_the_wait(qapp: QApplication) -> None:
    async def main() -> int:
        window = QWidget()
        window.show()
        QTimer.singleShot(0, window.close)
        async with asyncio.timeout(5):
            await until_windows_closed(qapp)
        window.deleteLater()
        return 0

    assert run(main, qapp) == 0


def test_spawning_into_an_ended_group_is_refused(qapp: QApplication) -> None:
    async def nothing() -> None:
        return

    async def main() -> int:
        async with asyncio.TaskGroup() as group:
            pass
        with pytest.raises(RuntimeError):
            spawn(group, nothing(), "late")
        return 0

    assert run(main, qapp) == 0


def test_a_task_that_outlives_main_is_ended_and_named(qapp: QApplication, expected_logs: list[str]) -> None:
    expected_logs.append("task outlived the program's main: forgotten")
    ended = False

    async def forgotten() -> None:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        finally:
            ended = True

    kept: list[asyncio.Task[None]] = []

    async def main() -> int:
        kept.append(asyncio.create_task(forgotten(), name="forgotten"))
        await asyncio.sleep(0)
        return 0

    assert run(main, qapp) == 0
    assert ended


def test_can_run_again_after_ending(qapp: QApplication) -> None:
    async def main() -> int:
        await asyncio.sleep(0.001)
        return 0

    assert [run(main, qapp) for _ in range(3)] == [0, 0, 0]
