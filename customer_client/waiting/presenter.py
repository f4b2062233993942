"""What a waiting customer sees and may do. Figures come from the relay only, with their age."""

from typing import Final, Literal

from msgspec import Struct, structs

from customer_client.desk.desk import Desk
from customer_client.desk.relay import Failed, Later, Outcome, Relay, Spawn, ask, failure
from customer_client.desk.routes import Ask, ReadArticle, Routes
from customer_client.desk.timelines import Timelines
from customer_client.desk.words import Wait, Words
from shared.common.errors import ThreelineError
from shared.common.shown import Shown, watch_all
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import CancelWaiting
from shared.protocol.messages.knowledge import ArticleHit, ArticleHits, SearchArticles
from shared.protocol.types import PersonRef
from shared.rules.timeline import Timeline, empty
from shared.strings import phrase

CANCEL_KEY: Final = "cancel/"
_TICK_S: Final = 1.0
_ARTICLES: Final = 2


class WaitingView(Struct, frozen=True):
    """`place` 0: not told yet. `wait` None: there is no honest estimate."""

    conversation_id: str = ""
    number: str = ""
    subject: str = ""
    place: int = 0
    wait: Wait | None = None
    worse: bool = False
    age_s: int = 0
    on_duty: int = 0
    state: Literal["sending", "waiting", "your_turn", "gone"] = "sending"
    engineer: PersonRef | None = None
    articles: tuple[ArticleHit, ...] = ()
    asks_cancel: bool = False
    cancelling: bool = False
    offline: bool = False
    place_kept: bool = False
    failed: Failed | None = None


class WaitingPresenter:
    """One wait at a time. The age of the figures is counted while the page is shown."""

    def __init__(
        self, desk: Desk, relay: Relay, routes: Routes, timelines: Timelines, spawn: Spawn, later: Later
    ) -> None:
        self._desk, self._relay, self._routes, self._timelines = desk, relay, routes, timelines
        self._spawn, self._later = spawn, later
        self._timeline: Timeline = empty("")
        self._forget = _nothing
        self._stop_clock = _nothing
        self._dismissed_worse = 0
        self.view = Shown(WaitingView())
        watch_all(self._show, desk.places, desk.link, desk.requests)
        desk.outcomes.watch(self._answered)

    def open(self, conversation_id: str) -> None:
        """Show this conversation's wait."""
        self._stop_clock()
        if conversation_id != self.view.value.conversation_id:
            self._forget()
            self.view.set(WaitingView(conversation_id))
            self._dismissed_worse = 0
            self._forget = self._timelines.watch(conversation_id, self._take)
        self._tick()

    def close(self) -> None:
        """The page is not shown any more."""
        self._stop_clock()

    # What a person does

    def leave_message(self) -> None:
        """Leave words instead of waiting."""
        self._routes.go(Ask(self._timeline.subject, message=True, waiting_for=self.view.value.conversation_id))

    def keep_waiting(self) -> None:
        """The longer wait was seen."""
        self._dismissed_worse = self._high()
        self._show()

    def ask_cancel(self, asked: bool) -> None:
        """Ask once whether to leave the line, or take the question back."""
        self.view.set(structs.replace(self.view.value, asks_cancel=asked))

    def cancel(self) -> None:
        """Leave the line."""
        conversation_id = self.view.value.conversation_id
        try:
            self._relay.post(CANCEL_KEY + conversation_id, CancelWaiting(conversation_id=conversation_id))
        except ThreelineError as error:
            self.view.set(structs.replace(self.view.value, failed=Failed(error.code)))
            return
        self.view.set(structs.replace(self.view.value, cancelling=True, asks_cancel=False))

    def read(self, article_id: str) -> None:
        """Read an article meanwhile."""
        self._routes.go(ReadArticle(article_id))

    # How it comes about

    def _tick(self) -> None:
        self._show()
        self._stop_clock = self._later(_TICK_S, self._tick)

    def _take(self, timeline: Timeline) -> None:
        fresh = timeline.subject and timeline.subject != self._timeline.subject
        self._timeline = timeline
        if fresh:
            self._spawn(self._find_articles(timeline.conversation_id, timeline.subject), "articles meanwhile")
        self._show()

    async def _find_articles(self, conversation_id: str, words: str) -> None:
        answer = await ask(self._relay, SearchArticles(words=words[:200], limit=_ARTICLES), ArticleHits)
        if isinstance(answer, ArticleHits) and self.view.value.conversation_id == conversation_id:
            self.view.set(structs.replace(self.view.value, articles=answer.hits[:_ARTICLES]))

    def _show(self) -> None:
        view = self.view.value
        if not view.conversation_id:
            return
        found = self._desk.places.value.get(view.conversation_id)
        request = self._desk.request(view.conversation_id)
        place = found.push if found else None
        estimate = place is not None and place.wait_low_s is not None and place.wait_high_s is not None
        self.view.set(
            structs.replace(
                view,
                number=request.number if request else view.number,
                subject=self._timeline.subject or view.subject,
                place=place.place if place else 0,
                wait=Wait(place.wait_low_s or 0, place.wait_high_s or 0) if place and estimate else None,
                worse=bool(found and found.worse and self._high() > self._dismissed_worse),
                age_s=max(0, (self._desk.now_ms() - place.at_ms) // 1000) if place else 0,
                on_duty=place.on_duty if place else 0,
                state=self._state(),
                engineer=self._timeline.owner,
                offline=self._desk.link.value.phase != "ready",
            )
        )

    def _state(self) -> Literal["sending", "waiting", "your_turn", "gone"]:
        match self._timeline.state:
            case "active" | "held":
                return "your_turn"
            case "abandoned" | "closed" | "wrap_up":
                return "gone"
            case "new":
                return "sending"
            case _:
                return "waiting"

    def _high(self) -> int:
        found = self._desk.places.value.get(self.view.value.conversation_id)
        return (found.push.wait_high_s or 0) if found else 0

    def _answered(self, outcome: Outcome) -> None:
        if outcome.key != CANCEL_KEY + self.view.value.conversation_id:
            return
        view = structs.replace(self.view.value, cancelling=False)
        if isinstance(outcome.answer, Refused):
            self.view.set(structs.replace(view, failed=failure(outcome.answer)))
        else:
            self.view.set(view)
            self._routes.home()


def checked(view: WaitingView) -> Words:
    """How old the figures are, in words."""
    if not view.place:
        return phrase("waiting.asking_place")
    return phrase("waiting.checked" if view.wait else "waiting.no_estimate", count=view.age_s)


def _nothing() -> None:
    pass
