"""What a group of lines costs the one writer on PostgreSQL: a real server on this machine's disk, every commit flushed.

`python -m benchmarks.sizing.commits` prints the median milliseconds of groups of 1 to 512 lines, each line in a
conversation of its own, and the straight line through them.
"""

import asyncio
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from relay_server.conversations.lines import Line, post_all
from relay_server.engine.journal import Transaction
from shared.common.ids import new_id
from shared.protocol.messages.conversations import SendChat
from tests import pg
from tests.relay_house import House, adopt, furnish, ok, open_house

SIZES: Final = (1, 8, 64, 256, 512)
ROUNDS: Final = 25
TALKS: Final = 512
TEXT: Final = "The export stops at 90 % and the file stays empty."


async def measured(path: Path) -> dict[int, float]:
    """Median milliseconds by size of the group."""
    async with open_house(path, engine="postgres") as house:
        await house.on_duty("lin", "busy")
        talks = [await _talk(house, number) for number in range(TALKS)]
        return {size: statistics.median([await _group(house, talks[:size]) for _ in range(ROUNDS)]) for size in SIZES}


async def _talk(house: House, number: int) -> Line:
    customer = await house.customer(f"c{number}", f"k{number}")
    conversation_id = new_id()
    await house.ask(customer, conversation_id)
    return Line(customer, SendChat(conversation_id=conversation_id, client_id="", text=TEXT))


async def _group(house: House, talks: list[Line]) -> float:
    lines = [
        Line(each.actor, SendChat(conversation_id=each.command.conversation_id, client_id=new_id(), text=TEXT))
        for each in talks
    ]

    def work(tx: Transaction) -> int:
        return len(post_all(tx, lines))

    start_s = time.perf_counter()
    assert ok(await house.journal.write(work)) == len(talks)
    return (time.perf_counter() - start_s) * 1000


def straight(points: dict[int, float]) -> tuple[float, float]:
    """Fixed and per-line milliseconds, by least squares."""
    slope, fixed = statistics.linear_regression(list(points), list(points.values()))
    return fixed, slope


def main() -> int:
    server = pg.start_server(durable=True)
    try:
        with TemporaryDirectory(prefix="tl-commits-") as place:
            path = Path(place) / "store"
            address = pg.fresh_database(server)
            asyncio.run(furnish(address))
            adopt(path, address)
            points = asyncio.run(measured(path))
    finally:
        pg.stop(server)
    for size, took_ms in points.items():
        print(f"{size:4} lines: {took_ms:.2f} ms")
    fixed, each = straight(points)
    print(f"commit_fixed_ms {fixed:.3f}  commit_line_us {each * 1000:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
