"""Signed words cannot be bent, and a short code cannot be ground."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from shared.protocol.messages.remote import Signal
from shared.protocol.messages.trust import SignedStatement, Statement
from shared.rules import introduction, shortcode, statements, trust
from shared.rules.introduction import Between, Device
from tests.trusted import ORGANISATION

BETWEEN = Between(session_id="s1", conversation_id="c1", customer_id="maya", agent_id="lin")
MAYA, LIN = Device(private=bytes([1]) * 32), Device(private=bytes([2]) * 32)
PRINTS = st.binary(min_size=32, max_size=32).map(lambda raw: raw.hex(":").upper())
NONCES = st.binary(min_size=32, max_size=32).map(statements.encode)
SDP = "v=0 of somebody's"


def offer(print_: str = ":".join(["AA"] * 32), nonce: str = statements.encode(bytes(32))) -> SignedStatement:
    return introduction.offer(MAYA, BETWEEN, SDP, print_, nonce)


def answer(to: SignedStatement) -> SignedStatement:
    return introduction.answer(LIN, BETWEEN, SDP, ":".join(["BB"] * 32), statements.encode(bytes([3]) * 32), to)


OTHER_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "session_id": st.just("s2"),
    "conversation_id": st.just("c2"),
    "sender": st.just("eve"),
    "receiver": st.just("eve"),
    "fingerprint": PRINTS,
    "description": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "commitment": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "nonce": NONCES,
    "offer": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "lasting": st.just(False),
}


def test_every_field_of_a_statement_is_tried() -> None:
    assert {*OTHER_VALUES, "kind"} == {field.name for field in structs.fields(Statement)}


@given(st.sampled_from(sorted(OTHER_VALUES)), st.data())
def test_any_changed_field_is_refused(name: str, data: st.DataObject) -> None:
    whole_offer, whole_answer = offer(), answer(offer())
    value = data.draw(OTHER_VALUES[name])
    for whole, check in (
        (whole_offer, lambda signal: introduction.check_offer(signal, BETWEEN)),
        (whole_answer, lambda signal: introduction.check_answer(signal, BETWEEN, whole_offer)),
    ):
        if getattr(whole.statement, name) == value:
            continue
        bent = structs.replace(whole, statement=structs.replace(whole.statement, **{name: value}))
        kind = whole.statement.kind
        assert check(Signal(kind=kind, sdp=SDP, signed=bent)) in ("mixed_up", "signature")
        assert check(Signal(kind=kind, sdp=SDP, signed=whole)) == whole


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_changed_byte_on_the_wire_is_refused(at: int, by: int) -> None:
    """Flip a byte of the encoded signal: it is no signal any more, or no believed one, or says the very same."""
    whole = Signal(kind="offer", sdp=SDP, signed=offer())
    raw = bytearray(msgspec.json.encode(whole))
    raw[at % len(raw)] ^= by
    try:
        bent = msgspec.json.decode(bytes(raw), type=Signal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    found = introduction.check_offer(bent, BETWEEN)
    if not isinstance(found, str):
        assert found.statement == whole.signed.statement if whole.signed else False
        assert bent.sdp == whole.sdp


def test_a_signature_stands_only_under_its_own_kind() -> None:
    said = offer().statement
    signature = statements.sign(MAYA.private, "description", said)
    key = statements.public_key(MAYA.private)
    assert statements.verify(key, "description", said, signature)
    for context in ("certificate", "revocations", "rotation", "key request", "question", "code compared"):
        assert not statements.verify(key, context, said, signature)


def test_one_key_has_one_spelling() -> None:
    said, key = offer().statement, statements.public_key(MAYA.private)
    signature = statements.sign(MAYA.private, "description", said)
    for spelled in (key.rstrip("="), key.translate(str.maketrans("+/", "-_")) + "x", ORGANISATION.public, ""):
        assert not statements.verify(spelled, "description", said, signature)


@given(NONCES, NONCES)
def test_a_commitment_opens_to_one_nonce_only(nonce: str, other: str) -> None:
    to = offer(nonce=nonce)
    assert introduction.check_reveal(to, nonce)
    assert introduction.check_reveal(to, other) == (other == nonce)


@given(PRINTS, PRINTS, NONCES, st.lists(NONCES, min_size=40, max_size=40, unique=True))
def test_whoever_sits_between_is_bound_before_the_code_is_known(
    here: str, theirs: str, own: str, ground: list[str]
) -> None:
    """The relay answers the customer with its own nonce while the customer's is hidden behind a commitment: for each
    nonce that it might grind, the code that comes out is another one for each nonce the customer may hold. So what
    it picks is worth one try in a million, however long it grinds."""
    key = statements.public_key(LIN.private)
    customer = [shortcode.Half(here, key, nonce) for nonce in ground]
    relay = shortcode.Half(theirs, key, own)
    codes = [shortcode.code(each, relay) for each in customer]
    assert all(len(code) == shortcode.DIGITS and code.isdigit() for code in codes)
    assert len(set(codes)) >= len(codes) - 3, "codes are spread: knowing one's own half says nothing"
    assert len({shortcode.commitment(nonce) for nonce in ground}) == len(ground)


@given(st.lists(st.sampled_from(("vouched", "unknown", "here", "there", "again", "fault")), max_size=30))
def test_nobody_is_trusted_without_being_vouched_for_or_both_people(events: list[trust.Event]) -> None:
    state: trust.State = "introducing"
    said: set[str] = set()
    for event in events:
        before, state = state, trust.advance(state, event)
        if event == "again" and before != "failed":
            said = set()
        elif before != state:
            said.add(event)
        assert (state == "failed") == (before == "failed" or (state == "failed" and event == "fault"))
        if state == "trusted":
            assert "vouched" in said or {"unknown", "here", "there"} <= said
