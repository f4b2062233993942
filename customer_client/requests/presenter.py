"""All requests, and one of them with its steps and what may still be done."""

from msgspec import Struct, structs

from customer_client.desk.desk import LIVE_STATES, Desk
from customer_client.desk.relay import Failed, Outcome, Relay, failure
from customer_client.desk.routes import Ask, OneRequest, Result, Routes, Talk
from customer_client.desk.steps import RequestLine, request_line
from shared.common.errors import ThreelineError
from shared.common.shown import Shown
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import Reopen
from shared.protocol.messages.organisation import RequestView

REOPEN_KEY = "reopen-list/"


class OneView(Struct, frozen=True):
    """One request. `live`: it is talked or waited about now."""

    line: RequestLine
    updated_ms: int
    live: bool
    has_result: bool
    reopen_until_ms: int
    too_late: bool


class RequestsView(Struct, frozen=True):
    """The list, newest change first, and the one that is looked at."""

    lines: tuple[RequestLine, ...] = ()
    one: OneView | None = None
    loaded: bool = False
    reopening: bool = False
    failed: Failed | None = None


class RequestsPresenter:
    """List and detail share one picture."""

    def __init__(self, desk: Desk, relay: Relay, routes: Routes) -> None:
        self._desk, self._relay, self._routes = desk, relay, routes
        self._conversation_id = ""
        self.view = Shown(RequestsView())
        desk.requests.on_change(self._show)
        desk.loaded.on_change(self._show)
        desk.outcomes.watch(self._answered)

    def open(self, conversation_id: str) -> None:
        """Look at one request."""
        self._conversation_id = conversation_id
        self.view.set(structs.replace(self.view.value, failed=None))
        self._show()

    # What a person does

    def choose(self, conversation_id: str) -> None:
        """Look closer."""
        self._routes.go(OneRequest(conversation_id))

    def talk(self) -> None:
        """Go to its conversation: the chat, or what was said in it."""
        self._routes.go(Talk(self._conversation_id))

    def result(self) -> None:
        """See what was done."""
        self._routes.go(Result(self._conversation_id))

    def ask_again(self) -> None:
        """A new request with the same words."""
        one = self.view.value.one
        self._routes.go(Ask(one.line.subject if one else ""))

    def reopen(self) -> None:
        """Not solved after all."""
        self.view.set(structs.replace(self.view.value, reopening=True, failed=None))
        try:
            self._relay.post(REOPEN_KEY + self._conversation_id, Reopen(conversation_id=self._conversation_id))
        except ThreelineError as error:
            self.view.set(structs.replace(self.view.value, reopening=False, failed=Failed(error.code)))

    # How it comes about

    def _show(self) -> None:
        desk = self._desk
        request = desk.request(self._conversation_id)
        self.view.set(
            structs.replace(
                self.view.value,
                lines=tuple(request_line(each) for each in desk.requests.value),
                one=self._one(request) if request else None,
                loaded=desk.loaded.value,
            )
        )

    def _one(self, request: RequestView) -> OneView:
        closed = request.conversation_state == "closed"
        may_reopen = closed and request.reopen_until_ms > self._desk.now_ms()
        return OneView(
            line=request_line(request),
            updated_ms=request.updated_ms,
            live=request.conversation_state in LIVE_STATES,
            has_result=request.conversation_state in ("closed", "wrap_up"),
            reopen_until_ms=request.reopen_until_ms if may_reopen else 0,
            too_late=closed and not may_reopen,
        )

    def _answered(self, outcome: Outcome) -> None:
        if outcome.key != REOPEN_KEY + self._conversation_id:
            return
        view = structs.replace(self.view.value, reopening=False)
        if isinstance(outcome.answer, Refused):
            self.view.set(structs.replace(view, failed=failure(outcome.answer)))
        else:
            self.view.set(view)
            self._routes.home()
            self._routes.go(Talk(self._conversation_id))
