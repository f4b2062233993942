"""Many waiting conversations offered at once: the same step for all of them in a few statements."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import structs

from relay_server.conversations import rules, store
from relay_server.conversations.store import Conversation
from relay_server.engine.journal import Transaction
from relay_server.engine.raw import Shape, write_rows
from relay_server.identity import seats
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.types import PersonRef

_OFFER: Final[Shape] = (
    "UPDATE conversations SET state = 'offered', offered_to = v.column2, offered = v.column3, offer_ms = v.column4,"
    " deadline_ms = v.column5, updated_ms = v.column4 FROM (VALUES ",
    "(CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT))",
    ") AS v WHERE conversations.key = v.column1",
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A conversation that waits, the agent who is asked, and why this one."""

    conversation: Conversation
    agent: PersonRef
    why: str


def offer_all(tx: Transaction, proposals: Sequence[Proposal], deadline_ms: int) -> list[Conversation]:
    """Each is proposed to its agent until the deadline; how they stand then. All of them must be waiting for an offer:
    raises ValueError otherwise."""
    offered = [_offered(tx, each, deadline_ms) for each in proposals]
    tx.append_all([_told(tx, each, deadline_ms) for each in proposals])
    write_rows(
        tx.run, _OFFER, [(each.key, each.offered_to, each.offered, each.offer_ms, deadline_ms) for each in offered]
    )
    asked = Counter(each.offered_to for each in offered)
    seats.hold(tx, asked)
    seats.place(tx, tuple(asked))
    return offered


def _offered(tx: Transaction, proposal: Proposal, deadline_ms: int) -> Conversation:
    state = rules.after(proposal.conversation.state, "offer")
    if isinstance(state, Refused):
        raise ValueError(f"{proposal.conversation.conversation_id} is {proposal.conversation.state}")
    return structs.replace(
        proposal.conversation,
        state=state,
        offered_to=proposal.agent.id,
        offered=store.person_json(proposal.agent),
        offer_ms=tx.now_ms,
        deadline_ms=deadline_ms,
        updated_ms=tx.now_ms,
    )


def _told(tx: Transaction, proposal: Proposal, deadline_ms: int) -> tuple[str, c.OfferMade]:
    conversation = proposal.conversation
    waited_s = max(0, tx.now_ms - conversation.since_ms) // 1000
    made = c.OfferMade(agent=proposal.agent, deadline_ms=deadline_ms, why=proposal.why, waited_s=waited_s)
    return c.internal_stream(conversation.conversation_id), made
