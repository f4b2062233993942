"""Offer, answer, reveal: each fits one session, one person, one description."""

from msgspec import structs

from shared.protocol.messages.remote import CapabilityAsked, Signal
from shared.protocol.types import PersonRef
from shared.rules import introduction, shortcode, statements
from shared.rules.introduction import Between, Device, Met

BETWEEN = Between(session_id="s1", conversation_id="c1", customer_id="maya", agent_id="lin")
MAYA, LIN = Device(private=bytes([1]) * 32), Device(private=bytes([2]) * 32)
NONCE, OTHER = statements.encode(bytes([5]) * 32), statements.encode(bytes([6]) * 32)
HERE, THERE = ":".join(["AA"] * 32), ":".join(["BB"] * 32)
OFFER = introduction.offer(MAYA, BETWEEN, "offer", HERE, NONCE)
ANSWER = introduction.answer(LIN, BETWEEN, "answer", THERE, OTHER, OFFER)
PERSON = PersonRef(id="lin", name="Lin Wei", kind="agent")


def test_an_answer_belongs_to_its_offer_alone() -> None:
    again = introduction.offer(MAYA, BETWEEN, "offer", HERE, OTHER)
    signal = Signal(kind="answer", sdp="answer", signed=ANSWER)
    assert introduction.check_answer(signal, BETWEEN, OFFER) == ANSWER
    assert introduction.check_answer(signal, BETWEEN, again) == "mixed_up"


def test_a_reflected_offer_is_no_answer() -> None:
    signal = Signal(kind="answer", sdp="offer", signed=OFFER)
    assert introduction.check_answer(signal, BETWEEN, OFFER) == "mixed_up"


def test_what_is_not_signed_is_refused() -> None:
    assert introduction.check_offer(Signal(kind="offer", sdp="offer"), BETWEEN) == "unsigned"
    assert introduction.check_answer(Signal(kind="answer", sdp="answer"), BETWEEN, OFFER) == "unsigned"
    empty = structs.replace(ANSWER, signature="")
    assert introduction.check_answer(Signal(kind="answer", sdp="answer", signed=empty), BETWEEN, OFFER) == "signature"


def test_the_code_is_the_same_at_both_ends_and_depends_on_all_that_was_said() -> None:
    met = Met(OFFER, ANSWER, NONCE)
    assert met.code == Met(OFFER, ANSWER, NONCE).code
    halves = (shortcode.Half(HERE, OFFER.key, NONCE), shortcode.Half(THERE, ANSWER.key, OTHER))
    assert met.code == shortcode.code(*halves)
    others = {
        shortcode.code(structs.replace(halves[0], **{field: value}), halves[1])
        for field, value in (("fingerprint", THERE), ("key", ANSWER.key), ("nonce", OTHER))
    }
    assert met.code not in others
    assert shortcode.grouped("482913") == "482 913"


def test_a_confirmation_is_for_this_meeting_and_by_this_key() -> None:
    met = Met(OFFER, ANSWER, NONCE)
    word = introduction.confirmation(LIN, met)
    assert introduction.check_confirmation(met, ANSWER.key, word)
    assert not introduction.check_confirmation(met, OFFER.key, word)
    assert not introduction.check_confirmation(structs.replace(met, nonce=OTHER), ANSWER.key, word)
    assert not introduction.check_confirmation(met, ANSWER.key, introduction.confirmation(MAYA, met))


def test_no_word_of_a_question_can_be_changed() -> None:
    proof = introduction.prove_ask(
        LIN, conversation_id="c1", request_id="r1", agent_id="lin", capabilities=("view",), reason="To help"
    )
    asked = CapabilityAsked(
        request_id="r1",
        session_id="s1",
        agent=PERSON,
        capabilities=("view",),
        reason="To help",
        expires_ms=1,
        proof=proof,
    )
    assert introduction.check_ask(asked, "c1") == proof
    assert introduction.check_ask(structs.replace(asked, proof=None), "c1") == "unsigned"
    assert introduction.check_ask(asked, "c2") == "signature"
    for changed in (
        {"reason": "To help you"},
        {"capabilities": ("view", "control")},
        {"request_id": "r2"},
        {"agent": structs.replace(PERSON, id="ana")},
    ):
        assert introduction.check_ask(structs.replace(asked, **changed), "c1") == "signature"
