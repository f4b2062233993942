"""One conversation: what is on its way, what is stored, who has read it."""

from customer_client.chat.outgoing import MAX_WAITING_PICTURES
from customer_client.desk.media import media_type
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.types import Attachment
from shared.ui.chat.view import EventRow, MessageRow
from tests.customer_fakes import LIN, MAYA, TALK, Stage

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def in_chat(stage: Stage) -> None:
    stage.connect()
    stage.talk()
    stage.rooms.chat.open(TALK)


def messages(stage: Stage) -> list[MessageRow]:
    return [row for row in stage.rooms.chat.view.value.rows if isinstance(row, MessageRow)]


def sent(stage: Stage) -> list[c.SendChat]:
    return [body for _, body in stage.relay.history if isinstance(body, c.SendChat)]


def store(stage: Stage, client_id: str, words: str = "", attachments: tuple[Attachment, ...] = ()) -> None:
    stage.happen(c.ChatPosted(client_id=client_id, author=MAYA, text=words, attachments=attachments))


def test_a_message_is_waiting_then_sent_then_delivered_then_read(stage: Stage) -> None:
    in_chat(stage)
    stage.rooms.chat.say("  It still stops. ")
    (command,) = sent(stage)
    assert command.text == "It still stops."
    assert [row.state for row in messages(stage)] == ["waiting"]
    accepted = c.ChatAccepted(client_id=command.client_id, seq=4, at_ms=stage.timers.now_ms)
    stage.answer(f"chat/{command.client_id}", accepted)
    assert [row.state for row in messages(stage)] == ["sent"]
    store(stage, command.client_id, command.text)
    assert [(row.id, row.state) for row in messages(stage)] == [(command.client_id, "sent")]
    stage.happen(c.MessagesDelivered(person_id=LIN.id, up_to=4))
    assert messages(stage)[0].state == "delivered"
    stage.happen(c.MessagesRead(person_id=LIN.id, up_to=4))
    assert messages(stage)[0].state == "read"


def test_ones_own_receipts_make_nothing_read(stage: Stage) -> None:
    in_chat(stage)
    store(stage, "one", "words")
    stage.happen(c.MessagesRead(person_id=MAYA.id, up_to=4))
    assert messages(stage)[0].state == "sent"


def test_what_an_earlier_run_left_in_the_outbox_is_shown_waiting(stage: Stage) -> None:
    stage.relay.post("chat/old", c.SendChat(conversation_id=TALK, client_id="old", text="kept"))
    in_chat(stage)
    assert [(row.words, row.state) for row in messages(stage)] == [("kept", "waiting")]


def test_a_refused_message_keeps_its_words_and_can_be_sent_again(stage: Stage) -> None:
    in_chat(stage)
    stage.rooms.chat.say("Should I restart now?")
    client_id = sent(stage)[0].client_id
    stage.answer(f"chat/{client_id}", Refused(code="conversation_ended"))
    assert [(row.words, row.state) for row in messages(stage)] == [("Should I restart now?", "failed")]
    stage.rooms.chat.send_again(client_id)
    assert messages(stage)[0].state == "waiting"
    assert sent(stage)[1] == sent(stage)[0]


def test_a_picture_goes_up_first_and_is_said_then(stage: Stage) -> None:
    in_chat(stage)
    stage.rooms.chat.show_picture(PNG, "shot.png")
    assert [name for _, name, _ in stage.relay.uploads] == ["shot.png"]
    (command,) = sent(stage)
    assert [each.blob_id for each in command.attachments] == ["blob1"]
    heard: list[str] = []
    stage.rooms.chat.pictures.watch(lambda picture: heard.append(picture[0]))
    store(stage, command.client_id, attachments=command.attachments)
    assert heard == ["blob1"]
    assert messages(stage)[0].picture is not None


def test_a_picture_waits_for_the_connection(stage: Stage) -> None:
    in_chat(stage)
    stage.drop()
    stage.rooms.chat.show_picture(PNG, "shot.png")
    assert messages(stage)[0].state == "waiting"
    assert not sent(stage)
    stage.return_()
    assert len(sent(stage)) == 1


def test_pictures_that_wait_are_bounded(stage: Stage) -> None:
    in_chat(stage)
    stage.drop()
    for _ in range(MAX_WAITING_PICTURES + 1):
        stage.rooms.chat.show_picture(PNG, "shot.png")
    assert len(messages(stage)) == MAX_WAITING_PICTURES
    assert stage.rooms.chat.view.value.failed is not None


def test_what_is_no_picture_is_not_sent(stage: Stage) -> None:
    in_chat(stage)
    stage.rooms.chat.show_picture(b"#!/bin/sh", "shot.png")
    failed = stage.rooms.chat.view.value.failed
    assert failed is not None
    assert failed.code == "blob_type_refused"
    assert not stage.relay.uploads


def test_a_picture_of_theirs_is_fetched_once_and_again_after_a_lost_link(stage: Stage) -> None:
    in_chat(stage)
    stage.relay.blobs["b"] = PNG
    stage.drop()
    picture = Attachment(blob_id="b", name="p.png", media_type="image/png", size_bytes=72)
    stage.happen(c.ChatPosted(client_id="one", author=LIN, attachments=(picture,)))
    heard: list[tuple[str, bytes]] = []
    stage.rooms.chat.pictures.watch(heard.append)
    stage.return_()
    assert heard == [("b", PNG)]


def test_read_is_told_only_while_somebody_looks(stage: Stage) -> None:
    in_chat(stage)
    stage.happen(c.ChatPosted(client_id="one", author=LIN, text="Hello Maya"))
    assert not [each for each in stage.relay.told if isinstance(each, c.MarkRead)]
    assert c.MarkDelivered(conversation_id=TALK, seq=4) in stage.relay.told
    stage.rooms.chat.attend(True)
    stage.rooms.chat.attend(True)
    assert [each for each in stage.relay.told if isinstance(each, c.MarkRead)] == [
        c.MarkRead(conversation_id=TALK, seq=4)
    ]


def test_typing_is_told_at_most_every_three_seconds(stage: Stage) -> None:
    in_chat(stage)
    for words in ("a", "ab", "abc"):
        stage.rooms.chat.type(words)
    assert stage.relay.told.count(c.Typing(conversation_id=TALK)) == 1
    stage.timers.pass_s(3)
    stage.rooms.chat.type("abcd")
    assert stage.relay.told.count(c.Typing(conversation_id=TALK)) == 2
    assert stage.rooms.chat.draft == "abcd"


def test_their_typing_goes_by_itself_or_with_their_message(stage: Stage) -> None:
    in_chat(stage)
    stage.desk.on_push(c.TypingNow(conversation_id=TALK, person=LIN))
    assert stage.rooms.chat.view.value.typing == LIN
    stage.timers.pass_s(6)
    assert stage.rooms.chat.view.value.typing is None
    stage.desk.on_push(c.TypingNow(conversation_id=TALK, person=LIN))
    stage.happen(c.ChatPosted(client_id="one", author=LIN, text="Hello"))
    assert stage.rooms.chat.view.value.typing is None


def test_who_is_here_and_who_is_away(stage: Stage) -> None:
    in_chat(stage)
    assert stage.rooms.chat.view.value.here == (LIN,)
    stage.desk.on_push(c.PresenceChanged(conversation_id=TALK, person=LIN, online=False))
    assert stage.rooms.chat.view.value.away == (LIN.id,)
    events = [row.words for row in stage.rooms.chat.view.value.rows if isinstance(row, EventRow)]
    assert [str(words) for words in events] == ["Lin Wei (Tier 2) joined"]


def test_a_name_of_a_file_is_reduced_to_a_safe_one(stage: Stage) -> None:
    in_chat(stage)
    evil = Attachment(blob_id="b", name="../../.bashrc\n<x>", media_type="application/pdf", size_bytes=3)
    stage.happen(c.ChatPosted(client_id="one", author=LIN, attachments=(evil,)))
    assert stage.rooms.chat.file_name("b") == ".bashrcx"


def test_files_are_known_by_their_first_bytes() -> None:
    assert media_type(PNG) == "image/png"
    assert media_type(b"RIFF\0\0\0\0WEBP") == "image/webp"
    assert media_type(b"<svg>") == ""
