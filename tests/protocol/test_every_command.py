"""Every command of the unions, with a table of rights that allows nothing: whoever is answered was not asked.

The people here have every tie there is to what they name, so that only the right is missing.
"""

from typing import Any, get_args

import msgspec
import pytest

from relay_server.identity import permissions
from shared.protocol import frames
from shared.protocol.messages import account as a
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import remote as x
from shared.protocol.messages import trust as w
from tests.protocol.talk import on_duty, served
from tests.protocol.wire import Frame, House, new_id
from tests.samples import sample

NOBODYS_RIGHT = {i.Pong, c.Unfollow, i.SignOut, i.RenewTokens}
"""What concerns the link or the sign-in itself."""
SERVICE = {w.GetTrust, w.RegisterKey, x.GetIceServers}
"""Open to whoever is signed in: the organisation's public keys, one's own key, paths."""


async def lived(house: House) -> tuple[Any, Any, dict[str, Any]]:
    """A customer, the agent who serves them, and the ids of everything between them."""
    agent, customer = await on_duty(house, "chen"), await house.customer()
    conversation_id = await served(house, customer, agent)
    ask = {
        "do": "ask_capabilities",
        "conversation_id": conversation_id,
        "request_id": new_id(),
        "capabilities": ["view"],
        "reason": "to see",
    }
    assert (await agent.ask(ask))["is"] == "done"
    asked = (await customer.until("event", "capability_asked"))["record"]["body"]
    session_id = msgspec.json.decode(asked)["session_id"]
    tickets = await agent.ask({"do": "list_tickets"})
    page: Frame = await agent.ask({"do": "get_desk"})
    card = next(row for row in page["conversations"] if row["conversation_id"] == conversation_id)
    known = {
        "conversation_id": conversation_id,
        "stream": f"c/{conversation_id}/public",
        "request_id": ask["request_id"],
        "session_id": session_id,
        "customer_id": card["customer"]["id"],
        "agent_id": agent.signed_in["agent"]["person"]["id"],
        "group_id": "desk",
        "ticket_id": tickets["rows"][0]["ticket_id"],
        "device_id": "none",
        "language": "en",
        "text": "hello",
    }
    return customer, agent, known


def cases(union: object) -> list[type[msgspec.Struct]]:
    return [kind for kind in get_args(union) if kind not in NOBODYS_RIGHT | SERVICE]


async def answered(wire: Any, kinds: list[type[msgspec.Struct]], known: dict[str, Any]) -> dict[str, str]:
    """Who was not refused for want of a right, and what they got."""
    found: dict[str, str] = {}
    for kind in kinds:
        answer = await wire.ask(sample(kind, known))
        told = answer.get("code") or answer.get("is") or ""
        if told not in ("not_allowed", "not_found", "offer_gone"):
            found[kind.__name__] = told
    return found


@pytest.mark.parametrize("flags", [{"link_burst": "1000"}])
async def test_nothing_is_done_for_who_has_no_right(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, agent, known = await lived(house)
    monkeypatch.setattr(permissions, "ALLOWED", frozenset())
    by_signature = {"StoreReceipt": "receipt_invalid"}
    assert await answered(customer, cases(frames.CustomerCommand), known) == by_signature, "looked at before anything"
    once_more = {"AcceptOffer": "done"}
    assert await answered(agent, cases(frames.AgentCommand), known) == once_more, "the owner has accepted already"


@pytest.mark.parametrize("flags", [{"link_burst": "1000"}])
async def test_a_stranger_gets_nothing_of_others(house: House) -> None:
    """Another customer, and an agent of another group, with the same ids."""
    _, _, known = await lived(house)
    stranger, wu = await house.customer(name="Eve"), await house.agent("wu")
    concerned = {"conversation_id", "stream", "session_id", "customer_id", "ticket_id"}
    own = {c.OpenConversation, c.LeaveMessage, a.EndDevice}
    for wire, union in ((stranger, frames.CustomerCommand), (wu, frames.AgentCommand)):
        kinds = [kind for kind in cases(union) if concerned & set(kind.__struct_fields__) and kind not in own]
        assert len(kinds) > 8
        assert await answered(wire, kinds, known) == {}


HTTP = (
    ("POST", "/blobs"),
    ("GET", "/blobs/abc"),
    ("PUT", "/recordings/abc/1"),
    ("POST", "/recordings/abc/close"),
    ("GET", "/recordings/abc"),
)


@pytest.mark.parametrize(("method", "path"), HTTP)
@pytest.mark.parametrize("bearer", ["", "Bearer ", "Bearer " + "x" * 43, "Basic eDp4", "Bearer a~1~" + "x" * 43])
async def test_no_route_gives_anything_without_a_token_that_stands(
    house: House, method: str, path: str, bearer: str
) -> None:
    headers = {"Authorization": bearer} if bearer else {}
    async with house.session.request(
        method, house.relay.url(path), ssl=house.relay.tls(), headers=headers, data=b"x"
    ) as answer:
        assert answer.status == 401
