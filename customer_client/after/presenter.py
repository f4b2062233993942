"""After a conversation: what was done in it, the receipt, one way back, at most three questions."""

import asyncio
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct, structs

from customer_client.desk.desk import Desk
from customer_client.desk.relay import Failed, Outcome, Relay, Spawn, ask, failure
from customer_client.desk.routes import Ask, Routes, Talk
from customer_client.desk.timelines import Timelines
from customer_client.sharing.view import Finished
from shared.common.errors import ThreelineError
from shared.common.shown import Shown, watch_all
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import Reopen
from shared.protocol.messages.insight import GiveRating
from shared.protocol.messages.remote import GetReceipts, Receipt, Receipts
from shared.protocol.types import PersonRef
from shared.rules.timeline import Timeline, empty

RATING_KEY: Final = "rating/"
REOPEN_KEY: Final = "reopen/"
Solved = Literal["yes", "partly", "no", ""]


class AfterView(Struct, frozen=True):
    """`sharing_over`: a remote session has just ended while the conversation goes on."""

    conversation_id: str = ""
    title: str = ""
    number: str = ""
    receipts: tuple[Receipt, ...] = ()
    loading: bool = False
    closed: bool = False
    talking: bool = False
    writing_up: bool = False
    engineer: PersonRef | None = None
    reopen_until_ms: int = 0
    reopening: bool = False
    asks: bool = False
    rated: bool = False
    questions: bool = False
    solved: Solved = ""
    easy: int = 0
    in_control: int = 0
    comment: str = ""
    sending: bool = False
    saved: str = ""
    failed: Failed | None = None


class AfterPresenter:
    """One conversation at a time. `digest` and `folder` are given by the app."""

    def __init__(
        self, desk: Desk, relay: Relay, routes: Routes, timelines: Timelines, spawn: Spawn, folder: Path
    ) -> None:
        self._desk, self._relay, self._routes, self._timelines = desk, relay, routes, timelines
        self._spawn, self._folder = spawn, folder
        self._timeline: Timeline = empty("")
        self._forget = _nothing
        self._fresh: dict[str, Receipt] = {}
        self._skipped: set[str] = set()
        self.view = Shown(AfterView())
        watch_all(self._show, desk.requests)
        desk.outcomes.watch(self._answered)

    def remember(self, finished: Finished) -> None:
        """A session has just ended here: its receipt is shown before the relay has it."""
        self._fresh[finished.receipt.session_id] = finished.receipt
        if self.view.value.conversation_id == finished.conversation_id:
            self._merge(())

    def open(self, conversation_id: str) -> None:
        """Show what was done in a conversation."""
        if conversation_id != self.view.value.conversation_id:
            self._forget()
            self.view.set(AfterView(conversation_id, loading=True))
            self._forget = self._timelines.watch(conversation_id, self._take)
        self._merge(())
        self._spawn(self._fetch(conversation_id), "receipts")

    # What a person does

    def talk(self) -> None:
        """Back to the conversation."""
        self._routes.go(Talk(self.view.value.conversation_id))

    def reopen(self) -> None:
        """Not solved after all."""
        view = self.view.value
        command = Reopen(conversation_id=view.conversation_id)
        self.view.set(structs.replace(view, reopening=True, failed=None))
        self._post(REOPEN_KEY + view.conversation_id, command)

    def ask_again(self) -> None:
        """Too late to reopen: a new request with the same title."""
        self._routes.go(Ask(self.view.value.title))

    def say_solved(self, solved: Solved) -> None:
        """The first question, which opens the other two."""
        self.view.set(structs.replace(self.view.value, solved=solved, questions=True))

    def say_easy(self, score: int) -> None:
        """The second question, 1 to 5."""
        self.view.set(structs.replace(self.view.value, easy=score))

    def say_in_control(self, score: int) -> None:
        """The third question, 1 to 5."""
        self.view.set(structs.replace(self.view.value, in_control=score))

    def send_answers(self, comment: str) -> None:
        """Send what was answered."""
        view = self.view.value
        rating = GiveRating(
            conversation_id=view.conversation_id,
            solved=view.solved,
            easy=view.easy,
            in_control=view.in_control,
            comment=comment.strip()[:2000],
        )
        self.view.set(structs.replace(view, sending=True, comment=comment, failed=None))
        self._post(RATING_KEY + view.conversation_id, rating)

    def skip(self) -> None:
        """No answers, and no second reminder."""
        self._skipped.add(self.view.value.conversation_id)
        self.view.set(structs.replace(self.view.value, questions=False, asks=False))

    def save(self, path: Path, words: str) -> None:
        """Keep the receipt as a file."""
        self._spawn(self._save(path, words), "save receipt")

    def file_for(self) -> Path:
        """Where the receipt would be saved."""
        name = "".join(letter for letter in self.view.value.number if letter.isalnum() or letter in "-_")
        return self._folder / f"receipt-{name or self.view.value.conversation_id}.txt"

    # How it comes about

    async def _fetch(self, conversation_id: str) -> None:
        answer = await ask(self._relay, GetReceipts(conversation_id=conversation_id), Receipts)
        if self.view.value.conversation_id != conversation_id:
            return
        self.view.set(structs.replace(self.view.value, loading=False))
        if isinstance(answer, Receipts):
            self._merge(answer.receipts)

    async def _save(self, path: Path, words: str) -> None:
        try:
            await asyncio.to_thread(_write, path, words)
        except OSError as error:
            failed = Failed("not_saved", {"reason": error.strerror or type(error).__name__})
            self.view.set(structs.replace(self.view.value, failed=failed))
            return
        self.view.set(structs.replace(self.view.value, saved=str(path), failed=None))

    def _merge(self, stored: tuple[Receipt, ...]) -> None:
        view = self.view.value
        known = {each.session_id: each for each in (*view.receipts, *stored)}
        mine = {k: v for k, v in self._fresh.items() if v.conversation_id == view.conversation_id}
        self.view.set(structs.replace(view, receipts=tuple({**known, **mine}.values())))

    def _take(self, timeline: Timeline) -> None:
        before, self._timeline = len(self._timeline.receipts), timeline
        if len(timeline.receipts) > before:
            self._spawn(self._fetch(timeline.conversation_id), "receipts")
        self._show()

    def _show(self) -> None:
        view, timeline = self.view.value, self._timeline
        if not view.conversation_id:
            return
        request = self._desk.request(view.conversation_id)
        rated = timeline.rating is not None or bool(request and request.rated)
        closed = timeline.state in ("closed", "wrap_up")
        until = timeline.closed.reopen_until_ms if timeline.closed else request.reopen_until_ms if request else 0
        self.view.set(
            structs.replace(
                view,
                title=timeline.subject or (request.subject if request else ""),
                number=request.number if request else view.number,
                closed=closed,
                writing_up=timeline.state == "wrap_up",
                talking=timeline.state in ("active", "held"),
                engineer=timeline.owner or (request.with_person if request else None),
                reopen_until_ms=until if timeline.state == "closed" and until > self._desk.now_ms() else 0,
                asks=closed and not rated and view.conversation_id not in self._skipped,
                rated=rated,
                questions=view.questions and not rated,
            )
        )

    def _post(self, key: str, command: Reopen | GiveRating) -> None:
        try:
            self._relay.post(key, command)
        except ThreelineError as error:
            failed = Failed(error.code)
            self.view.set(structs.replace(self.view.value, failed=failed, reopening=False, sending=False))

    def _answered(self, outcome: Outcome) -> None:
        view = self.view.value
        if outcome.key not in (RATING_KEY + view.conversation_id, REOPEN_KEY + view.conversation_id):
            return
        rating = outcome.key.startswith(RATING_KEY)
        view = structs.replace(view, sending=False, reopening=False)
        if isinstance(outcome.answer, Refused):
            self.view.set(structs.replace(view, failed=failure(outcome.answer)))
        elif rating:
            self.view.set(structs.replace(view, rated=True, questions=False, asks=False))
        else:
            self.view.set(view)
            self._routes.home()
            self._routes.go(Talk(view.conversation_id))


def raw_json(receipt: Receipt) -> str:
    """The signed record, laid out for reading; its values are what the signature covers."""
    return msgspec.json.format(msgspec.json.encode(receipt), indent=2).decode()


def _write(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, encoding="utf-8")


def _nothing() -> None:
    pass
