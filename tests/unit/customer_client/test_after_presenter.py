"""After a conversation: receipts of both sources, one way back, three questions."""

from pathlib import Path

import pytest

from customer_client.after.presenter import raw_json
from customer_client.after.summary import document
from customer_client.desk.routes import Ask, Result, Talk
from customer_client.sharing.view import Finished
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import insight as m
from shared.protocol.messages import remote as x
from shared.protocol.messages.organisation import RequestChanged
from shared.rules import receipt as receipts
from tests.customer_fakes import LIN, TALK, Stage, home, request


def receipt(stage: Stage, session_id: str = "session-1") -> x.Receipt:
    at = stage.timers.now_ms
    lines = [
        x.ReceiptEntry(at_ms=at, what="source", capability="view", params={"monitor": "HDMI-1", "number": "1"}),
        x.ReceiptEntry(at_ms=at, what="granted", agent=LIN, capability="view", params={"until_ms": str(at + 900_000)}),
        x.ReceiptEntry(at_ms=at + 60_000, what="used", agent=LIN, capability="view", params={"count": "3"}),
        x.ReceiptEntry(at_ms=at + 60_000, what="ended", agent=LIN, capability="view", params={"why": "stopped"}),
    ]
    return receipts.sign(stage.key, session_id=session_id, conversation_id=TALK, ticket_number="NW-2041", entries=lines)


@pytest.fixture
def closed(stage: Stage) -> Stage:
    """Lin has closed the conversation; it can be reopened for a day."""
    stage.connect()
    stage.relay.answers[x.GetReceipts] = x.Receipts(receipts=())
    stage.talk()
    until = stage.timers.now_ms + 86_400_000
    stage.happen(c.ConversationEnded(by=LIN))
    stage.happen(c.ConversationClosed(category="software", result="solved", reopen_until_ms=until))
    stage.rooms.routes.go(Result(TALK))
    stage.rooms.after.open(TALK)
    return stage


def test_the_receipt_is_there_before_the_relay_has_it(stage: Stage) -> None:
    stage.connect()
    stage.relay.answers[x.GetReceipts] = Refused(code="not_found")
    stage.talk()
    made = receipt(stage)
    stage.rooms.after.remember(Finished(TALK, made, "customer_stopped"))
    stage.rooms.after.open(TALK)
    assert stage.rooms.after.view.value.receipts == (made,)
    stage.relay.answers[x.GetReceipts] = x.Receipts(receipts=(made,))
    stage.happen(x.ReceiptStored(session_id="session-1", digest="d", lines=4))
    assert stage.rooms.after.view.value.receipts == (made,)


def test_questions_are_asked_once_and_can_be_skipped(closed: Stage) -> None:
    after = closed.rooms.after
    assert after.view.value.asks
    after.say_solved("partly")
    assert after.view.value.questions
    after.skip()
    assert not after.view.value.asks
    after.open(TALK)
    assert not after.view.value.asks


def test_answers_are_sent_and_thanked_for(closed: Stage) -> None:
    after = closed.rooms.after
    after.say_solved("yes")
    after.say_easy(4)
    after.send_answers(" quick ")
    sent = closed.relay.posted[f"rating/{TALK}"]
    assert sent == m.GiveRating(conversation_id=TALK, solved="yes", easy=4, in_control=0, comment="quick")
    closed.answer(f"rating/{TALK}", c.Done())
    assert after.view.value.rated
    assert not after.view.value.questions


def test_reopening_goes_back_to_the_conversation(closed: Stage) -> None:
    assert closed.rooms.after.view.value.reopen_until_ms
    closed.rooms.after.reopen()
    assert closed.rooms.after.view.value.reopening
    closed.answer(f"reopen/{TALK}", c.Done())
    assert closed.rooms.routes.top == Talk(TALK)


def test_too_late_is_said_and_nothing_is_lost(closed: Stage) -> None:
    closed.rooms.after.reopen()
    closed.answer(f"reopen/{TALK}", Refused(code="reopen_too_late"))
    view = closed.rooms.after.view.value
    assert not view.reopening
    assert view.failed is not None
    assert view.failed.code == "reopen_too_late"


def test_a_rating_elsewhere_is_not_asked_for_again(closed: Stage) -> None:
    closed.desk.on_push(RequestChanged(request=request("closed", rated=True)))
    assert not closed.rooms.after.view.value.asks


def test_the_file_holds_words_and_a_record_that_verifies(stage: Stage) -> None:
    import msgspec

    made = receipt(stage)
    words = document(made, "Northwind", receipts.digest(made), raw_json(made))
    assert "Seen: Monitor 1" in words
    assert receipts.digest(made) in words
    record = msgspec.json.decode(words[words.index("{") :], type=x.Receipt)
    assert receipts.verify(record)


async def test_saving_names_the_file_or_says_why_not(stage: Stage, tmp_path: Path) -> None:
    import asyncio

    stage.connect()
    after = stage.rooms.after
    tasks: list[asyncio.Task[None]] = []
    after._spawn = lambda work, _: tasks.append(asyncio.ensure_future(work))  # pyright: ignore
    after.save(tmp_path / "new" / "receipt.txt", "words")
    await tasks.pop()
    assert after.view.value.saved == str(tmp_path / "new" / "receipt.txt")
    assert (tmp_path / "new" / "receipt.txt").read_text() == "words"
    after.save(tmp_path, "words")
    await tasks.pop()
    assert after.view.value.failed is not None


def test_one_request_says_what_may_still_be_done(stage: Stage) -> None:
    later = stage.timers.now_ms + 1000
    over = request("closed", state="closed", conversation_id="old", reopen_until_ms=1)
    stage.connect(home(requests=(request("closed", state="closed", reopen_until_ms=later), over)))
    rooms = stage.rooms
    rooms.requests.open(TALK)
    one = rooms.requests.view.value.one
    assert one is not None
    assert (one.live, one.has_result, one.reopen_until_ms, one.too_late) == (False, True, later, False)
    rooms.requests.open("old")
    one = rooms.requests.view.value.one
    assert one is not None
    assert one.too_late
    rooms.requests.ask_again()
    assert rooms.routes.top == Ask("Report export stops at 90%")
