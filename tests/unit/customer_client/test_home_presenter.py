"""The first page: the way to a person, answers while typing, requests."""

from customer_client.desk.routes import Ask, OneRequest, Talk
from shared.protocol.frames import Refused
from shared.protocol.messages.knowledge import ArticleHit, ArticleHits, SearchArticles
from shared.protocol.messages.organisation import Notice
from shared.strings import render
from tests.customer_fakes import Stage, home, request


def hits(*titles: str) -> ArticleHits:
    found = tuple(ArticleHit(article_id=f"a{n}", title=title, category="data") for n, title in enumerate(titles))
    return ArticleHits(words="", hits=found)


def test_the_door_is_shut_until_the_first_page_is_known(stage: Stage) -> None:
    view = stage.rooms.home.view
    assert view.value.door.kind == "closed_off"
    stage.rooms.home.ask_person("help")
    assert stage.rooms.routes.top != Ask("help")
    stage.connect()
    assert view.value.door.kind == "talk"
    assert render(view.value.door.caption) == "Usual wait 4 to 8 min."


def test_nobody_on_duty_makes_it_a_message(stage: Stage) -> None:
    stage.connect(home(on_duty=0))
    assert stage.rooms.home.view.value.door.kind == "message"
    stage.rooms.home.ask_person(" export stops ")
    assert stage.rooms.routes.top == Ask("export stops", message=True)


def test_without_a_connection_it_still_takes_the_request(stage: Stage) -> None:
    stage.connect()
    stage.drop()
    assert stage.rooms.home.view.value.door.kind == "offline"
    stage.rooms.home.ask_person("x")
    assert stage.rooms.routes.top == Ask("x")


def test_answers_come_while_typing_and_go_with_the_words(stage: Stage) -> None:
    stage.connect()
    stage.relay.answers[SearchArticles] = hits("Export a report")
    stage.rooms.home.search("report export")
    found = stage.rooms.home.view.value.found
    assert (found.state, [hit.title for hit in found.hits]) == ("done", ["Export a report"])
    stage.rooms.home.search("")
    assert stage.rooms.home.view.value.found.state == "idle"


def test_a_search_that_fails_says_why(stage: Stage) -> None:
    stage.connect()
    stage.relay.answers[SearchArticles] = Refused(code="busy")
    stage.rooms.home.search("report")
    found = stage.rooms.home.view.value.found
    assert found.state == "failed"
    assert found.failed is not None
    assert found.failed.code == "busy"


def test_a_dismissed_notice_stays_dismissed(stage: Stage) -> None:
    notices = tuple(Notice(notice_id=each, text={"en": each}) for each in ("one", "two"))
    stage.connect(home(notices=notices))
    assert stage.rooms.home.view.value.notice is not None
    assert stage.rooms.home.view.value.notice[0] == "one"
    stage.rooms.home.dismiss_notice("one")
    assert stage.rooms.home.view.value.notice is not None
    assert stage.rooms.home.view.value.notice[0] == "two"
    assert stage.rooms.home.view.value.notice_count == 2


def test_a_live_request_opens_its_conversation_and_another_its_steps(stage: Stage) -> None:
    stage.connect(home(requests=(request("active"), request("closed", conversation_id="old", state="closed"))))
    stage.rooms.home.open_request("talk-1")
    assert stage.rooms.routes.top == Talk("talk-1")
    stage.rooms.home.open_request("old")
    assert stage.rooms.routes.top == OneRequest("old")


def test_the_newest_request_comes_first_and_step_words_follow_its_state(stage: Stage) -> None:
    old = request("closed", conversation_id="old", state="closed", updated_ms=1)
    waiting = request("active", state="waiting_customer")
    stage.connect(home(requests=(old, waiting)))
    lines = stage.rooms.home.view.value.requests
    assert [line.conversation_id for line in lines] == ["talk-1", "old"]
    assert lines[0].waiting_for_you
    assert [line.reached for line in lines] == [3, 4]
