"""What the first page shows and what can be done on it."""

from typing import Final, Literal

from msgspec import Struct, structs

from customer_client.desk.desk import Desk, LinkView
from customer_client.desk.relay import Failed, Relay, Spawn, ask
from customer_client.desk.routes import Ask, Notices, OneRequest, ReadArticle, Requests, Routes, Settings, Talk
from customer_client.desk.steps import RequestLine, request_line
from customer_client.desk.words import Localised, Wait, Words
from customer_client.platform.preferences import PreferenceFile
from shared.common.shown import Shown, watch_all
from shared.protocol.messages.knowledge import ArticleHit, ArticleHits, SearchArticles
from shared.strings import phrase

SHOWN_REQUESTS: Final = 2
_SEARCH_LIMIT: Final = 4


class Door(Struct, frozen=True):
    """The way to a person: which button, what it says, and what is known about the wait."""

    kind: Literal["talk", "message", "offline", "closed_off"] = "closed_off"
    caption: Words = ""


class Found(Struct, frozen=True):
    """What a search brought: nothing asked, asking, answers, none, or why not."""

    words: str = ""
    state: Literal["idle", "busy", "done", "failed"] = "idle"
    hits: tuple[ArticleHit, ...] = ()
    failed: Failed | None = None


class HomeView(Struct, frozen=True):
    """The first page."""

    company: str = ""
    sample: bool = False
    greeting: Words = ""
    notice: tuple[str, Words] | None = None
    notice_count: int = 0
    found: Found = Found()
    requests: tuple[RequestLine, ...] = ()
    request_count: int = 0
    door: Door = Door()
    link: LinkView = LinkView()
    vip: bool = False


class HomePresenter:
    """Search as typed, open an answer, a request, or ask for a person with the words typed so far."""

    def __init__(self, desk: Desk, relay: Relay, routes: Routes, preferences: PreferenceFile, spawn: Spawn) -> None:
        self._desk, self._relay, self._routes = desk, relay, routes
        self._preferences = preferences
        self._spawn = spawn
        self.view = Shown(HomeView())
        kept = (desk.link, desk.organisation, desk.vip_level, desk.requests, desk.notices, desk.status, desk.groups)
        watch_all(self._show, *kept, desk.loaded, preferences.shown)
        desk.link.on_change(self._search_again)
        self._show()

    # What a person does

    def search(self, words: str) -> None:
        """Look for answers to words, or forget the last ones."""
        words = words.strip()
        if words == self.view.value.found.words:
            return
        if not words:
            self._put_found(Found())
            return
        self._put_found(Found(words, "busy", self.view.value.found.hits))
        self._spawn(self._search(words), "search")

    def open_article(self, article_id: str) -> None:
        """Read one answer."""
        self._routes.go(ReadArticle(article_id))

    def open_request(self, conversation_id: str) -> None:
        """Go where the request is going on, or see how it ended."""
        request = self._desk.request(conversation_id)
        live = request is not None and request.conversation_state in ("queued", "offered", "active", "held")
        self._routes.go(Talk(conversation_id) if live else OneRequest(conversation_id))

    def all_requests(self) -> None:
        """See every request."""
        self._routes.go(Requests())

    def ask_person(self, words: str) -> None:
        """To the form, with the words typed so far; the message form when nobody is on duty."""
        door = self.view.value.door
        if door.kind != "closed_off":
            self._routes.go(Ask(words.strip(), message=door.kind == "message"))

    def notices(self) -> None:
        """See every notice."""
        self._routes.go(Notices())

    def settings(self) -> None:
        """See the settings."""
        self._routes.go(Settings())

    def dismiss_notice(self, notice_id: str) -> None:
        """Do not show this line again; it stays among the notices."""
        before = self._preferences.value
        dismissed = (*before.dismissed, notice_id)[-100:]
        self._preferences.change(structs.replace(before, dismissed=dismissed))

    def try_now(self) -> None:
        """Do not wait for the next try to connect."""
        self._relay.try_now()

    # How it comes about

    async def _search(self, words: str) -> None:
        answer = await ask(self._relay, SearchArticles(words=words[:200], limit=_SEARCH_LIMIT), ArticleHits)
        if self.view.value.found.words != words:
            return
        if isinstance(answer, Failed):
            self._put_found(Found(words, "failed", failed=answer))
        else:
            self._put_found(Found(words, "done", answer.hits))

    def _search_again(self) -> None:
        """What was typed before the connection stood is answered as soon as it does."""
        found = self.view.value.found
        if found.state == "failed" and self._desk.link.value.phase == "ready":
            self._put_found(Found(found.words, "busy", found.hits))
            self._spawn(self._search(found.words), "search")

    def _put_found(self, found: Found) -> None:
        self.view.set(structs.replace(self.view.value, found=found))

    def _show(self) -> None:
        desk, chosen = self._desk, self._preferences.value
        organisation = desk.organisation.value
        fresh = [notice for notice in desk.notices.value if notice.notice_id not in chosen.dismissed]
        self.view.set(
            structs.replace(
                self.view.value,
                company=organisation.name if organisation else "",
                sample=bool(organisation and organisation.sample),
                greeting=phrase("home.hello_name", name=chosen.name) if chosen.name else phrase("home.hello"),
                notice=(fresh[0].notice_id, Localised(fresh[0].text)) if fresh else None,
                notice_count=len(desk.notices.value),
                requests=tuple(request_line(each) for each in desk.requests.value[:SHOWN_REQUESTS]),
                request_count=len(desk.requests.value),
                door=self._door(),
                link=desk.link.value,
                vip=desk.vip_level.value > 0,
            )
        )

    def _door(self) -> Door:
        desk = self._desk
        if not desk.loaded.value:
            return Door("closed_off", phrase("home.connecting"))
        if desk.link.value.phase != "ready":
            return Door("offline", phrase("home.sent_when_back"))
        if not desk.on_duty():
            return Door("message", phrase("home.nobody_on_duty"))
        return Door("talk", self._wait())

    def _wait(self) -> Words:
        open_groups = [desk_group.group_id for desk_group in self._desk.public_groups()]
        found = [self._desk.status.value[each] for each in open_groups if each in self._desk.status.value]
        best = min((each for each in found if each.on_duty), key=lambda each: each.wait_high_s or 0, default=None)
        if best is None or best.wait_low_s is None or best.wait_high_s is None:
            return phrase("home.somebody_here")
        return Wait(best.wait_low_s, best.wait_high_s, "home.usual_wait")
