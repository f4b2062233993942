"""A relay is told to stop while people talk: a balancer hears it first, then its clients go on at the other one."""

import asyncio
import signal
from collections.abc import Callable

from tests.cluster.client import LONG_S, Client, client, in_line
from tests.cluster.town import Node, Town
from tests.protocol.talk import on_duty
from tests.protocol.wire import WAIT_S

NOTICE = ("--set", "drain_notice_s=1.5", "--set", "drain_spread_s=0.5", "--set", "drain_s=5")


async def test_a_node_says_so_serves_on_and_hands_its_clients_over(built: Town) -> None:
    a, b = built.nodes
    await begun_with(a, NOTICE)
    agent = await on_duty(b.house)
    assert (await agent.ask({"do": "set_state", "state": "busy"}))["is"] == "done"
    async with client(built, a) as one, client(built, a) as two:
        talks = [(each, await in_line(each)) for each in (one, two)]
        assert await readiness(a) == (200, "ready\n")
        a.send(signal.SIGTERM)
        await not_ready(a)
        assert (await health(a))[0] == 200
        await serves_on(a, talks)
        await talk_until(talks, lambda: all(each.ready and each.endpoint.url == b.url for each, _ in talks))
        assert await gone(a) == 0
        for each, _ in talks:
            await all_told(each)
            assert "waiting" not in {phase for _, phase in each.phases}, "it went on at once"


async def serves_on(node: Node, talks: list[tuple[Client, str]]) -> None:
    """Old clients are answered and a new one is let in."""
    for each, conversation_id in talks:
        told = len(each.accepted)
        each.say(conversation_id)
        await each.until(lambda each=each, told=told: len(each.accepted) > told)
        assert each.endpoint.url == node.url
    newcomer = await node.house.customer()
    await newcomer.socket.close()


async def talk_until(talks: list[tuple[Client, str]], there: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG_S):
        while not there():
            for each, conversation_id in talks:
                each.say(conversation_id)
            await asyncio.sleep(0.01)


async def all_told(each: Client) -> None:
    """Every line has its acknowledgement and came back once, in its place."""
    await each.until(lambda: each.outbox.first() is None)
    await each.until(lambda: bool(each.seqs) and each.seqs[-1] >= max(each.accepted.values()))
    assert each.seqs == list(range(1, each.seqs[-1] + 1))
    assert len(each.lines) == len(set(each.lines))
    assert set(each.lines) == set(each.accepted)


async def begun_with(node: Node, flags: tuple[str, ...]) -> None:
    await node.end()
    node.flags += flags
    await node.begin()
    await node.there()


async def gone(node: Node) -> int:
    assert node.process is not None
    async with asyncio.timeout(WAIT_S):
        return await node.process.wait()


async def not_ready(node: Node) -> None:
    async with asyncio.timeout(WAIT_S):
        while True:
            answer = await readiness(node)
            if answer[0] != 200:
                assert answer == (503, "not ready: shutting_down\n")
                return
            await asyncio.sleep(0.02)


async def readiness(node: Node) -> tuple[int, str]:
    return await look(node, "/readyz")


async def health(node: Node) -> tuple[int, str]:
    return await look(node, "/healthz")


async def look(node: Node, path: str) -> tuple[int, str]:
    relay = node.house.relay
    async with node.session.get(relay.url(path), ssl=relay.tls()) as answer:
        return answer.status, await answer.text()
