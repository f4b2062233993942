"""The presenters of every room, joined. No Qt."""

from collections.abc import Callable, Mapping
from pathlib import Path

from customer_client.after.presenter import AfterPresenter
from customer_client.chat.presenter import ChatPresenter
from customer_client.consent.presenter import ConsentPresenter
from customer_client.desk.desk import Desk
from customer_client.desk.line import Line
from customer_client.desk.relay import Later, Spawn
from customer_client.desk.routes import Result, Routes, Talk
from customer_client.desk.timelines import Timelines
from customer_client.facts.presenter import FactsPresenter
from customer_client.home.article import ArticlePresenter
from customer_client.home.presenter import HomePresenter
from customer_client.intake.presenter import IntakePresenter
from customer_client.intake.rules import fault
from customer_client.platform.preferences import PreferenceFile
from customer_client.requests.presenter import RequestsPresenter
from customer_client.restart.presenter import Restarter, RestartPresenter
from customer_client.settings.presenter import SettingsPresenter
from customer_client.sharing.clip import ClipPresenter
from customer_client.sharing.files import FilesPresenter
from customer_client.sharing.introductions import Introductions
from customer_client.sharing.port import Signer, StartSession
from customer_client.sharing.presenter import SharingPresenter
from customer_client.sharing.returning import ReturnFile
from customer_client.sharing.view import Finished
from customer_client.waiting.presenter import WaitingPresenter
from shared.protocol.messages.organisation import FormField, RequestView

FOLLOWED = frozenset({"new", "queued", "offered", "active", "held", "wrap_up"})
"""A conversation in one of these is followed whatever page is shown: a question for consent may come."""


class Rooms:
    """One of each."""

    def __init__(
        self,
        desk: Desk,
        line: Line,
        preferences: PreferenceFile,
        *,
        spawn: Spawn,
        later: Later,
        soon: Callable[[Callable[[], None]], object],
        start_session: StartSession,
        sign: Signer,
        introductions: Introductions,
        system: Callable[[], Mapping[str, str]],
        documents: Path,
        landing: Path,
        kept: Path,
        server: str,
        restarter: Restarter,
        returns: Path,
    ) -> None:
        self.desk = desk
        self.routes = Routes()
        self.timelines = Timelines(line, soon)
        self.home = HomePresenter(desk, line, self.routes, preferences, spawn)
        self.article = ArticlePresenter(line, self.routes, spawn)
        self.intake = IntakePresenter(desk, line, self.routes, preferences, system)
        self.waiting = WaitingPresenter(desk, line, self.routes, self.timelines, spawn, later)
        self.chat = ChatPresenter(desk, line, line, self.routes, self.timelines, spawn, later)
        self.sharing = SharingPresenter(desk, line, self.timelines, start_session, sign, introductions, spawn, later)
        self.clip = ClipPresenter(self.sharing)
        self.files = FilesPresenter(self.sharing, landing, kept)
        self.facts = FactsPresenter(self.sharing)
        self.consent = ConsentPresenter(
            desk,
            self.timelines,
            later,
            self.sharing.decide,
            self.sharing.find_sources,
            self.sharing.held,
            self.sharing.sharing,
            self.sharing.choosing,
            introductions.judge_ask,
            introductions.believes,
            restarter.possible,
        )
        self.restart = RestartPresenter(self.sharing, desk, restarter, ReturnFile(returns), server, spawn, later)
        self.timelines.changed.watch(self.restart.follow)
        self.restart.returned.watch(lambda conversation_id: self.routes.go(Talk(conversation_id)))
        self.after = AfterPresenter(desk, line, self.routes, self.timelines, spawn, documents)
        self.requests = RequestsPresenter(desk, line, self.routes)
        self.settings = SettingsPresenter(desk, line, preferences, server, _is_email)
        self.sharing.finished.watch(self._finished)
        desk.requests.watch(self._follow)

    def _finished(self, finished: Finished) -> None:
        self.after.remember(finished)
        self.routes.go(Result(finished.conversation_id))

    def _follow(self, requests: tuple[RequestView, ...]) -> None:
        for request in requests:
            if request.conversation_state in FOLLOWED:
                self.timelines.open(request.conversation_id)


def _is_email(words: str) -> bool:
    field = FormField(key="email", label={"en": ""}, kind="email")
    return fault(field, words) is None
