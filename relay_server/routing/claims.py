"""What waits, offered to whoever can take it, within a transaction: all on the one writer, so a claim is never lost in
between.

A pass looks at the groups that are due and nowhere else: at the heads of their lines and at the first of their free
agents, no more than can be matched. It makes at most `OFFERS`, so that nobody waits long for it; what is left
stays due.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import structs

from relay_server.conversations import offering
from relay_server.conversations.offering import Proposal
from relay_server.conversations.store import Conversation
from relay_server.engine.bus import ToPerson, Wake
from relay_server.engine.journal import Transaction
from relay_server.engine.portable import MOST
from relay_server.organisation import store as organisation
from relay_server.routing import lines, rules, screen_pop, store
from relay_server.routing.lines import AtWork, Decision, Head
from relay_server.routing.rules import Assignment, Work
from shared.protocol.messages.routing import OfferArrived, StateChanged

LINE = "line"
"""Topic of the wake after a group's line changed; the key is the group's id."""
OFFERS: Final = 192
"""Made in one unit of work at most."""
_FEWEST: Final = 8
"""Looked at in each line at least."""


@dataclass(frozen=True, slots=True)
class _Look:
    """The work in the order in which it is served. `cut`: there is more behind it."""

    work: list[Work]
    keys: dict[str, int]
    cut: bool


def assign(tx: Transaction) -> bool:
    """Makes offers in the groups that are due; whether some may be left to make."""
    due = lines.due(tx.rows)
    share = min(OFFERS, max(_FEWEST, 2 * OFFERS // len(due))) if due else MOST
    while due:
        look = _look(tx, due, share)
        seats, known = lines.seats(tx.rows, look.work)
        chosen, sure = rules.pick_known(look.work, seats, tx.now_ms, known)
        if chosen:
            _claim(tx, chosen[:OFFERS], look.keys)
        if sure and not look.cut and len(chosen) <= OFFERS:
            break
        if chosen:
            lines.settle(tx)
            return bool(lines.due(tx.rows))
        if share >= MOST:
            break
        share = min(MOST, share * 4)  # all that was looked at is refused by all who are free: who is behind it?
    lines.done(tx, due)
    return False


def _look(tx: Transaction, due: Sequence[str], share: int) -> _Look:
    """The first of each line, as far back as all the lines are known: nobody is served before one who is not seen."""
    heads = lines.heads(tx.rows, due, share)
    ends = [found[-1].place for found in heads.values() if len(found) == share]
    end = min(ends, default=None)
    seen = sorted((each for found in heads.values() for each in found), key=lambda each: each.place)
    near = [each for each in seen if end is None or each.place <= end]
    # A share above what is offered at once means that those before it can be offered to nobody.
    served = near[: max(OFFERS, share)]
    work = _work(tx, served)
    return _Look(work, {each.conversation_id: each.key for each in served}, len(served) < len(seen) or bool(ends))


def _work(tx: Transaction, heads: Sequence[Head]) -> list[Work]:
    refused = lines.refusals(tx.rows, [each.key for each in heads])
    members = {each.group_id: store.available(tx.rows, each.group_id) for each in heads if each.key in refused}
    work: list[Work] = []
    for each in heads:
        by_whom = frozenset[str]()
        if each.key in refused:
            by_whom = rules.still_refused(refused[each.key], members[each.group_id], tx.now_ms)
            if not by_whom:
                store.forget_refusals(tx, each.key)
        work.append(Work(each.conversation_id, each.group_id, each.rank_ms, refused=by_whom))
    return work


def _claim(tx: Transaction, chosen: Sequence[Assignment], keys: Mapping[str, int]) -> None:
    """Stores the offers and what decided them, and tells the agents."""
    waiting = lines.waiting(tx.rows, [keys[each.conversation_id] for each in chosen])
    agents = lines.at_work(tx.rows, {each.agent_id for each in chosen})
    groups = {group_id: organisation.group(tx.rows, group_id) for group_id in {each.group_id for each in chosen}}
    pops = screen_pop.of(tx.rows, list(waiting.values()))
    window_s = organisation.policy(tx.rows).offer_window_s
    proposals = [Proposal(waiting[each.conversation_id], agents[each.agent_id].person, each.why) for each in chosen]
    offered = offering.offer_all(tx, proposals, tx.now_ms + window_s * 1000)
    decided = [
        Decision(conversation, each, _inputs(tx, conversation, each, groups[each.group_id]))
        for conversation, each in zip(offered, chosen, strict=True)
    ]
    lines.decide(tx, decided)
    for conversation, each, inputs in decided:
        pop = pops.view(conversation, window_s, each.why, inputs)
        tx.after_commit(ToPerson(each.agent_id, OfferArrived(offer=pop)))
    _tell_states(tx, chosen, agents)
    for group_id in groups:
        tx.after_commit(Wake(LINE, group_id, everywhere=True))


def _tell_states(tx: Transaction, chosen: Sequence[Assignment], agents: Mapping[str, AtWork]) -> None:
    for agent_id, units in Counter(each.agent_id for each in chosen).items():
        stands = agents[agent_id].stands
        told = structs.replace(stands, used_units=stands.used_units + units)
        tx.after_commit(ToPerson(agent_id, StateChanged(state=told)))


def _inputs(
    tx: Transaction, conversation: Conversation, chosen: Assignment, group: organisation.Group | None
) -> dict[str, str]:
    return {
        "group": group.name if group else chosen.group_id,
        "free": str(chosen.free),
        "load_percent": str(chosen.load_percent),
        "waited_s": str(max(0, tx.now_ms - conversation.since_ms) // 1000),
        "vip_level": str(conversation.vip_level),
    }
