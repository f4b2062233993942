"""The steps that many conversations begin with."""

from typing import Any

from tests.protocol.wire import Frame, House, Wire, new_id

ANSWERS = {"category": "device", "product": "printer", "problem": "It beeps."}


async def on_duty(house: House, username: str = "lin") -> Wire:
    """An agent who may be offered work."""
    agent = await house.agent(username)
    answer = await agent.ask({"do": "set_state", "state": "available"})
    assert answer["is"] == "done", answer
    return agent


async def open_conversation(customer: Wire, **changes: Any) -> str:
    """Asks for a person; the conversation's id."""
    conversation_id = new_id()
    request = {
        "do": "open_conversation",
        "conversation_id": conversation_id,
        "group_id": "desk",
        "subject": "The printer beeps",
        "answers": ANSWERS,
    }
    answer = await customer.ask(request | changes)
    assert answer.get("is") == "conversation_open", answer
    return conversation_id


async def served(house: House, customer: Wire, agent: Wire) -> str:
    """A conversation that the agent took; both follow its public stream."""
    conversation_id = await open_conversation(customer)
    offer = await agent.until("push", "offer_arrived")
    assert offer["body"]["offer"]["row"]["conversation_id"] == conversation_id
    answer = await agent.ask({"do": "accept_offer", "conversation_id": conversation_id})
    assert answer["is"] == "done", answer
    for wire in (customer, agent):
        await follow(wire, f"c/{conversation_id}/public")
    return conversation_id


async def follow(wire: Wire, stream: str, after: int = 0) -> list[Frame]:
    """The events so far."""
    page = await wire.ask({"do": "follow", "stream": stream, "after": after})
    assert page.get("is") == "stream_page", page
    return page["events"]


async def say(wire: Wire, conversation_id: str, text: str, client_id: str = "") -> Frame:
    """One line of chat; the acknowledgement or refusal."""
    return await wire.ask(
        {
            "do": "send_chat",
            "conversation_id": conversation_id,
            "client_id": client_id or new_id(),
            "text": text,
        }
    )
