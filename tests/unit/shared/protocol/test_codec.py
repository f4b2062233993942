from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.protocol import codec, document, frames, version
from shared.protocol.messages import conversations as c
from shared.protocol.types import PersonRef

ANA = PersonRef(id="ana", name="Ana", kind="agent")


def record(stream: str) -> c.EventRecord:
    return c.EventRecord(stream=stream, seq=1, order=1, at_ms=1, kind="chat_posted", body="{}")


def test_a_request_goes_over_and_comes_back() -> None:
    frame = frames.Request(id=7, body=c.SendChat(conversation_id="k1", client_id="m1", text="你好"))
    assert codec.decode_from_customer(codec.encode_from_customer(frame)) == frame


@pytest.mark.parametrize(("text", "fits"), [("a\0b", False), ("\\\0", False), ("\\u0000", True), ("\\\\u0000", True)])
def test_a_text_without_a_place_in_every_store_is_refused(text: str, fits: bool) -> None:
    frame = codec.encode_from_customer(
        frames.Request(id=7, body=c.SendChat(conversation_id="k1", client_id="m1", text=text))
    )
    for data in (frame, frame.decode()):
        if fits:
            assert codec.decode_from_customer(data).body == c.SendChat(conversation_id="k1", client_id="m1", text=text)
            continue
        with pytest.raises(codec.Malformed) as refused:
            codec.decode_from_customer(data)
        assert (refused.value.refusal, refused.value.request_id) == ("malformed", 7)


@pytest.mark.parametrize("stream", [c.internal_stream("k1"), "t/1"])
def test_nothing_but_public_streams_can_be_encoded_for_a_customer(stream: str) -> None:
    with pytest.raises(AssertionError):
        codec.encode_to_customer(frames.PublicEvent(record=record(stream)))
    with pytest.raises(AssertionError):
        codec.encode_to_customer(frames.Reply(id=1, body=c.StreamPage(stream=stream, events=(), head=0)))


def test_no_union_of_a_customer_holds_a_note() -> None:
    members = {*get_args(frames.CustomerCommand), *get_args(frames.CustomerResult), *get_args(frames.PublicEventBody)}
    members |= {*get_args(frames.CustomerPush), *get_args(frames.ToCustomer)}
    assert not members & {c.AddNote, c.NoteAccepted, c.NoteAdded, frames.InternalEvent}


def test_a_command_of_somebody_else_is_unknown_to_a_customer() -> None:
    note = codec.encode_from_agent(frames.Request(id=3, body=c.AddNote(conversation_id="k", client_id="n", text="x")))
    with pytest.raises(codec.Malformed) as caught:
        codec.decode_from_customer(note)
    assert (caught.value.refusal, caught.value.request_id) == ("unknown_command", 3)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b'{"f":"request","id":1,"body":{"do":"send_chat","conversation_id":"../x","client_id":"m"}}', "malformed"),
        (b'{"f":"request","id":-1,"body":{"do":"get_home"}}', "malformed"),
        (b'{"f":"request","id":1,"body":{"do":"fly"}}', "unknown_command"),
        (b" " * (codec.MAX_FRAME_BYTES + 1), "too_large"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(data: bytes, refusal: str) -> None:
    with pytest.raises(codec.Malformed) as caught:
        codec.decode_from_customer(data)
    assert caught.value.refusal == refusal


@given(st.binary(max_size=200))
def test_no_bytes_break_the_first_decoder(data: bytes) -> None:
    with pytest.raises(codec.Malformed) as caught:
        codec.decode_opening(data)
    assert caught.value.refusal in ("malformed", "unknown_command")


def test_a_long_line_is_not_taken() -> None:
    frame = frames.Request(id=1, body=c.SendChat(conversation_id="k", client_id="m", text="x" * 8001))
    with pytest.raises(codec.Malformed):
        codec.decode_from_customer(codec.encode_from_customer(frame))


def test_an_event_of_a_newer_relay_is_carried() -> None:
    assert codec.decode_event(
        record(c.public_stream("k")).__class__(
            stream=c.public_stream("k"), seq=1, order=1, at_ms=1, kind="teleported", body="{}"
        )
    ) == codec.UnknownEvent(kind="teleported")


def test_an_event_whose_body_cannot_be_read_is_carried_too() -> None:
    event = codec.decode_event(
        c.EventRecord(stream=c.public_stream("k"), seq=1, order=1, at_ms=1, kind="chat_posted", body='{"text": 7}')
    )
    assert isinstance(event, codec.UnknownEvent)
    assert event.kind == "chat_posted"
    assert event.problem


def test_wire_names_are_unique_within_an_audience() -> None:
    for union in (frames.CustomerCommand, frames.AgentCommand, frames.EventBody, frames.CustomerPush, frames.AgentPush):
        assert len(codec.tags(union)) == len(get_args(union))


@pytest.mark.parametrize(
    ("theirs", "theirs_oldest", "agreed"),
    [
        (version.CURRENT, version.OLDEST, version.CURRENT),
        (version.OLDEST - 1, 0, "protocol_too_old"),
        (version.CURRENT + 5, version.CURRENT + 1, "protocol_too_new"),
        (version.CURRENT + 5, version.CURRENT, version.CURRENT),
    ],
)
def test_versions_agree_or_say_why_not(theirs: int, theirs_oldest: int, agreed: object) -> None:
    assert version.agree(theirs, theirs_oldest) == agreed


def test_every_message_has_words_in_the_document() -> None:
    text = document.document()
    for union in (frames.CustomerCommand, frames.AgentCommand, frames.EventBody):
        for tag in codec.tags(union):
            assert f"`{tag}`" in text
