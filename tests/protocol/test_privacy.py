"""One customer can never read another's anything; notes never reach a customer."""

import json
from typing import Any

import pytest

from tests.protocol.talk import follow, on_duty, say, served
from tests.protocol.wire import House, code, new_id
from tests.relay_store import ENGINES

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03" + bytes(64)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize(
    "command",
    [
        {"do": "follow", "stream": "c/{id}/public"},
        {"do": "follow", "stream": "c/{id}/internal"},
        {"do": "send_chat", "conversation_id": "{id}", "client_id": "x", "text": "hello"},
        {"do": "mark_read", "conversation_id": "{id}", "seq": 1},
        {"do": "mark_delivered", "conversation_id": "{id}", "seq": 1},
        {"do": "typing", "conversation_id": "{id}"},
        {"do": "cancel_waiting", "conversation_id": "{id}"},
        {"do": "reopen", "conversation_id": "{id}"},
        {"do": "get_receipts", "conversation_id": "{id}"},
        {"do": "give_rating", "conversation_id": "{id}", "solved": "yes"},
        {"do": "answer_consent", "conversation_id": "{id}", "request_id": "x"},
        {
            "do": "open_conversation",
            "conversation_id": "{id}",
            "group_id": "desk",
            "subject": "mine now",
            "answers": {"category": "device", "product": "printer", "problem": "x"},
        },
    ],
    ids=lambda command: command["do"],
)
async def test_another_customers_conversation_cannot_be_told_from_none(house: House, command: dict[str, Any]) -> None:
    agent, amy, eve = await on_duty(house), await house.customer(), await house.customer(name="Eve")
    conversation_id = await served(house, amy, agent)
    theirs = json.loads(json.dumps(command).replace("{id}", conversation_id))
    nobodys = json.loads(json.dumps(command).replace("{id}", new_id()))
    refusal = await eve.ask(theirs)
    assert code(refusal) in ("not_found", "not_allowed")
    if command["do"] != "open_conversation":
        assert code(await eve.ask(nobodys)) == code(refusal)
    await say(amy, conversation_id, "secret")
    await agent.until("event", "chat_posted")
    assert (await eve.ask({"do": "get_home"}))["requests"] == []
    assert not [frame for frame in eve.heard if frame["f"] == "event"]


async def test_the_internal_stream_cannot_be_told_from_none(house: House) -> None:
    agent, amy = await on_duty(house), await house.customer()
    conversation_id = await served(house, amy, agent)
    note = {"do": "add_note", "conversation_id": conversation_id, "client_id": "n1", "text": "difficult"}
    assert (await agent.ask(note))["is"] == "note_accepted"
    own = code(await amy.ask({"do": "follow", "stream": f"c/{conversation_id}/internal"}))
    other = code(await amy.ask({"do": "follow", "stream": f"c/{new_id()}/internal"}))
    assert own == other
    await say(agent, conversation_id, "hello")
    await amy.until("event", "chat_posted")
    events = await follow(amy, f"c/{conversation_id}/public")
    assert "difficult" not in json.dumps([events, amy.heard])
    kinds = {event["kind"] for event in events}
    assert kinds.isdisjoint({"note_added", "offer_made", "offer_ended"})


async def test_a_ticket_is_not_a_customers_to_follow(house: House) -> None:
    agent, amy = await on_duty(house), await house.customer()
    await served(house, amy, agent)
    changed = await amy.until("push", "request_changed")
    ticket_id = changed["body"]["request"].get("ticket_id") or new_id()
    assert code(await amy.ask({"do": "follow", "stream": f"t/{ticket_id}"})) in ("not_allowed", "not_found")


async def test_a_blob_is_its_uploaders_until_a_conversation_shows_it(house: House) -> None:
    agent, amy, eve = await on_duty(house), await house.customer(), await house.customer(name="Eve")
    conversation_id = await served(house, amy, agent)
    lin, mei, other = (bearer(wire.signed_in) for wire in (agent, amy, eve))
    async with house.session.post(house.relay.url("/blobs"), data=PNG, headers=mei, ssl=house.relay.tls()) as answer:
        assert answer.status == 201
        blob = await answer.json()

    async def status(headers: dict[str, str]) -> int:
        url = house.relay.url(f"/blobs/{blob['blob_id']}")
        async with house.session.get(url, headers=headers, ssl=house.relay.tls()) as answer:
            if answer.status == 200:
                assert await answer.read() == PNG
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Content-Disposition"].startswith("attachment")
            return answer.status

    assert [await status(each) for each in (mei, lin, other, {})] == [200, 404, 404, 401]
    chat = {"do": "send_chat", "conversation_id": conversation_id, "client_id": "p", "attachments": [blob]}
    stolen = await eve.ask(chat | {"conversation_id": conversation_id})
    assert code(stolen) in ("not_found", "not_allowed")
    assert (await amy.ask(chat))["is"] == "chat_accepted"
    assert [await status(each) for each in (mei, lin, other)] == [200, 200, 404]


def bearer(signed_in: dict[str, Any]) -> dict[str, str]:
    token = signed_in.get("access_token") or signed_in["tokens"]["access_token"]
    return {"Authorization": f"Bearer {token}"}
