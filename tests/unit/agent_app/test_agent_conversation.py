"""The open conversation: lines, marks, notes apart from replies, tools and their reasons."""

import pytest

from agent_app.conversation.presenter import ConversationPresenter
from agent_app.conversation.tray import MAX_BYTES
from agent_app.desk.desk import LinkView
from agent_app.desk.relay import Failed, Outcome
from shared.net.outbox import OutboxFull
from shared.protocol.frames import AgentCommand, Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.types import Grant
from shared.strings import phrase, render
from tests.agent_fakes import GRACE, LIN, ME, NOW, World


@pytest.fixture
def world() -> World:
    world = World()
    world.sign_in()
    world.active()
    return world


@pytest.fixture
def page(world: World) -> ConversationPresenter:
    page = ConversationPresenter(world.desk, world.relay, world.timelines, world.blobs, world.works.spawn)
    page.open("k1")
    return page


def marks(page: ConversationPresenter) -> list[tuple[str, str]]:
    return [(line.text, line.mark) for line in page.view.value.lines if line.kind == "message"]


def test_both_streams_come_in_one_order(world: World, page: ConversationPresenter) -> None:
    world.chat(GRACE, "first")
    world.internal(c.NoteAdded(client_id="n", author=LIN, text="second"))
    world.chat(GRACE, "third")
    world.flush()
    assert [line.text for line in page.view.value.lines if line.kind != "event"] == ["first", "second", "third"]


def test_a_reply_goes_from_waiting_to_read_in_its_place(world: World, page: ConversationPresenter) -> None:
    assert page.send("  hello ")
    (key,) = world.relay.posted
    assert marks(page) == [("hello", "waiting")]
    world.chat(ME, "hello", client_id=key)
    world.flush()
    assert marks(page) == [("hello", "sent")]
    world.public(c.MessagesDelivered(person_id="C1", up_to=4))
    world.flush()
    assert marks(page) == [("hello", "delivered")]
    world.public(c.MessagesRead(person_id="C1", up_to=4))
    world.flush()
    assert marks(page) == [("hello", "read")]
    assert page.view.value.lines[-1].key == key


def test_a_refused_line_can_be_sent_again_as_the_same_message(world: World, page: ConversationPresenter) -> None:
    page.send("hello")
    (key,) = world.relay.posted
    world.desk.outcomes.tell(Outcome(key, Refused(code="conversation_ended")))
    assert marks(page) == [("hello", "failed")]
    page.send_again(key)
    assert list(world.relay.posted) == [key]
    assert marks(page) == [("hello", "waiting")]


def test_what_waited_before_a_restart_is_shown_again(world: World, page: ConversationPresenter) -> None:
    page.send("before the crash")
    again = ConversationPresenter(world.desk, world.relay, world.timelines, world.blobs, world.works.spawn)
    again.outgoing.load()
    again.open("k1")
    assert marks(again) == [("before the crash", "waiting")]


def test_a_note_is_never_a_reply_whatever_mode_is_shown(world: World, page: ConversationPresenter) -> None:
    page.set_mode("reply")
    assert page.add_note("for us")
    page.set_mode("note")
    assert page.send("for you")
    kinds = [type(command) for command in world.relay.posted.values()]
    assert kinds == [c.AddNote, c.SendChat]


def test_a_full_outbox_takes_nothing_and_says_so(world: World, page: ConversationPresenter) -> None:
    def full(key: str, command: AgentCommand) -> None:
        raise OutboxFull("full")

    world.relay.post = full
    assert not page.send("hello")
    assert page.view.value.problem == Failed("outbox_full")
    assert marks(page) == []


async def test_a_picture_goes_with_the_reply_once_it_is_stored(world: World, page: ConversationPresenter) -> None:
    page.attach(b"png", "a.png", "image/png")
    assert not page.send("look"), "not before it is stored"
    await world.works.settle()
    assert page.send("")
    (command,) = world.relay.posted.values()
    assert isinstance(command, c.SendChat)
    assert [item.name for item in command.attachments] == ["a.png"]
    assert page.view.value.tray == ()


async def test_a_picture_that_failed_keeps_its_bytes_for_another_try(world: World, page: ConversationPresenter) -> None:
    world.blobs.lost = True
    page.attach(b"png", "a.png", "image/png")
    await world.works.settle()
    (item,) = page.view.value.tray
    assert (item.state, item.problem) == ("failed", Failed("link_lost"))
    world.blobs.lost = False
    page.attach_again(item.key)
    await world.works.settle()
    assert page.view.value.tray[0].state == "ready"


def test_a_picture_that_is_too_large_is_not_taken(page: ConversationPresenter) -> None:
    page.attach(bytes(MAX_BYTES + 1), "a.png", "image/png")
    assert page.view.value.problem == Failed("blob_too_large")
    assert page.view.value.tray == ()


def test_only_what_is_in_front_of_the_person_is_read(world: World, page: ConversationPresenter) -> None:
    world.chat(GRACE, "hello")
    world.flush()
    assert not any(isinstance(command, c.MarkRead) for command in world.relay.told)
    page.attend(True)
    assert world.relay.told[-1] == c.MarkRead(conversation_id="k1", seq=4)
    page.attend(True)
    assert sum(isinstance(command, c.MarkRead) for command in world.relay.told) == 1


def test_typing_is_told_at_most_every_three_seconds_and_never_for_notes(
    world: World, page: ConversationPresenter
) -> None:
    def typings() -> int:
        return sum(isinstance(command, c.Typing) for command in world.relay.told)

    page.typed("h")
    page.typed("he")
    assert typings() == 1
    world.now_ms += 3000
    page.typed("hel")
    assert typings() == 2
    page.set_mode("note")
    world.now_ms += 3000
    page.typed("secret")
    assert typings() == 2


def test_somebodys_typing_is_forgotten_after_five_seconds(world: World, page: ConversationPresenter) -> None:
    world.desk.on_push(c.TypingNow(conversation_id="k1", person=GRACE))
    assert page.view.value.typing == "Grace Chen"
    world.now_ms += 5000
    page.tick()
    assert page.view.value.typing == ""


def asked(*capabilities: str) -> x.CapabilityAsked:
    return x.CapabilityAsked(
        request_id="r1", session_id="s1", agent=ME, capabilities=capabilities, reason="why", expires_ms=NOW + 60_000
    )


def granted(*capabilities: str) -> x.ConsentAnswered:
    grants = tuple(Grant(capability=name, agent_id="A1", until_ms=NOW + 900_000) for name in capabilities)
    return x.ConsentAnswered(request_id="r1", session_id="s1", agent=ME, grants=grants)


def why_not(page: ConversationPresenter) -> tuple[object, object, object]:
    tools = page.view.value.tools
    assert tools is not None
    return tools.screen.why_not, tools.control.why_not, tools.end.why_not


def test_tools_say_why_they_cannot_be_used(world: World, page: ConversationPresenter) -> None:
    no_screen = phrase("conversation.not_without_screen")
    assert why_not(page) == (None, no_screen, None)
    world.public(asked("view"))
    world.flush()
    busy = phrase("conversation.not_while_asked")
    assert why_not(page) == (busy, busy, None)
    world.public(granted("view"))
    world.flush()
    assert why_not(page) == (None, None, None)
    assert page.view.value.tools is not None
    assert page.view.value.tools.screen_open
    world.public(granted("control"))
    world.flush()
    assert why_not(page)[1] == phrase("conversation.not_twice_control")
    world.desk.link.set(LinkView(phase="waiting", since_ms=NOW))
    assert why_not(page)[2] == phrase("conversation.not_offline")
    world.desk.link.set(LinkView(phase="ready"))
    world.public(c.ConversationEnded(by=ME))
    world.flush()
    assert why_not(page)[2] == phrase("conversation.not_after_end")


async def test_asking_needs_a_reason_and_a_refusal_is_shown(world: World, page: ConversationPresenter) -> None:
    page.ask_for(("view",), "   ")
    assert world.relay.asked == []
    world.relay.answers[x.AskCapabilities] = Refused(code="not_owner")
    page.ask_for(("view",), "To see the message")
    await world.works.settle()
    assert page.view.value.problem == Failed("not_owner")


def test_events_read_as_sentences(world: World, page: ConversationPresenter) -> None:
    world.public(asked("view", "control"))
    world.public(x.ConsentAnswered(request_id="r1", session_id="s1", agent=ME, grants=()))
    world.flush()
    said = [render(line.words) for line in page.view.value.lines if line.kind == "event"]
    assert said[-2:] == [
        "Ana Torres asked to see the screen, control mouse and keyboard. why",
        "The customer did not allow it",
    ]


def test_drafts_stay_with_their_conversation_and_mode(world: World, page: ConversationPresenter) -> None:
    world.active("k2")
    page.typed("half a reply")
    page.set_mode("note")
    page.typed("half a note")
    page.open("k2")
    assert page.draft() == ""
    page.open("k1")
    assert page.draft() == "half a reply"
    page.forget()
    page.open("k1")
    assert page.draft() == ""
