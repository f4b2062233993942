"""Two engineers at one screen: one capture and one encoder for both, and the first leaves when the second sees."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec import structs
from Xlib import display as xdisplay

from shared.protocol.types import Capability
from shared.session import channel as m
from shared.session.spawn import SessionProcess, start_agent_session
from tests.control.test_session import AGENT, PROGRAM, Pair, Side, grant, pair_on, verified

SECOND = "chen"


@asynccontextmanager
async def second_agent(pair: Pair) -> AsyncIterator[tuple[SessionProcess[m.AgentOrder, m.AgentReport], Side]]:
    """Joined by what the relay would carry between the two and the customer."""
    there = Side()
    async with asyncio.TaskGroup() as tasks:
        agent = await start_agent_session(
            tasks, on_report=there.report, on_ended=there.end, program=PROGRAM, env=dict(os.environ)
        )
        first = pair.agent

        def to_agent(said: Any) -> None:
            if isinstance(said, m.SignalOut):
                (agent if said.agent_id == SECOND else first).send(verified(said))

        def to_customer(said: Any) -> None:
            if isinstance(said, m.SignalOut):
                pair.customer.send(structs.replace(verified(said), agent_id=SECOND))

        pair.here.also, there.also = to_agent, to_customer
        try:
            yield agent, there
        finally:
            await agent.close()


@pytest.fixture
async def pair(desk: Any) -> AsyncIterator[Pair]:
    async with pair_on(desk) as made:
        yield made


def paint(desk: Any, colour: int) -> None:
    server = xdisplay.Display(desk.inner)
    root = server.screen().root
    context = root.create_gc(foreground=colour)
    root.fill_rectangle(context, 100, 100, 300, 200)
    server.sync()
    server.close()


async def test_a_newcomer_sees_before_the_first_leaves_and_one_encoder_serves_both(pair: Pair, desk: Any) -> None:
    await pair.share("view", "control")
    async with second_agent(pair) as (agent, there):
        agent.send(m.StartViewing(session_id="s1"))
        pair.customer.send(m.GiveGrants(grants=(grant("view", agent=SECOND),)))
        pair.customer.send(m.AddViewer(agent_id=SECOND))
        await there.until(lambda: there.of(m.FrameShown), "the newcomer's picture")
        await pair.here.until(lambda: m.ViewerSees(agent_id=SECOND) in pair.here.said, "the word of it")
        assert pair.there.of(m.ViewingChanged)[-1].state == "playing"

        shown = len(pair.there.of(m.FrameShown)), len(there.of(m.FrameShown))
        paint(desk, 0x10A040)
        await pair.there.until(lambda: len(pair.there.of(m.FrameShown)) > shown[0], "the change, at the first")
        await there.until(lambda: len(there.of(m.FrameShown)) > shown[1], "the change, at the second")

        await there.until(lambda: there.of(m.StandingChanged), "what the second may do")
        standing: set[Capability] = set(there.of(m.StandingChanged)[-1].capabilities)
        assert standing == {"view"}
        pair.customer.send(m.TakeGrant(agent_id=AGENT, capability="view"))
        await pair.there.until(
            lambda: pair.there.of(m.ViewingChanged)[-1].state in ("lost", "closed"), "the first to go"
        )
        shown_second = len(there.of(m.FrameShown))
        paint(desk, 0xA01040)
        await there.until(lambda: len(there.of(m.FrameShown)) > shown_second, "the second to see on")
