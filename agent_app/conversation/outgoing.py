"""What this agent wrote and the relay has not stored yet: shown as waiting, or as failed."""

from msgspec import Struct, structs

from agent_app.conversation.lines import ChatLine
from agent_app.desk.desk import Desk
from agent_app.desk.relay import Outcome, Relay
from shared.common.shown import Heard
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import AddNote, SendChat

Draft = SendChat | AddNote


class Posted(Struct, frozen=True):
    """One line on its way; `refused` is the code that stopped it."""

    command: Draft
    at_ms: int
    refused: Refused | None = None


class Outgoing:
    """Lines by `client_id`, in the order written; one leaves when its event arrives."""

    def __init__(self, desk: Desk, relay: Relay) -> None:
        self._desk, self._relay = desk, relay
        self._posted: dict[str, Posted] = {}
        self.changed = Heard[str]()
        """Told the conversation whose lines changed."""
        desk.outcomes.watch(self._answered)

    def load(self) -> None:
        """Somebody has signed in: take up what they wrote before and was not stored."""
        self._posted = {
            command.client_id: Posted(command, self._desk.now_ms())
            for _, command in self._relay.pending()
            if isinstance(command, Draft)
        }

    def post(self, command: Draft) -> None:
        """Write a line. Raises OutboxFull: then nothing was taken."""
        self._relay.post(command.client_id, command)
        self._posted[command.client_id] = Posted(command, self._desk.now_ms())
        self.changed.tell(command.conversation_id)

    def again(self, client_id: str) -> None:
        """Send a failed line once more, as the same message. Raises OutboxFull."""
        failed = self._posted.get(client_id)
        if failed is not None and failed.refused is not None:
            self.post(failed.command)

    def lines(self, conversation_id: str, known: frozenset[str]) -> tuple[ChatLine, ...]:
        """What is to be shown after the stored lines; those in `known` have arrived and are forgotten."""
        for client_id in known & self._posted.keys():
            del self._posted[client_id]
        mine = (each for each in self._posted.values() if each.command.conversation_id == conversation_id)
        return tuple(_line(each) for each in mine)

    def refusal(self, client_id: str) -> Refused | None:
        """Why a line failed."""
        posted = self._posted.get(client_id)
        return posted.refused if posted else None

    def _answered(self, outcome: Outcome) -> None:
        posted = self._posted.get(outcome.key)
        if posted is None or not isinstance(outcome.answer, Refused):
            return
        self._posted[outcome.key] = structs.replace(posted, refused=outcome.answer)
        self.changed.tell(posted.command.conversation_id)


def _line(posted: Posted) -> ChatLine:
    command = posted.command
    return ChatLine(
        key=command.client_id,
        kind="note" if isinstance(command, AddNote) else "message",
        at_ms=posted.at_ms,
        mine=True,
        text=command.text,
        attachments=() if isinstance(command, AddNote) else command.attachments,
        mark="failed" if posted.refused else "waiting",
    )
