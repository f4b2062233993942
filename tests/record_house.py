"""What tests of records do with the relay's services: end talks, fold them, erase what has had its time."""

from functools import partial

from relay_server.admin.retention import Retention
from relay_server.engine import traces
from relay_server.identity.actors import AgentActor
from shared.protocol.messages import conversations as c
from shared.rules import timeline
from tests.relay_house import House, ok


def retention(house: House) -> Retention:
    return Retention(house.journal, house.files, partial(traces.clear_sqlite, house.path), house.clock)


async def close(house: House, agent: AgentActor, conversation_id: str) -> None:
    ok(await house.conversations.end_conversation(agent, c.EndConversation(conversation_id=conversation_id)))
    closing = c.CloseConversation(conversation_id=conversation_id, category="software", result="solved")
    ok(await house.conversations.close_conversation(agent, closing))
    await house.fold()


async def folded(house: House, conversation_id: str) -> timeline.Timeline:
    public = await house.events(c.public_stream(conversation_id))
    internal = await house.events(c.internal_stream(conversation_id))
    both = sorted((*public, *internal), key=lambda each: each[0].order)
    return timeline.apply_all(timeline.empty(conversation_id), both)
