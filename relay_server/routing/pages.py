"""The first page of each program: everything it shows at the start, from one snapshot."""

from relay_server.conversations import store as conversations
from relay_server.conversations import views
from relay_server.engine.raw import Rows
from relay_server.identity.actors import AgentActor, CustomerActor
from relay_server.organisation import store as organisation
from relay_server.routing import board, offers, standing, store
from shared.protocol.messages.conversations import ConversationRow
from shared.protocol.messages.organisation import AgentStateView, Desk, Home


def home(rows: Rows, actor: CustomerActor, now_ms: int) -> Home:
    """The customer's."""
    public = tuple(each for each in organisation.groups(rows) if each.public)
    ids = {each.group_id for each in public}
    return Home(
        requests=views.requests_of(rows, actor.id),
        groups=tuple(each.view() for each in public),
        forms=tuple(form for form in organisation.forms(rows) if form.group_id in ids),
        status=tuple(board.status(rows, each, now_ms) for each in public),
        notices=organisation.notices(rows),
    )


def desk(rows: Rows, actor: AgentActor, now_ms: int) -> Desk:
    """The agent's."""
    return Desk(
        state=standing.view(rows, actor.id) or AgentStateView(state="offline", since_ms=now_ms),
        groups=tuple(each.view() for each in organisation.groups(rows)),
        conversations=tuple(each.row() for each in conversations.of_owner(rows, actor.id)),
        queue=queue(rows, actor.profile.group_ids),
        offers=offers.views_of(rows, actor.id),
        colleagues=organisation.colleagues(rows, actor.id),
        categories=organisation.categories(rows),
        forms=organisation.forms(rows),
    )


def queue(rows: Rows, group_ids: tuple[str, ...]) -> tuple[ConversationRow, ...]:
    """What waits in some groups, in the order in which it will be offered; only the first of very many."""
    waiting = [each for group_id in group_ids for each in store.board_line(rows, group_id, board.QUEUE_SHOWN)]
    waiting.sort(key=lambda each: (each.rank_ms, each.conversation_id))
    return tuple(each.row() for each in waiting[: board.QUEUE_SHOWN])
