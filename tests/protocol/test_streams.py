"""Chat over the wire: acknowledged once, in order, resumed by seq."""

import asyncio

import pytest

from tests.protocol.talk import follow, on_duty, say, served
from tests.protocol.wire import House, Wire, code
from tests.relay_store import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def talk(house: House) -> tuple[Wire, Wire, str]:
    agent, customer = await on_duty(house), await house.customer()
    return customer, agent, await served(house, customer, agent)


async def test_a_line_is_acknowledged_and_arrives(talk: tuple[Wire, Wire, str]) -> None:
    customer, agent, conversation_id = talk
    accepted = await say(customer, conversation_id, "hello", "m1")
    event = await agent.until("event", "chat_posted")
    assert event["record"]["seq"] == accepted["seq"]
    assert (await customer.until("event", "chat_posted"))["record"]["seq"] == accepted["seq"]


async def test_a_resend_is_the_same_line(talk: tuple[Wire, Wire, str]) -> None:
    customer, _, conversation_id = talk
    first = await say(customer, conversation_id, "hello", "m1")
    again = await say(customer, conversation_id, "hello", "m1")
    assert first == again
    events = await follow(customer, f"c/{conversation_id}/public")
    assert [event["kind"] for event in events].count("chat_posted") == 1


async def test_lines_keep_their_order_without_gaps(talk: tuple[Wire, Wire, str]) -> None:
    customer, agent, conversation_id = talk
    for n in range(20):
        both = await asyncio.gather(
            say(customer, conversation_id, f"c{n}", f"c{n}"), say(agent, conversation_id, f"a{n}", f"a{n}")
        )
        assert all(each["is"] == "chat_accepted" for each in both)
    events = await follow(customer, f"c/{conversation_id}/public")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    texts = [event["body"] for event in events if event["kind"] == "chat_posted"]
    for who in "ca":
        mine = [n for body in texts for n in range(20) if f'"client_id":"{who}{n}"' in body]
        assert mine == list(range(20))


async def test_a_link_resumes_from_its_last_seq(house: House, talk: tuple[Wire, Wire, str]) -> None:
    customer, agent, conversation_id = talk
    seen = (await follow(agent, f"c/{conversation_id}/public"))[-1]["seq"]
    await agent.socket.close()
    for n in range(3):
        await say(customer, conversation_id, f"while away {n}")
    back = await house.agent("lin")
    missed = await follow(back, f"c/{conversation_id}/public", seen)
    chats = [event for event in missed if event["kind"] == "chat_posted"]
    assert len(chats) == 3
    assert missed[0]["seq"] == seen + 1


async def test_unfollowing_ends_the_events(talk: tuple[Wire, Wire, str]) -> None:
    customer, agent, conversation_id = talk
    assert (await agent.ask({"do": "unfollow", "stream": f"c/{conversation_id}/public"}))["is"] == "done"
    await say(customer, conversation_id, "hello")
    assert (await agent.ask({"do": "get_desk"}))["is"] == "desk"
    assert not [frame for frame in agent.heard if frame["f"] == "event" and frame["record"]["kind"] == "chat_posted"]


@pytest.mark.parametrize("flags", [{"ping_s": "1"}])
async def test_pings_carry_the_heads_of_followed_streams(talk: tuple[Wire, Wire, str]) -> None:
    customer, _, conversation_id = talk
    accepted = await say(customer, conversation_id, "hello")
    customer.heard.clear()
    while True:
        ping = await customer.until("ping", "")
        if ping["heads"].get(f"c/{conversation_id}/public") == accepted["seq"]:
            break
    assert list(ping["heads"]) == [f"c/{conversation_id}/public"]


async def test_nobody_is_answered_for_a_pong(talk: tuple[Wire, Wire, str]) -> None:
    customer, _, _ = talk
    await customer.send('{"f":"request","id":0,"body":{"do":"pong"}}')
    assert (await customer.ask({"do": "get_home"}))["is"] == "home"
    assert not [frame for frame in customer.heard if frame["f"] in ("reply", "refused")]


async def test_a_service_that_fails_is_internal_and_the_link_lives(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from relay_server.knowledge.service import Knowledge

    async def broken(*_: object) -> None:
        raise LookupError("a bug")

    customer = await house.customer()
    monkeypatch.setattr(Knowledge, "search_articles", broken)
    assert code(await customer.ask({"do": "search_articles", "words": "printer"})) == "internal"
    assert "SearchArticles failed" in caplog.text
    assert (await customer.ask({"do": "get_home"}))["is"] == "home"


async def test_typing_reaches_the_others_only(talk: tuple[Wire, Wire, str]) -> None:
    customer, agent, conversation_id = talk
    await customer.ask({"do": "typing", "conversation_id": conversation_id})
    push = await agent.until("push", "typing_now")
    assert push["body"]["person"]["id"] == customer.signed_in["customer"]["id"]
    await customer.ask({"do": "get_home"})
    assert not [frame for frame in customer.heard if frame["f"] == "push" and frame["body"]["now"] == "typing_now"]
