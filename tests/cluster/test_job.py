"""Two relays are one: the whole job with the customer at one and the engineer at the other."""

import io

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.common.clock import now_ms
from tests.cluster.town import Town
from tests.protocol.talk import follow, on_duty, open_conversation, say, served
from tests.protocol.wire import Frame, House, Wire


async def test_the_whole_job_goes_through_both(built: Town) -> None:
    a, b = (node.house for node in built.nodes)
    agent = await on_duty(b)
    customer = await a.customer()
    conversation_id = await served(a, customer, agent)
    await customer.until("push", "request_changed")
    assert (await say(customer, conversation_id, "hello"))["seq"]
    assert "hello" in (await agent.until("event", "chat_posted"))["record"]["body"]
    await agent.ask({"do": "typing", "conversation_id": conversation_id})
    await customer.until("push", "typing_now")
    assert (await say(agent, conversation_id, "good day"))["seq"]
    while "good day" not in (await customer.until("event", "chat_posted"))["record"]["body"]:
        continue
    await signals_pass(customer, agent, conversation_id)
    await note_stays_inside(customer, agent, conversation_id)


async def signals_pass(customer: Wire, agent: Wire, conversation_id: str) -> None:
    asked = {"do": "ask_capabilities", "conversation_id": conversation_id, "request_id": "r1", "reason": "to look"}
    assert (await agent.ask({**asked, "capabilities": ["view"]}))["is"] == "done"
    await customer.until("event", "capability_asked")
    agent_id = agent.signed_in["agent"]["person"]["id"]
    grant = {"capability": "view", "agent_id": agent_id, "until_ms": now_ms() + 600_000}
    answer = {"do": "answer_consent", "conversation_id": conversation_id, "request_id": "r1", "grants": [grant]}
    assert (await customer.ask(answer))["is"] == "done"
    started = await agent.until("event", "remote_started")
    session_id = started["record"]["body"].split('"session_id":"')[1].split('"')[0]
    customer_id = customer.signed_in["customer"]["id"]
    for sender, to, receiver in ((agent, customer_id, customer), (customer, agent_id, agent)):
        signal = {"kind": "offer", "sdp": "v=0"}
        sent = {"do": "send_signal", "session_id": session_id, "to": to, "signal": signal}
        assert (await sender.ask(sent))["is"] == "done"
        assert (await receiver.until("push", "signal_arrived"))["body"]["signal"]["sdp"] == "v=0"


async def note_stays_inside(customer: Wire, agent: Wire, conversation_id: str) -> None:
    note = {"do": "add_note", "conversation_id": conversation_id, "client_id": "n1", "text": "inside"}
    assert (await agent.ask(note))["is"] == "note_accepted"
    assert (await say(agent, conversation_id, "outside"))["seq"]
    while "outside" not in (await customer.until("event", "chat_posted"))["record"]["body"]:
        continue
    assert "inside" not in str(customer.heard)


async def test_places_and_status_are_told_at_every_node(built: Town) -> None:
    a, b = (node.house for node in built.nodes)
    first, second = await a.customer(), await b.customer()
    agent = await on_duty(b)
    assert (await agent.ask({"do": "set_state", "state": "busy"}))["is"] == "done"
    for wire in (first, second):
        while (await wire.until("push", "service_status"))["body"].get("on_duty") != 1:
            continue
    await open_conversation(first)
    await open_conversation(second)
    places = {await place(first, 1), await place(second, 2)}
    assert places == {1, 2}
    while len(rows := (await agent.until("push", "queue_changed"))["body"]["rows"]) < 2:
        continue
    taken = {"do": "take_from_queue", "conversation_id": rows[0]["conversation_id"]}
    assert (await agent.ask(taken))["is"] == "done"
    assert await place(second, 1) == 1


async def place(wire: Wire, wanted: int) -> int:
    while True:
        told = (await wire.until("push", "queue_place"))["body"]["place"]
        if told == wanted:
            return told


async def test_a_client_that_moves_goes_on_where_it_was_and_nobody_saw_it_go(built: Town) -> None:
    a, b = (node.house for node in built.nodes)
    agent, key = await on_duty(b), Ed25519PrivateKey.generate()
    customer = await a.customer(key)
    conversation_id = await served(a, customer, agent)
    stream = f"c/{conversation_id}/public"
    seen = (await say(customer, conversation_id, "one"))["seq"]
    there = await b.customer(key)
    await customer.socket.close()
    assert (await say(agent, conversation_id, "two"))["seq"] == seen + 1
    missed = await follow(there, stream, seen)
    assert [event["seq"] for event in missed] == [seen + 1]
    assert (await say(there, conversation_id, "one", client_id="again"))["seq"] == seen + 2
    assert (await say(there, conversation_id, "one", client_id="again"))["seq"] == seen + 2
    agent.heard = [frame for frame in agent.heard if frame["f"] != "ping"]
    await agent.until("ping", "")
    await agent.until("ping", "")  # longer than the grace
    offline = [frame for frame in agent.heard if gone(frame)]
    assert offline == []


def gone(frame: Frame) -> bool:
    return frame["f"] == "push" and frame["body"]["now"] == "presence_changed" and not frame["body"]["online"]


async def test_signing_out_ends_links_at_every_node_and_files_are_the_same_at_each(built: Town) -> None:
    a, b = (node.house for node in built.nodes)
    here = await a.agent("lin")
    token = here.signed_in["tokens"]["access_token"]
    there = await b.hello("agent")
    assert (await there.ask({"do": "sign_in_with_token", "access_token": token}))["is"] == "agent_signed_in"
    assert (await here.ask({"do": "sign_out"}))["is"] == "done"
    assert await there.ended() in (4001, 1006)  # 1006: aiohttp's client, when its answer to the close comes too late
    late = await b.hello("agent")
    assert (await late.ask({"do": "sign_in_with_token", "access_token": token}))["code"] == "token_revoked"
    customer = await a.customer()
    blob_id = await upload(a, customer, b"some words of text")
    assert await download(b, customer, blob_id) == (200, b"some words of text")
    (built.files / "blobs" / blob_id).unlink()
    status, body = await download(b, customer, blob_id)
    assert status == 503
    assert b"blob_missing" in body


async def upload(house: House, wire: Wire, data: bytes) -> str:
    headers = {"Authorization": f"Bearer {wire.signed_in['access_token']}", "X-File-Name": "x.txt"}
    url = house.relay.url("/blobs")
    async with house.session.post(url, data=io.BytesIO(data), headers=headers, ssl=house.relay.tls()) as answer:
        assert answer.status == 201
        return (await answer.json())["blob_id"]


async def download(house: House, wire: Wire, blob_id: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {wire.signed_in['access_token']}"}
    url = house.relay.url(f"/blobs/{blob_id}")
    async with house.session.get(url, headers=headers, ssl=house.relay.tls()) as answer:
        return answer.status, await answer.read()
