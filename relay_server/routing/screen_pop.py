"""What an agent sees of a conversation that is offered: who, what they answered, earlier requests, and why you."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from relay_server.conversations import store as conversations
from relay_server.conversations import views
from relay_server.conversations.store import Conversation, Intake
from relay_server.engine.raw import Rows
from relay_server.organisation import store as organisation
from shared.protocol.messages.organisation import OfferView, RequestView

_EARLIER: Final = 5
_NOTHING: Final = Intake({}, {})


@dataclass(frozen=True, slots=True)
class Pops:
    """What is known of some conversations and their customers."""

    intakes: dict[int, Intake]
    forms: dict[str, organisation.Form]
    requests: dict[str, tuple[RequestView, ...]]

    def view(self, conversation: Conversation, window_s: int, why: str, inputs: dict[str, str]) -> OfferView:
        """An offer as it stands."""
        intake = self.intakes.get(conversation.key, _NOTHING)
        earlier = [
            each
            for each in self.requests.get(conversation.customer_id, ())
            if each.conversation_id != conversation.conversation_id
        ]
        return OfferView(
            row=conversation.row(),
            deadline_ms=conversation.deadline_ms,
            window_s=window_s,
            answers=intake.answers,
            system=intake.system,
            fields=self.forms[conversation.group_id].fields,
            earlier=tuple(earlier[:_EARLIER]),
            why=why,
            why_params=inputs,
        )


def of(rows: Rows, offered: Sequence[Conversation]) -> Pops:
    """For all of them at once."""
    return Pops(
        conversations.intakes(rows, [each.key for each in offered]),
        {group_id: organisation.form(rows, group_id) for group_id in {each.group_id for each in offered}},
        views.requests_of_all(rows, {each.customer_id for each in offered}, _EARLIER + 1),
    )
