"""An outlet never blocks its owner, keeps order, and is bounded."""

import asyncio

from shared.session import channel as m
from shared.session.frames import FrameReady
from shared.session.outlet import MAX_BACKLOG_BYTES, Outlet, joined


class Slow:
    """A pipe that takes what it is given only when told."""

    def __init__(self) -> None:
        self.data = b""
        self.flowing = asyncio.Event()
        self.broken = False

    def write(self, data: bytes, /) -> None:
        if self.broken:
            raise BrokenPipeError
        self.data += data

    async def drain(self) -> None:
        await self.flowing.wait()

    def reports(self) -> list[m.AgentReport]:
        return list(m.agent_reports().feed(self.data))


def frame(number: int, *dirty: tuple[int, int, int, int], path: str = "/a") -> FrameReady:
    return FrameReady(path, 1, number, 10, 10, dirty)


async def test_everything_sent_arrives_in_order() -> None:
    pipe = Slow()
    pipe.flowing.set()
    outlet = Outlet(pipe, lambda: None)
    task = asyncio.create_task(outlet.run())
    for number in range(50):
        outlet.send(m.CustomerActs(for_ms=number))
    await outlet.flush()
    assert pipe.reports() == [m.CustomerActs(for_ms=number) for number in range(50)]
    outlet.close()
    await task


async def test_of_what_ages_only_the_newest_waits() -> None:
    pipe = Slow()
    outlet = Outlet(pipe, lambda: None)
    task = asyncio.create_task(outlet.run())
    outlet.send(m.ViewingChanged(state="connected"))
    await asyncio.sleep(0)
    for number in range(1, 6):
        outlet.send_latest(m.FrameShown(frame=frame(number, (number, 0, 1, 1))))
        outlet.send_latest(m.CursorAt(x=number, y=0))
    pipe.flowing.set()
    await outlet.flush()
    dirty = tuple((number, 0, 1, 1) for number in range(1, 6))
    assert pipe.reports()[1:] == [m.FrameShown(frame=frame(5, *dirty)), m.CursorAt(x=5, y=0)]
    outlet.close()
    await task


async def test_a_reader_that_never_reads_is_noticed_once() -> None:
    stuck: list[bool] = []
    outlet = Outlet(Slow(), lambda: stuck.append(True))
    big = m.CursorLooks(width=1, height=1, hot_x=0, hot_y=0, pixels=bytes(m.MAX_FRAME_BYTES // 2))
    for _ in range(2 * MAX_BACKLOG_BYTES // len(big.pixels)):
        outlet.send(big)
    assert stuck == [True]
    await outlet.flush()


async def test_a_broken_pipe_ends_the_writing() -> None:
    pipe = Slow()
    pipe.broken = True
    outlet = Outlet(pipe, lambda: None)
    outlet.send(m.CustomerActs(for_ms=1))
    await outlet.run()
    outlet.send(m.CustomerActs(for_ms=2))
    await outlet.flush()


def test_joined_pictures_lose_no_change() -> None:
    assert joined(frame(1, (0, 0, 1, 1)), frame(2, (5, 5, 1, 1))).dirty == ((0, 0, 1, 1), (5, 5, 1, 1))
    assert joined(frame(1), frame(2, (5, 5, 1, 1))).dirty == ()
    assert joined(frame(1, (0, 0, 1, 1), path="/b"), frame(2, (5, 5, 1, 1))).dirty == ()
    assert joined(frame(1, *[(0, 0, 1, 1)] * 9), frame(2, *[(0, 0, 1, 1)] * 9)).dirty == ()
