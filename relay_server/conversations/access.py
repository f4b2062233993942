"""How somebody is tied to a conversation, and what follows. Without the right to read it, it is not there."""

from relay_server.conversations import store
from relay_server.conversations.store import Conversation
from relay_server.engine.raw import Rows
from relay_server.identity.actors import AgentActor, Caller
from relay_server.identity.permissions import Action, Relation, may, roles_of
from shared.protocol.frames import Refused


def relations(rows: Rows, actor: Caller, conversation: Conversation) -> tuple[Relation, ...]:
    """Every tie of the actor to the conversation."""
    if not isinstance(actor, AgentActor):
        return ("customer_of",) if conversation.customer_id == actor.id else ()
    ties: list[Relation] = []
    if conversation.owner_id == actor.id:
        ties.append("owner")
    elif (part := store.mode_of(rows, conversation.key, actor.id)) is not None:
        ties.append("collaborator" if part == ("collaborator", True) else "served")
    if conversation.group_id in actor.profile.group_ids:
        ties.append("group")
    if conversation.offered_to == actor.id:
        ties.append("offered")
    return tuple(ties)


def check(rows: Rows, actor: Caller, conversation: Conversation, action: Action) -> Refused | None:
    """Refused: `not_found` for who may not even read it, else `not_allowed`."""
    ties = relations(rows, actor, conversation)
    roles = roles_of(actor)
    if may(roles, action, ties):
        return None
    return Refused(code="not_allowed" if may(roles, "conversation.read_public", ties) else "not_found")


def find(rows: Rows, actor: Caller, conversation_id: str, action: Action) -> Conversation | Refused:
    """The conversation, when the actor may do this to it. Refused: `not_found`, `not_allowed`."""
    conversation = store.by_id(rows, conversation_id)
    if conversation is None:
        return Refused(code="not_found")
    return check(rows, actor, conversation, action) or conversation


def relations_by_key(rows: Rows, actor: Caller, key: int) -> tuple[Relation, ...]:
    """The ties to the conversation with that key; for lower rooms that know conversations by key only."""
    conversation = store.by_key(rows, key)
    return relations(rows, actor, conversation) if conversation else ()


def is_outsider(rows: Rows, actor: Caller, conversation: Conversation, action: Action) -> bool:
    """Whether the actor may do this only by a role that needs no tie to the conversation: then it goes on record."""
    return isinstance(actor, AgentActor) and not may(("agent",), action, relations(rows, actor, conversation))
