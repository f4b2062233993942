"""A relay that swaps identities, keys and fingerprints, strips and replays: nothing connects, and each end says why."""

from collections.abc import Iterable
from typing import Any

from msgspec import structs

from shared.control import input as i
from shared.protocol.messages.remote import Signal
from shared.protocol.messages.trust import Revoked, SignedStatement, Trust
from shared.rules import certificates, introduction, statements
from shared.rules.introduction import Device
from shared.session import channel as m
from tests.control.hostile import BETWEEN, LIN, NOW, Relay, Scene, scene
from tests.trusted import ORGANISATION, STRANGERS, device_of

EVE = Device(private=bytes([66]) * 32)
EVES_PRINT = ":".join(["EE"] * 32)
EVES_NONCE = statements.encode(bytes([67]) * 32)


def signed(signal: Signal) -> SignedStatement:
    assert signal.signed is not None
    return signal.signed


def sdp_of_eve(sdp: str) -> str:
    """The same description with the certificate of whoever sits between."""
    return "\r\n".join(
        f"a=fingerprint:sha-256 {EVES_PRINT}" if line.startswith("a=fingerprint:sha-256") else line
        for line in sdp.split("\r\n")
    )


class Meddler:
    """Makes of each answer (or offer) what `bend` says."""

    def __init__(self, kind: str, bend: Any) -> None:
        self.kind, self.bend = kind, bend

    def carry(self, signal: Signal) -> Iterable[Signal]:
        return (self.bend(signal),) if signal.kind == self.kind else (signal,)


def unsigned(signal: Signal) -> Signal:
    return structs.replace(signal, signed=None)


def without_certificate_and_signature(signal: Signal) -> Signal:
    return structs.replace(signal, signed=structs.replace(signed(signal), signature="", certificate=None))


def other_fingerprint(signal: Signal) -> Signal:
    return structs.replace(signal, sdp=sdp_of_eve(signal.sdp))


def other_fingerprint_and_word(signal: Signal) -> Signal:
    """Swaps the fingerprint in the signed words too; the signature is still the engineer's."""
    sdp = sdp_of_eve(signal.sdp)
    word = structs.replace(signed(signal).statement, fingerprint=EVES_PRINT, description=hashed(sdp))
    return structs.replace(signal, sdp=sdp, signed=structs.replace(signed(signal), statement=word))


def signed_by_eve_with_lins_certificate(signal: Signal) -> Signal:
    word = signed(signal).statement
    return structs.replace(
        signal,
        signed=SignedStatement(
            statement=word,
            key=statements.public_key(EVE.private),
            signature=statements.sign(EVE.private, "description", word),
            certificate=signed(signal).certificate,
        ),
    )


def certified_by_the_relay(signal: Signal) -> Signal:
    """An invented engineer: the relay made the organisation's key, the certificate and the signature itself."""
    invented = device_of(LIN, seed=66, by=STRANGERS)
    word = signed(signal).statement
    signature = statements.sign(invented.private, "description", word)
    key = statements.public_key(invented.private)
    return structs.replace(
        signal,
        signed=SignedStatement(statement=word, key=key, signature=signature, certificate=invented.certificate),
    )


def of_another_session(signal: Signal) -> Signal:
    word = structs.replace(signed(signal).statement, session_id="s0")
    return structs.replace(signal, signed=structs.replace(signed(signal), statement=word))


def hashed(sdp: str) -> str:
    made = introduction.offer(EVE, BETWEEN, sdp, EVES_PRINT, EVES_NONCE)
    return made.statement.description


ANSWERS: dict[str, tuple[Any, str]] = {
    "stripped": (unsigned, "unsigned"),
    "half stripped": (without_certificate_and_signature, "signature"),
    "own fingerprint": (other_fingerprint, "mixed_up"),
    "own fingerprint in the signed words": (other_fingerprint_and_word, "signature"),
    "own key under a true certificate": (signed_by_eve_with_lins_certificate, "mixed_up"),
    "invented engineer": (certified_by_the_relay, "issuer_unknown"),
    "from another session": (of_another_session, "mixed_up"),
}
OFFERS: dict[str, tuple[Any, str]] = {
    "stripped": (unsigned, "unsigned"),
    "own fingerprint": (other_fingerprint, "mixed_up"),
    "from another session": (of_another_session, "mixed_up"),
}


async def refused_here(found: Scene) -> str:
    await found.until(lambda: found.here, "the customer's computer to refuse")
    assert found.state == "failed"
    assert found.nothing_was_seen()
    return found.here[0]


async def refused_there(found: Scene) -> str:
    await found.until(lambda: found.there, "the engineer's computer to refuse")
    assert found.agent.view.state == "failed"
    assert found.nothing_was_seen()
    return found.there[0]


async def test_bent_answers_and_offers_connect_to_nobody(desk: Any) -> None:
    async with scene(desk) as found:
        for what, (bend, fault) in ANSWERS.items():
            found.begin(Relay(to_customer=Meddler("answer", bend).carry))
            found.connect()
            assert (what, await refused_here(found)) == (what, fault)
        for what, (bend, fault) in OFFERS.items():
            found.begin(Relay(to_agent=Meddler("offer", bend).carry))
            found.connect()
            assert (what, await refused_there(found)) == (what, fault)
        found.begin(Relay())
        found.connect()
        await found.pair.there.until(lambda: found.pair.there.of(m.FrameShown), "a picture over an honest relay")
        shown = found.customer.shown(LIN.id)
        assert shown is not None
        assert (shown.state, found.agent.view.state) == ("trusted", "trusted")
        assert shown.code == found.agent.view.code != ""


async def test_names_certificates_and_lists_that_are_not_true(desk: Any) -> None:
    device = device_of(LIN)
    assert device.certificate is not None
    gone = Revoked(serial=device.certificate.serial, key=device.certificate.key)
    first = certificates.revoke(ORGANISATION.private, None, (), NOW)
    newest = certificates.revoke(ORGANISATION.private, first, [gone], NOW)
    async with scene(desk) as found:
        found.begin(Relay(name=structs.replace(LIN, name="Your bank")))
        found.connect()
        assert await refused_here(found) == "name_differs"
        found.begin(Relay(), device_of(LIN, days=0))
        found.connect()
        assert await refused_here(found) == "certificate_expired"
        found.begin(Relay())
        found.customer.learn(Trust(revocations=newest))
        found.customer.learn(Trust())  # a relay that says nothing any more changes nothing
        found.connect()
        assert await refused_here(found) == "certificate_revoked"
        found.begin(Relay())
        found.customer.learn(Trust(revocations=newest))
        found.customer.learn(Trust(revocations=first))
        found.connect()
        assert await refused_here(found) == "list_older"


async def test_without_a_certificate_everything_stays_shut_until_both_people_have_compared(desk: Any) -> None:
    async with scene(desk) as found:
        found.begin(Relay(), device_of(LIN, by=None))
        found.connect()
        await found.until(lambda: found.state == "comparing", "the code")
        found.pair.input(i.KeyDown(0xFFE1))
        found.react(found.customer.confirm(LIN.id))
        assert found.state == "here"
        assert found.nothing_was_seen()
        word = found.agent.confirm()
        assert word is not None
        found.send_to_customer(word)
        await found.pair.there.until(lambda: found.pair.there.of(m.FrameShown), "a picture")
        assert found.state == found.agent.view.state == "trusted"


async def test_a_relay_in_the_middle_of_people_who_compare(desk: Any) -> None:
    async with scene(desk) as found:
        found.begin(in_the_middle(), device_of(LIN, by=None))
        found.connect()
        await found.until(lambda: found.state == found.agent.view.state == "comparing", "both codes")
        shown = found.customer.shown(LIN.id)
        assert shown is not None
        assert shown.code != found.agent.view.code
        found.react(found.customer.differs(LIN.id))
        assert await refused_here(found) == "code_differs"
        found.react(found.customer.confirm(LIN.id))
        assert found.state == "failed"

        found.begin(Relay(to_agent=Meddler("reveal", other_nonce).carry), device_of(LIN, by=None))
        found.connect()
        assert await refused_there(found) == "nonce_false"

        found.begin(Relay(), device_of(LIN, by=None))
        found.connect()
        await found.until(lambda: found.state == "comparing", "the code")
        found.react(found.customer.confirm(LIN.id))
        forged = statements.sign(EVE.private, "code compared", ["yes"])
        found.send_to_customer(Signal(kind="confirm", signature=forged))
        assert await refused_here(found) == "signature"

        found.begin(Relay(to_customer=Meddler("answer", stripped_of_its_certificate).carry))
        found.connect()
        await found.until(lambda: found.state == "comparing", "the code")
        found.react(found.customer.confirm(LIN.id))
        assert await refused_there(found) == "signature", "what was compared is what was sent, certificate included"


async def test_a_description_that_no_window_has_verified_is_refused_by_the_process_itself(desk: Any) -> None:
    async with scene(desk) as found:
        found.pair.there.also = lambda said: (
            found.pair.customer.send(m.SignalIn(agent_id=LIN.id, signal=said.signal))
            if isinstance(said, m.SignalOut)
            else None
        )
        found.connect()
        lost = m.ViewerChanged(agent_id=LIN.id, state="lost")
        await found.until(lambda: lost in found.pair.here.said, "the refusal")
        assert found.nothing_was_seen()


def stripped_of_its_certificate(signal: Signal) -> Signal:
    return structs.replace(signal, signed=structs.replace(signed(signal), certificate=None))


def other_nonce(signal: Signal) -> Signal:
    return structs.replace(signal, nonce=EVES_NONCE)


def in_the_middle() -> Relay:
    """It poses as the engineer to the customer and as the customer to the engineer, with keys of its own."""
    offers: list[SignedStatement] = []

    def to_agent(signal: Signal) -> Iterable[Signal]:
        if signal.kind == "reveal":
            return (other_nonce(signal),)
        if signal.kind != "offer":
            return (signal,)
        offers.append(signed(signal))
        word = signed(signal).statement
        return (
            structs.replace(signal, signed=introduction.offer(EVE, BETWEEN, signal.sdp, word.fingerprint, EVES_NONCE)),
        )

    def as_agent(signal: Signal) -> Signal:
        word = signed(signal).statement
        made = introduction.answer(EVE, BETWEEN, signal.sdp, word.fingerprint, EVES_NONCE, offers[-1])
        return structs.replace(signal, signed=made)

    return Relay(to_agent, Meddler("answer", as_agent).carry)
