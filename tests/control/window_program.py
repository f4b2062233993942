"""A window without a window: what a desktop program does with its session process, driven by lines of JSON.

Lines in are customer orders, lines out are customer reports. As `session-process` it is the session process, as the
real programs are.
"""

import asyncio
import sys
from pathlib import Path

import msgspec

from shared.session import channel as m
from shared.session.main import run
from shared.session.snapshot import network
from shared.session.spawn import Ended, start_customer_session


def show(report: m.CustomerReport | str) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()


async def window() -> None:
    orders: msgspec.json.Decoder[m.CustomerOrder] = msgspec.json.Decoder(m.CustomerOrder)
    over = asyncio.Event()

    def ended(_: Ended) -> None:
        show("ended")
        over.set()

    async with asyncio.TaskGroup() as tasks:
        session = await start_customer_session(tasks, on_report=show, on_ended=ended)
        show(f"pid {session.pid}")
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            session.send(orders.decode(line))
        await over.wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["session-process"]:
        network.name_servers = lambda root=Path("/"): list[str]()  # no test asks this machine's name server
        sys.exit(run(sys.argv[2:]))
    asyncio.run(window())
