"""What is done to relays, PostgreSQL and NATS, and what clients see of it: nothing that was acknowledged is lost."""

import asyncio
import itertools
import logging
import signal

from tests.cluster.client import LONG_S, client, in_line
from tests.cluster.sample import Store
from tests.cluster.town import LEASE_S, Node, Town
from tests.protocol.talk import follow, on_duty, open_conversation, say, served
from tests.protocol.wire import WAIT_S, Frame, Wire

log = logging.getLogger(__name__)


async def test_a_node_killed_under_load_costs_no_line_and_its_clients_go_on_at_the_other(built: Town) -> None:
    a, b = built.nodes
    agent = await on_duty(b.house)
    assert (await agent.ask({"do": "set_state", "state": "busy"}))["is"] == "done"
    async with client(built, a) as one, client(built, a) as two, client(built, b) as three:
        talks = [(each, await in_line(each)) for each in (one, two, three)]
        killed_s = 0.0
        for number in itertools.count():
            for each, conversation_id in talks:
                each.say(conversation_id)
            await asyncio.sleep(0.005)
            if number == 60:
                a.send(signal.SIGKILL)
                killed_s = asyncio.get_running_loop().time()
            if number >= 150 and one.ready and two.ready:
                break
        for each, conversation_id in talks:
            await each.until(lambda each=each: each.outbox.first() is None)
            head = max(each.accepted.values())
            await each.until(lambda each=each, head=head: bool(each.seqs) and each.seqs[-1] >= head)
            assert each.seqs == list(range(1, each.seqs[-1] + 1))
            assert len(each.lines) == len(set(each.lines))
            assert set(each.lines) == set(each.accepted)
            assert conversation_id
        back_s = [min(at for at, phase in each.phases if phase == "ready" and at > killed_s) for each in (one, two)]
        log.warning("resumed after %s s", [round(at - killed_s, 2) for at in back_s])
        assert all(at - killed_s < LONG_S for at in back_s)
        assert "waiting" not in {phase for _, phase in three.phases}


async def test_a_frozen_node_is_given_up_and_begins_anew_when_it_thaws(built: Town) -> None:
    a, b = built.nodes
    agent, customer = await on_duty(a.house), await b.house.customer()
    conversation_id = await served(b.house, customer, agent)
    waiting = await open_conversation(await b.house.customer())
    await agent.until("push", "offer_arrived")
    other = await on_duty(b.house, "chen")
    a.send(signal.SIGSTOP)
    offer, _ = await asyncio.gather(  # who is not read answers no ping
        other.until("push", "offer_arrived"), online(customer, wanted=False)
    )
    assert offer["body"]["offer"]["row"]["conversation_id"] == waiting
    assert (await say(customer, conversation_id, "are you there?"))["seq"]
    a.send(signal.SIGCONT)
    assert await agent.ended() in (4008, 1006)  # 1006: the heartbeat looks first, and ends it without a word
    back = await again(a, agent)
    await online(customer, wanted=True)
    assert (await back.ask({"do": "accept_offer", "conversation_id": waiting})).get("code") == "offer_gone"
    assert "are you there?" in str(await follow(back, f"c/{conversation_id}/public"))
    assert (await say(back, conversation_id, "yes"))["seq"]
    await heard_line(customer, "yes")


async def test_a_node_cut_off_from_nats_still_serves_and_its_lines_are_found(built: Town) -> None:
    a, b = built.nodes
    agent, customer = await on_duty(a.house), await b.house.customer()
    conversation_id = await served(b.house, customer, agent)
    a.bus.cut()
    assert (await say(agent, conversation_id, "cut off"))["seq"]
    seen = await behind(customer, conversation_id)
    assert "cut off" in str(await follow(customer, f"c/{conversation_id}/public", seen))
    a.bus.mend()
    await heard_soon(agent, customer, conversation_id)


async def test_nats_may_go_and_come_again(built: Town) -> None:
    a, b = built.nodes
    agent, customer = await on_duty(a.house), await b.house.customer()
    conversation_id = await served(b.house, customer, agent)
    built.nats.stop()
    assert (await say(agent, conversation_id, "without"))["seq"]
    seen = await behind(customer, conversation_id)
    assert "without" in str(await follow(customer, f"c/{conversation_id}/public", seen))
    await built.nats.start()
    await heard_soon(agent, customer, conversation_id)


async def test_a_node_cut_off_from_postgresql_lets_its_clients_go_and_takes_them_again(built: Town) -> None:
    a, b = built.nodes
    async with client(built, a) as made:
        agent = await on_duty(b.house)
        assert (await agent.ask({"do": "set_state", "state": "busy"}))["is"] == "done"
        conversation_id = await in_line(made)
        a.store.cut()
        made.say(conversation_id)
        await made.until(lambda: bool(made.accepted))
        assert made.endpoint.url == b.url
        await made.until(lambda: bool(made.lines))
        a.store.mend()
        await takes_links(a)


async def test_postgresql_may_go_and_come_again(built: Town, store: Store) -> None:
    a, b = built.nodes
    agent = await on_duty(b.house)
    assert (await agent.ask({"do": "set_state", "state": "busy"}))["is"] == "done"
    async with client(built, a) as made:
        conversation_id = await in_line(made)
        for number in range(40):
            made.say(conversation_id)
            await asyncio.sleep(0.01)
            if number == 20:
                await asyncio.to_thread(store.restart)
        await made.until(lambda: made.outbox.first() is None)
        await made.until(lambda: made.seqs[-1] >= max(made.accepted.values()))
        assert made.seqs == list(range(1, made.seqs[-1] + 1))
        assert len(made.lines) == len(set(made.lines)) == 40


async def online(wire: Wire, *, wanted: bool) -> None:
    while (await wire.until("push", "presence_changed"))["body"]["online"] is not wanted:
        continue


async def again(node: Node, agent: Wire) -> Wire:
    """The engineer comes back with their token, as soon as the node takes links."""
    await takes_links(node)
    wire = await node.house.hello("agent")
    token = agent.signed_in["tokens"]["access_token"]
    assert (await wire.ask({"do": "sign_in_with_token", "access_token": token}))["is"] == "agent_signed_in"
    return wire


async def takes_links(node: Node) -> None:
    async with asyncio.timeout(LONG_S):
        while True:
            async with node.session.get(node.house.relay.url("/readyz"), ssl=node.house.relay.tls()) as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.1)


async def behind(wire: Wire, conversation_id: str) -> int:
    """A ping says that there is more than was heard; how far was heard."""
    stream = f"c/{conversation_id}/public"
    while True:
        seen = max((seq_of(frame, stream) for frame in wire.heard), default=0)
        if (await wire.until("ping", ""))["heads"].get(stream, 0) > seen:
            return seen


def seq_of(frame: Frame, stream: str) -> int:
    return frame["record"]["seq"] if frame["f"] == "event" and frame["record"]["stream"] == stream else 0


async def heard_soon(speaker: Wire, listener: Wire, conversation_id: str) -> None:
    """Lines come by themselves again, sooner or later."""
    async with asyncio.timeout(LONG_S):
        for number in itertools.count():
            assert (await say(speaker, conversation_id, f"now {number}"))["seq"]
            ping = await listener.until("ping", "")
            assert ping["at_ms"]
            if any("now " in frame["record"]["body"] for frame in listener.heard if frame["f"] == "event"):
                return


async def heard_line(wire: Wire, text: str) -> None:
    async with asyncio.timeout(WAIT_S + LEASE_S):
        while text not in (await wire.until("event", "chat_posted"))["record"]["body"]:
            continue
