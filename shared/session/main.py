"""The session process: `session-process customer|agent|player`, joined to its window by inherited pipes.

It ends with the window: when the pipe closes, sharing is over. No token or identity key is ever in here.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from shared.common import plainlogs
from shared.common.errors import PeerBroken
from shared.session import channel as m
from shared.session import stdio
from shared.session.aftercare import watch_over
from shared.session.outlet import Outlet

_log = logging.getLogger(__name__)

ROLES: Final = ("customer", "agent", "player")
_USAGE: Final = 2
_HUNG: Final = 70
_LAST_RESORT_S: Final = 4.0
_FLUSH_S: Final = 1.0

OrderT = TypeVar("OrderT", contravariant=True)
T = TypeVar("T")


class Session(Protocol[OrderT]):
    """Either side of a remote session."""

    @property
    def stopping(self) -> asyncio.Event: ...
    def order(self, order: OrderT, /) -> None: ...
    async def keep_time(self) -> None: ...
    async def finish(self) -> None: ...


def run(argv: Sequence[str]) -> int:
    """The whole life of the process; returns its exit code."""
    if len(argv) != 1 or argv[0] not in ROLES:
        return _USAGE
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the window, whose end we follow
    incoming, outgoing = stdio.take_over()
    plainlogs.set_up(os.environ.get("THREELINE_LOG", "INFO"))
    logging.getLogger("aioice").setLevel(logging.WARNING)  # it tells every address of both computers
    if argv[0] == "customer":
        aftercare = watch_over(_let_go, (incoming, outgoing))
        asyncio.run(_Life(m.customer_orders(), _customer).live(incoming, outgoing))
        if aftercare is not None:
            aftercare.dismiss()
    elif argv[0] == "player":
        asyncio.run(_Life(m.player_orders(), _player).live(incoming, outgoing))
    else:
        asyncio.run(_Life(m.agent_orders(), _agent).live(incoming, outgoing))
    return 0


def _let_go() -> None:
    from shared.control.injector import ControlFault
    from shared.control.platform import let_go_of_leftovers

    try:
        let_go_of_leftovers()
    except ControlFault as fault:
        _log.info("nothing to let go of: %s", fault)


def _customer(tasks: asyncio.TaskGroup, outlet: Outlet) -> Session[m.CustomerOrder]:
    from shared.session.customer import CustomerSession

    return CustomerSession(tasks, outlet)


def _agent(tasks: asyncio.TaskGroup, outlet: Outlet) -> Session[m.AgentOrder]:
    from shared.session.agent import AgentSession

    return AgentSession(tasks, outlet)


def _player(tasks: asyncio.TaskGroup, outlet: Outlet) -> Session[m.PlayerOrder]:
    from shared.session.player import PlayerSession

    return PlayerSession(tasks, outlet)


class _Life(Generic[T]):
    """Reads orders until the window closes the pipe or the session wants to stop; then finishes, within bounds."""

    def __init__(self, frames: m.Frames[T], make: Callable[[asyncio.TaskGroup, Outlet], Session[T]]) -> None:
        self._frames = frames
        self._make = make

    async def live(self, incoming: int, outgoing: int) -> None:
        reader, reading, writer = await stdio.open_channel(incoming, outgoing)
        stuck = asyncio.Event()
        outlet = Outlet(writer, stuck.set)
        async with asyncio.TaskGroup() as tasks:
            session = self._make(tasks, outlet)
            work = [
                tasks.create_task(outlet.run(), name="outlet"),
                tasks.create_task(session.keep_time(), name="time"),
            ]
            enders = [
                tasks.create_task(self._read(reader, session), name="orders"),
                tasks.create_task(_wait(session.stopping), name="stopping"),
                tasks.create_task(_wait(stuck), name="stuck"),
            ]
            try:
                await asyncio.wait(enders, return_when=asyncio.FIRST_COMPLETED)
            finally:  # also when a task has failed: nothing stays down, nobody goes on seeing
                _end_for_sure()
                await self._finish(session, outlet)
            for task in (*work, *enders):
                task.cancel()
        reading.close()
        writer.close()

    async def _read(self, reader: asyncio.StreamReader, session: Session[T]) -> None:
        try:
            while data := await reader.read(stdio.READ_BYTES):
                for order in self._frames.feed(data):
                    session.order(order)
        except PeerBroken as broken:
            _log.error("the window's orders are none of ours: %s", broken)
        except ConnectionError:
            _log.info("the window has gone")

    async def _finish(self, session: Session[T], outlet: Outlet) -> None:
        await session.finish()
        try:
            async with asyncio.timeout(_FLUSH_S):
                await outlet.flush()
        except TimeoutError:
            _log.info("the window does not read any more")


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _end_for_sure() -> None:
    """Whatever hangs from here on, the process does not outlive its stop: its end is the last way to end sharing."""
    timer = threading.Timer(_LAST_RESORT_S, os._exit, [_HUNG])
    timer.daemon = True
    timer.start()
