"""The form: what may go, what is kept, and what becomes of it."""

from hypothesis import given
from hypothesis import strategies as st

from customer_client.desk.routes import Ask, Home, Talk
from customer_client.intake.presenter import EMAIL_FIELD, NAME_FIELD, IntakeView
from customer_client.intake.rules import fault, faults, subject
from customer_client.platform.preferences import Preferences
from shared.protocol.frames import Refused
from shared.protocol.messages.conversations import ConversationOpen, Done, LeaveMessage, OpenConversation
from shared.protocol.messages.identity import UpdateProfile
from shared.protocol.messages.organisation import RequestChanged
from tests.customer_fakes import FIELDS, MESSAGE_FIELDS, Stage, home, request


def filled(stage: Stage, words: str = "export stops") -> IntakeView:
    stage.rooms.routes.go(Ask(words))
    intake = stage.rooms.intake
    intake.open(Ask(words))
    intake.answer("topic", "software")
    intake.answer(NAME_FIELD, "Maya Chen")
    return intake.view.value


def posted(
    stage: Stage, kind: type[OpenConversation] | type[LeaveMessage]
) -> tuple[str, OpenConversation | LeaveMessage]:
    return next((key, body) for key, body in stage.relay.history if isinstance(body, kind))


def test_what_was_searched_for_is_the_first_free_answer(stage: Stage) -> None:
    stage.connect()
    assert filled(stage).answers["words"] == "export stops"


def test_missing_answers_are_named_in_order_and_nothing_is_sent(stage: Stage) -> None:
    stage.connect()
    stage.rooms.intake.open(Ask())
    stage.rooms.intake.send()
    view = stage.rooms.intake.view.value
    assert list(view.bad) == ["topic", "words", NAME_FIELD]
    assert view.first_bad == "topic"
    assert view.focus == 1
    assert not stage.relay.posted


def test_leaving_a_field_says_what_is_wrong_and_mending_it_takes_it_back(stage: Stage) -> None:
    stage.connect()
    stage.rooms.intake.open(Ask())
    stage.rooms.intake.leave("words")
    assert "words" in stage.rooms.intake.view.value.bad
    stage.rooms.intake.answer("words", "It stops")
    assert not stage.rooms.intake.view.value.bad


def test_a_request_is_kept_until_it_arrives_and_then_waits_in_line(stage: Stage) -> None:
    stage.connect()
    filled(stage)
    stage.drop()
    stage.rooms.intake.send()
    key, command = posted(stage, OpenConversation)
    assert stage.rooms.intake.view.value.sending
    assert isinstance(command, OpenConversation)
    assert command.subject == "export stops"
    assert command.system == {"system": "Debian 12", "client": "0.1.0"}
    stage.answer(key, ConversationOpen(conversation_id=command.conversation_id, state="queued", seq=2))
    assert stage.rooms.routes.top == Talk(command.conversation_id)


def test_the_system_summary_can_be_left_out(stage: Stage) -> None:
    stage.connect()
    filled(stage)
    stage.rooms.intake.attach_system(False)
    stage.rooms.intake.send()
    assert posted(stage, OpenConversation)[1].system is None


def test_who_asks_is_remembered_and_told(stage: Stage) -> None:
    stage.connect()
    filled(stage)
    stage.rooms.intake.answer(EMAIL_FIELD, "maya@example.com")
    stage.rooms.intake.send()
    told = [body for _, body in stage.relay.history if isinstance(body, UpdateProfile)]
    assert told == [UpdateProfile(name="Maya Chen", email="maya@example.com")]
    assert stage.preferences.value.name == "Maya Chen"
    assert not stage.rooms.intake.view.value.asks_name


def test_when_everybody_has_gone_home_the_words_become_a_message(stage: Stage) -> None:
    stage.preferences.change(Preferences(name="Maya", email="maya@example.com"))
    stage.connect()
    filled(stage)
    stage.rooms.intake.send()
    stage.answer(posted(stage, OpenConversation)[0], Refused(code="nobody_on_duty"))
    view = stage.rooms.intake.view.value
    assert view.message
    assert view.fields == MESSAGE_FIELDS
    assert view.answers["message"] == "export stops"
    assert not view.sending


def test_a_message_gets_its_ticket_number(stage: Stage) -> None:
    stage.preferences.change(Preferences(name="Maya", email="maya@example.com"))
    stage.connect(home(on_duty=0))
    stage.rooms.routes.go(Ask("lamp blinks", message=True))
    stage.rooms.intake.open(Ask("lamp blinks", message=True))
    stage.rooms.intake.send()
    key, command = posted(stage, LeaveMessage)
    assert command.answers == {"message": "lamp blinks", "reply_to": "maya@example.com"}
    stage.answer(key, Done())
    left = stage.rooms.intake.view.value.left
    assert left is not None
    assert left.number == ""
    told = request("closed", conversation_id=command.conversation_id, number="NW-2050")
    stage.desk.on_push(RequestChanged(request=told))
    left = stage.rooms.intake.view.value.left
    assert left is not None
    assert left.number == "NW-2050"
    stage.rooms.intake.done()
    assert stage.rooms.routes.top == Home()


def test_a_refusal_keeps_every_answer(stage: Stage) -> None:
    stage.connect()
    filled(stage)
    stage.rooms.intake.send()
    stage.answer(posted(stage, OpenConversation)[0], Refused(code="form_invalid"))
    view = stage.rooms.intake.view.value
    assert view.failed is not None
    assert view.answers["words"] == "export stops"
    stage.rooms.intake.send()
    ids = [body.conversation_id for _, body in stage.relay.history if isinstance(body, OpenConversation)]
    assert len(set(ids)) == 2


def test_an_email_must_look_like_one() -> None:
    email = MESSAGE_FIELDS[1]
    assert fault(email, "maya@example.com") is None
    assert fault(email, "maya") == "no_email"
    assert fault(FIELDS[1], "x" * 401) == "too_long"
    assert fault(FIELDS[0], "lamps") == "no_choice"


@given(st.text(max_size=500), st.text(max_size=500))
def test_every_subject_fits_and_every_fault_is_of_the_form(topic: str, words: str) -> None:
    answers = {"topic": topic, "words": words}
    assert len(subject(FIELDS, answers)) <= 120
    assert faults(FIELDS, answers).keys() <= {"topic", "words"}
