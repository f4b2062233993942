"""Files on the customer's side: asked about one by one, given by choice, and on the receipt."""

import pytest
from msgspec import structs

from customer_client.after.summary import lines
from shared.common.ids import new_id
from shared.control.files.view import TransferView
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.session import channel as ch
from shared.session import files_messages as f
from tests.customer_fakes import LIN, Stage, monitors

FILE = TransferView(id=new_id(), incoming=True, name="fix.cfg", size=4096, shown="asks")


@pytest.fixture
def sharing(stage: Stage) -> Stage:
    """Lin may see, send files and ask for some."""
    stage.connect()
    stage.talk()
    stage.relay.answers[x.GetIceServers] = x.IceServers(servers=())
    stage.relay.answers[x.SendSignal] = c.Done()
    stage.ask("view", "files.send", "files.receive")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    for capability in ("view", "files.send", "files.receive"):
        stage.rooms.consent.switch(capability, True)
    assert stage.rooms.consent.allow()
    stage.answer("consent/ask-1", c.Done())
    return stage


def test_an_offered_file_is_shown_with_whose_it_is_and_answered(sharing: Stage) -> None:
    files = sharing.rooms.files
    sharing.session.report(f.FileSeen(agent_id="lin", file=FILE))
    assert files.view.value.files == ((FILE, LIN),)
    assert files.view.value.under_way
    files.answer(FILE.id, True)
    files.hold(FILE.id, True)
    files.cancel(FILE.id)
    assert sharing.session.orders[-3:] == [
        f.AnswerFile(id=FILE.id, yes=True, agent_id="lin"),
        f.HoldFile(id=FILE.id, held=True, agent_id="lin"),
        f.CancelFile(id=FILE.id, agent_id="lin"),
    ]


def test_a_question_is_answered_with_what_the_person_chose(sharing: Stage) -> None:
    files, question_id = sharing.rooms.files, new_id()
    sharing.session.report(f.FileAsked(agent_id="lin", id=question_id, words="the log"))
    (question,) = files.view.value.questions
    assert (question.agent, question.words) == (LIN, "the log")
    files.give((), question)
    assert files.view.value.questions == (question,)
    files.give(("/home/maya/log.txt",), question)
    assert files.view.value.questions == ()
    assert sharing.session.sent(f.OfferFiles) == [
        f.OfferFiles(paths=("/home/maya/log.txt",), agent_id="lin", answers=question_id)
    ]


def test_no_and_taking_back_both_close_the_question(sharing: Stage) -> None:
    files = sharing.rooms.files
    for words in ("one", "two"):
        sharing.session.report(f.FileAsked(agent_id="lin", id=new_id(), words=words))
    first, second = files.view.value.questions
    files.decline(first)
    assert sharing.session.orders[-1] == f.DeclineFile(id=first.id, agent_id="lin")
    sharing.session.report(f.FileUnasked(agent_id="lin", id=second.id))
    assert files.view.value.questions == ()


def test_files_of_somebody_who_has_nothing_here_are_not_shown(sharing: Stage) -> None:
    sharing.session.report(f.FileSeen(agent_id="stranger", file=FILE))
    assert sharing.rooms.files.view.value.files == ()


def test_a_file_that_has_landed_is_on_the_receipt_once_and_in_the_summary(sharing: Stage) -> None:
    done = structs.replace(FILE, shown="done", digest="ab" * 32)
    given = structs.replace(done, id=new_id(), incoming=False, name="log.txt")
    for file in (done, done, given):
        sharing.session.report(f.FileSeen(agent_id="lin", file=file))
    sharing.session.report(ch.Stopped(reason="customer_stopped"))
    (command,) = [body for _, body in sharing.relay.history if isinstance(body, x.StoreReceipt)]
    moved = [entry for entry in command.receipt.entries if entry.what == "file"]
    assert [entry.params["name"] for entry in moved] == ["fix.cfg", "log.txt"]
    assert moved[0].params["sha256"] == "ab" * 32
    (line,) = [line for line in lines((command.receipt,)) if line.icon == "folder"]
    assert line.title == "Files: 1 received, 1 given"
    assert "Received: fix.cfg" in line.detail
    assert "Given: log.txt" in line.detail
    assert sharing.rooms.files.view.value.giving == ()
