"""Open links follow rights: what an administrator or the agent does elsewhere is seen on them within a moment."""

import pytest

from relay_server.app import Adapters
from relay_server.commands import agent_accounts
from relay_server.commands.agent_accounts import Asked, Change
from relay_server.commands.store import CommandRefused
from relay_server.engine.bus_choice import open_bus
from relay_server.engine.bus_local import LocalBus
from relay_server.engine.store_choice import open_store
from relay_server.gateway.connection import RESYNC, SIGNED_OUT
from relay_server.settings import load
from tests.protocol.talk import follow, on_duty, open_conversation, say, served
from tests.protocol.wire import House, Wire, code


async def administer(house: House, change: Change, username: str, what: str = "") -> None:
    """As the command line does it: another process, which has no bus to this relay."""
    settings = load(house.relay.data_dir, {}, {}).settings
    adapters = Adapters(bus=LocalBus(), open_bus=open_bus, open_store=open_store)
    await agent_accounts.change(settings, adapters, Asked(username, change, what))


async def token(house: House, wire: Wire) -> Wire:
    """Another link with the same sign-in's access token."""
    back = await house.hello("agent")
    back.signed_in = await back.ask(
        {"do": "sign_in_with_token", "access_token": wire.signed_in["tokens"]["access_token"]}
    )
    return back


async def test_disabling_an_agent_ends_every_link_and_token(house: House) -> None:
    wires = [await house.agent("lin"), await house.agent("lin")]
    await administer(house, "disable", "lin")
    assert [await wire.ended() for wire in wires] == [SIGNED_OUT, SIGNED_OUT]
    assert code((await token(house, wires[0])).signed_in) == "token_revoked"
    again = await house.hello("agent")
    password = house.relay.passwords["lin"]
    refused = await again.ask({"do": "sign_in_with_password", "username": "lin", "password": password})
    assert code(refused) == "sign_in_failed"
    await administer(house, "enable", "lin")
    await house.agent("lin")


async def test_who_ends_another_device_stays_and_sees_it_go(house: House) -> None:
    here, there = await house.agent("lin"), await house.agent("lin")
    account = await here.ask({"do": "get_account"})
    assert [each.get("this", False) for each in account["devices"]].count(True) == 1
    other = next(each["device_id"] for each in account["devices"] if not each.get("this"))
    assert (await here.ask({"do": "end_device", "device_id": other}))["is"] == "done"
    await here.until("push", "account_changed")
    assert await there.ended() == SIGNED_OUT
    assert len((await here.ask({"do": "get_account"}))["devices"]) == 1


async def test_who_leaves_a_group_comes_back_without_its_conversations(house: House) -> None:
    lin, customer = await on_duty(house), await house.customer()
    conversation_id = await served(house, customer, lin)
    chen = await house.agent("chen")
    stream = f"c/{conversation_id}/public"
    await follow(chen, stream)
    for group_id in chen.signed_in["agent"]["group_ids"]:
        await administer(house, "leave", "chen", group_id)
    assert await chen.ended() == RESYNC
    back = await token(house, chen)
    assert back.signed_in["agent"]["group_ids"] == []
    assert code(await back.ask({"do": "follow", "stream": stream, "after": 0})) == "not_found"
    assert (await say(lin, conversation_id, "still here"))["is"] == "chat_accepted"


async def test_who_loses_the_role_reads_as_an_administrator_no_more(house: House) -> None:
    await administer(house, "give_role", "chen", "admin")
    admin, lin, customer = await house.agent("admin"), await on_duty(house), await house.customer()
    stream = f"c/{await served(house, customer, lin)}/public"
    await follow(admin, stream)
    await administer(house, "take_role", "admin", "admin")
    assert await admin.ended() == RESYNC
    back = await token(house, admin)
    assert code(await back.ask({"do": "follow", "stream": stream, "after": 0})) == "not_found"
    with pytest.raises(CommandRefused, match="last_administrator"):
        await administer(house, "disable", "chen")


@pytest.mark.parametrize("flags", [{"presence_grace_s": "30"}])
async def test_who_declines_an_offer_hears_no_more_of_the_conversation(house: House) -> None:
    """chen is taken out of the group while work of it is offered to him: then the offer is his only tie."""
    away, customer = await on_duty(house, "chen"), await house.customer()
    conversation_id = await open_conversation(customer)
    await away.until("push", "offer_arrived")
    await administer(house, "leave", "chen", "desk")
    assert await away.ended() == RESYNC
    chen = await token(house, away)
    stream = f"c/{conversation_id}/public"
    await follow(customer, stream)
    await follow(chen, stream)
    assert await hears(customer, chen, conversation_id, "one")
    declined = await chen.ask({"do": "decline_offer", "conversation_id": conversation_id, "reason": "busy"})
    assert declined["is"] == "done", declined
    heard = [await hears(customer, chen, conversation_id, f"line {n}") for n in range(10)]
    assert not heard[-1], "the link still follows"
    assert heard == sorted(heard, reverse=True), "what has ended came back"


async def hears(customer: Wire, agent: Wire, conversation_id: str, text: str) -> bool:
    """Whether the customer's line reaches the agent before the answer to a question asked after it."""
    agent.heard.clear()
    assert (await say(customer, conversation_id, text))["is"] == "chat_accepted"
    await agent.ask({"do": "get_desk"})
    return any(frame["f"] == "event" and frame["record"]["kind"] == "chat_posted" for frame in agent.heard)
