"""Satisfaction: one rating a conversation, kept as an event and as a row."""

from relay_server.conversations import access, views
from relay_server.conversations import store as conversations
from relay_server.engine.journal import Journal, Transaction
from relay_server.identity.actors import CustomerActor
from relay_server.insight import rules, store
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import Done, public_stream
from shared.protocol.messages.insight import GiveRating, RatingGiven


class Insight:
    """What customers say about the work."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def give_rating(self, actor: CustomerActor, command: GiveRating) -> Done | Refused:
        """Refused: `not_found`, `already_rated`, `wrong_state`, `form_incomplete`."""
        return await self._journal.write(lambda tx: _rate(tx, actor, command))


def _rate(tx: Transaction, actor: CustomerActor, command: GiveRating) -> Done | Refused:
    found = access.find(tx.rows, actor, command.conversation_id, "conversation.rate")
    if isinstance(found, Refused):
        return found
    helper = conversations.last_owner(tx.rows, found.key)
    refused = rules.may_rate(found.state, was_helped=helper is not None, rated=bool(found.rated), answers=command)
    if refused or helper is None:
        return refused or Refused(code="wrong_state")
    rating = RatingGiven(
        by=actor.person,
        solved=command.solved,
        easy=command.easy,
        in_control=command.in_control,
        comment=command.comment.strip(),
    )
    tx.append(public_stream(found.conversation_id), rating)
    store.insert(tx, found.key, found.group_id, helper.id, rating)
    conversations.set_rated(tx, found.key)
    views.tell(tx, found.conversation_id)
    return Done()
