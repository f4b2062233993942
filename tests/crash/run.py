"""One run: people and nemesis over a town, until everybody has said everything and has seen everything."""

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from pathlib import Path

from shared.protocol.codec import is_public
from tests.crash.checker import Broken, Story, check
from tests.crash.history import Store
from tests.crash.nemesis import strike_all
from tests.crash.people import Agent, Customer, Signal
from tests.crash.plan import Plan
from tests.crash.town import Town

SETTLE_S = 45
FLAGS = ("ping_s=1", "presence_grace_s=1", "link_rate=500", "link_burst=2000", "drain_s=1")
"""Pings come often, so that who missed something knows soon; the limits for one peer are tested elsewhere."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    broken: list[Broken]
    acknowledged: int
    events: int
    starts: int
    seconds: float


async def carry_out(plan: Plan, town: Town, room: Path) -> Outcome:
    """Runs the plan on a town that has not started, and judges it. Raises TimeoutError when people get stuck."""
    began = time.monotonic()
    await town.start_all()
    changed = Signal()
    customers = [Customer(name, deeds, town.endpoint(), room, changed) for name, deeds in plan.customers]
    passwords = town.passwords
    agents = [Agent(name, passwords[name], works, town.endpoint(), room, changed) for name, works in plan.agents]
    people = (*customers, *agents)

    def up() -> None:
        for each in people:
            each.voice.try_now()

    town.on_start = up
    crowd = [asyncio.create_task(each.live()) for each in people]
    talking = crowd[: len(customers)]

    def acknowledged() -> int:
        return sum(len(each.voice.accepted) for each in people)

    def done() -> bool:
        return all(task.done() for task in talking)

    try:
        await strike_all(town, plan.strikes, acknowledged, done, changed)
        await asyncio.gather(*talking)
        await _quiet(people, changed)
        for task in crowd[len(customers) :]:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        await town.kill_all()
        await town.start_all()
        story = await _settle(town, people, changed)
    finally:
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        for each in people:
            await each.voice.die()
        await town.clear()
    return Outcome(check(story), acknowledged(), len(story.store.events), town.starts, time.monotonic() - began)


async def _quiet(people: tuple[Customer | Agent, ...], changed: Signal) -> None:
    """Everybody is signed in and has nothing left to say. Raises TimeoutError that names who is stuck, and how."""
    try:
        await changed.until(lambda: all(each.voice.quiet for each in people), "everybody to be quiet", SETTLE_S)
    except TimeoutError as error:
        stuck = [f"{each.history.name}: {each.voice.words()}" for each in people if not each.voice.quiet]
        raise TimeoutError(f"{error}; {'; '.join(stuck)}") from None


async def _settle(town: Town, people: tuple[Customer | Agent, ...], changed: Signal) -> Story:
    """After the last kill: everybody is back, says what was left, and sees everything. What comes later is left out."""
    await _quiet(people, changed)
    async with asyncio.timeout(SETTLE_S):
        while True:
            histories = tuple(replace(each.history, moments=[*each.history.moments]) for each in people)
            taken = [(stream, len(events)) for each in people for stream, events in each.voice.seen.items()]
            store = await town.engine.store()  # after what people saw: they cannot have seen more than there is
            heads = {record.stream: record.seq for record in store.events}
            if all(count >= heads.get(stream, 0) for stream, count in taken) and _followed_up(store):
                return Story(histories, store)
            await asyncio.sleep(0.1)


def _followed_up(store: Store) -> bool:
    """The fold of tickets has seen every conversation."""
    opened = sum(record.kind == "conversation_opened" and is_public(record.stream) for record in store.events)
    return opened == sum(record.kind == "ticket_opened" for record in store.events)
