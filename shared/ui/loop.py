"""Runs asyncio on Qt's loop. The only file that knows how: everything else sees asyncio and Qt, nothing between.

Rules that come from measuring it: never `.exec()` a dialog from a coroutine (use `.open()` and a future), never make a
coroutine of a slot (its errors get lost); from a slot, `spawn` into the TaskGroup that owns the work.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Final

import qasync
from PySide6.QtWidgets import QApplication

_log = logging.getLogger(__name__)
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def spawn(owner: asyncio.TaskGroup, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Start work that `owner` waits for and whose failure ends `owner`. Raises RuntimeError once the owner ended."""
    try:
        return owner.create_task(work, name=name)
    except RuntimeError:
        work.close()
        raise


async def until_windows_closed(app: QApplication) -> None:
    """Wait until the last window is closed. Programs with a tray wait for something else instead."""
    closed = asyncio.Event()
    connection = app.lastWindowClosed.connect(closed.set)
    try:
        await closed.wait()
    finally:
        app.disconnect(connection)


def run(main: Callable[[], Awaitable[int]], app: QApplication) -> int:
    """Run `main` on Qt's loop until it returns its exit code. Leaves no task and no reader behind.

    An exception that nobody caught, in `main`, in a callback or in a slot, ends `main` and is raised from here.
    SIGINT and SIGTERM cancel `main`; the code is then 128 + the signal's number.
    """
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    session = _Session(main)
    hook, sys.excepthook = sys.excepthook, session.on_slot_failure
    loop.set_exception_handler(session.on_loop_failure)
    try:
        return loop.run_until_complete(session.live(loop))
    finally:
        sys.excepthook = hook
        loop.close()


class _Session:
    """One run of a program: its main task, and the first thing that went wrong outside it."""

    def __init__(self, main: Callable[[], Awaitable[int]]) -> None:
        self._main = main
        self._task: asyncio.Task[int] | None = None
        self._failure: BaseException | None = None
        self._signal: int | None = None

    async def live(self, loop: asyncio.AbstractEventLoop) -> int:
        self._task = asyncio.ensure_future(self._call_main())
        self._watch_signals(loop)
        try:
            code = await self._outcome(self._task)
        finally:
            await _end_tasks()
            await loop.shutdown_asyncgens()
            self._forget_signals(loop)
        if self._failure is not None:
            raise self._failure
        return code

    def on_loop_failure(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A callback raised, or a task failed and was thrown away."""
        self._fail(context.get("exception") or RuntimeError(str(context.get("message"))))

    def on_slot_failure(self, kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        """A slot or an overridden Qt method raised; Qt itself would print it and go on."""
        self._fail(value.with_traceback(trace))

    async def _call_main(self) -> int:
        return await self._main()

    async def _outcome(self, task: asyncio.Task[int]) -> int:
        try:
            return await task
        except asyncio.CancelledError:
            if self._failure is None and self._signal is None:
                raise
            return 0 if self._signal is None else 128 + self._signal

    def _fail(self, failure: BaseException) -> None:
        if self._failure is not None:
            _log.error("another failure while ending", exc_info=failure)
            return
        self._failure = failure
        if self._task is not None:
            self._task.cancel()

    def _on_signal(self, number: int) -> None:
        self._signal = number
        if self._task is not None:
            self._task.cancel()

    def _watch_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        if sys.platform != "win32":
            for number in _STOP_SIGNALS:
                loop.add_signal_handler(number, self._on_signal, number)

    def _forget_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        if sys.platform != "win32":
            for number in _STOP_SIGNALS:
                loop.remove_signal_handler(number)


async def _end_tasks() -> None:
    """Cancel and await what outlived main. There should be nothing, so what there is gets named."""
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        _log.warning("task outlived the program's main: %s", task.get_name())
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
