"""Category and result: both are required to close a conversation."""

from typing import Final, Literal

from msgspec import Struct, structs

from agent_app.desk.desk import Desk
from agent_app.desk.relay import Failed, Relay, Spawn, ask
from shared.common.shown import Heard, Shown
from shared.protocol.messages.conversations import CloseConversation, Done
from shared.protocol.messages.organisation import FormChoice
from shared.strings import Phrase, phrase

ResultCode = Literal["solved", "workaround", "not_solved", "no_answer"]
RESULTS: Final[tuple[ResultCode, ...]] = ("solved", "workaround", "not_solved", "no_answer")


class WrapUpView(Struct, frozen=True, kw_only=True):
    """`missing` says what is still needed; `problem` why the relay refused."""

    conversation_id: str = ""
    category: str = ""
    result: ResultCode | None = None
    categories: tuple[FormChoice, ...] = ()
    missing: Phrase | None = None
    busy: bool = False
    problem: Failed | None = None


class WrapUpPresenter:
    """What was chosen is kept per conversation until it is closed."""

    def __init__(self, desk: Desk, relay: Relay, spawn: Spawn) -> None:
        self._relay, self._spawn = relay, spawn
        self._chosen: dict[str, tuple[str, ResultCode | None]] = {}
        self.view = Shown(WrapUpView())
        self.closed = Heard[str]()
        desk.categories.watch(lambda categories: self._change(categories=categories))

    def open(self, conversation_id: str) -> None:
        """Write up this one."""
        category, result = self._chosen.get(conversation_id, ("", None))
        self._change(conversation_id=conversation_id, category=category, result=result, busy=False, problem=None)

    def choose_category(self, category: str) -> None:
        """What it was about."""
        self._choose(category, self.view.value.result)

    def choose_result(self, result: ResultCode) -> None:
        """How it went."""
        self._choose(self.view.value.category, result)

    def close(self) -> None:
        """Close the conversation; does nothing while something is missing."""
        view = self.view.value
        if view.missing is None and view.result is not None and not view.busy:
            self._change(busy=True, problem=None)
            self._spawn(self._close(view.conversation_id, view.category, view.result), "close conversation")

    async def _close(self, conversation_id: str, category: str, result: ResultCode) -> None:
        command = CloseConversation(conversation_id=conversation_id, category=category, result=result)
        answer = await ask(self._relay, command, Done)
        failed = isinstance(answer, Failed)
        if self.view.value.conversation_id == conversation_id:
            self._change(busy=False, problem=answer if failed else None)
        if not failed:
            self._chosen.pop(conversation_id, None)
            self.closed.tell(conversation_id)

    def _choose(self, category: str, result: ResultCode | None) -> None:
        self._chosen[self.view.value.conversation_id] = (category, result)
        self._change(category=category, result=result, problem=None)

    def _change(self, **fields: object) -> None:
        view = structs.replace(self.view.value, **fields)
        self.view.set(structs.replace(view, missing=_missing(view)))


def _missing(view: WrapUpView) -> Phrase | None:
    if not view.category:
        return phrase("wrapup.need_category")
    return phrase("wrapup.need_result") if view.result is None else None
