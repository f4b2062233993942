"""Who the engineers of a remote session are, as this computer can tell: it signs its offers, checks their answers, and
keeps everything shut until the organisation, an earlier code, or both people vouch for the key. No Qt."""

import logging
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct, structs

from shared.net.keybook import KeyBook
from shared.protocol.messages.identity import RecordingTerms
from shared.protocol.messages.remote import CapabilityAsked, Signal
from shared.protocol.messages.trust import SignedStatement, Trust
from shared.protocol.types import PersonRef
from shared.rules import certificates, introduction, shortcode, statements, trust
from shared.rules.certificates import Fault, Seen, Standing
from shared.session.channel import CustomerOrder, SignalIn, SignalOut

_log = logging.getLogger(__name__)
_OFFERS_KEPT: Final = 4
"""Offers that may still be answered: while a connection is tried again, the answer to the one before may be on its
way."""


class Introduction(Struct, frozen=True):
    """How it stands with one engineer. `code` is there to be compared, or just to be seen when they are vouched for."""

    person: PersonRef
    state: trust.State = "introducing"
    standing: Standing | None = None
    code: str = ""
    fault: Fault | None = None

    @property
    def waits_for_people(self) -> bool:
        """Whether somebody has to compare the code before anything else happens."""
        return self.state in ("comparing", "here", "there")


class Reaction(Struct, frozen=True):
    """What follows: orders for the session process, signals for the engineer; `connect`: offer a connection anew."""

    orders: tuple[CustomerOrder, ...] = ()
    signals: tuple[Signal, ...] = ()
    connect: bool = False
    fault: Fault | None = None


NOTHING: Final = Reaction()


@dataclass
class _Offer:
    signed: SignedStatement
    nonce: str


@dataclass
class _Party:
    """One engineer. `vouched` is the key that both people have confirmed in this session."""

    shown: Introduction
    offers: deque[_Offer] = field(default_factory=lambda: deque[_Offer](maxlen=_OFFERS_KEPT))
    met: introduction.Met | None = None
    vouched: str = ""
    lasting: bool = True
    comparisons: int = 0


class Introductions:
    """One remote session at a time. `private` gives this device's key, `clock` this computer's own time: the relay's
    would let it bring an old certificate back."""

    def __init__(self, book: KeyBook, private: Callable[[], bytes], clock: Callable[[], int]) -> None:
        self._book, self._private, self._clock = book, private, clock
        self._between = introduction.Between(session_id="", conversation_id="", customer_id="", agent_id="")
        self._parties: dict[str, _Party] = {}
        self._list_fault: Fault | None = None

    def begin(self, session_id: str, conversation_id: str, customer_id: str) -> None:
        """A remote session starts; what was said in another counts no more."""
        self._parties = {}
        self._between = introduction.Between(
            session_id=session_id, conversation_id=conversation_id, customer_id=customer_id, agent_id=""
        )

    def shown(self, agent_id: str) -> Introduction | None:
        """How it stands with an engineer."""
        party = self._parties.get(agent_id)
        return party.shown if party else None

    def learn(self, told: Trust) -> None:
        """What the relay hands out of the organisation's: followed where the pinned key has signed it."""
        self._list_fault = self._book.learn(told.rotations, told.revocations)

    def judge_ask(self, asked: CapabilityAsked, conversation_id: str) -> Standing | Fault:
        """Who asks, before the customer answers."""
        proof = introduction.check_ask(asked, conversation_id)
        if isinstance(proof, str):
            return proof
        return self._judge(certificates.Shown(asked.agent, proof.key, proof.certificate))

    def believes(self, terms: RecordingTerms) -> bool:
        """Whether recordings may be sealed to this key: the organisation's pinned key says so, or none is pinned."""
        anchor = self._book.anchor
        return anchor is None or certificates.is_recording_key_of(terms.key, terms.signature, anchor.key)

    def offer(self, person: PersonRef, out: SignalOut) -> Signal:
        """This computer's offer, signed for this engineer in this session."""
        party = self._parties.setdefault(person.id, _Party(Introduction(person)))
        nonce = statements.encode(secrets.token_bytes(shortcode.NONCE_BYTES))
        device = introduction.Device(private=self._private())
        signed = introduction.offer(device, self._with(person.id), out.signal.sdp, out.fingerprint, nonce)
        party.offers.append(_Offer(signed, nonce))
        party.met = None
        party.shown = structs.replace(party.shown, state=trust.advance(party.shown.state, "again"), code="")
        return structs.replace(out.signal, signed=signed)

    def take(self, sender: PersonRef, signal: Signal) -> Reaction:
        """An engineer's signal; their answer, or their word that the code is the same."""
        party = self._parties.get(sender.id)
        if party is None or not party.offers or party.shown.state == "failed":
            return NOTHING
        if signal.kind == "answer":
            return self._answered(party, sender, signal)
        if signal.kind == "confirm" and party.met is not None:
            if not introduction.check_confirmation(party.met, party.met.answer.key, signal.signature):
                return self._fail(party, "signature")
            return self._step(party, "there")
        return NOTHING

    def confirm(self, agent_id: str) -> Reaction:
        """The person has compared the code, and it is the same."""
        party = self._parties.get(agent_id)
        if party is None or party.met is None or party.shown.state not in ("comparing", "there"):
            return NOTHING
        word = introduction.confirmation(introduction.Device(private=self._private()), party.met)
        reaction = self._step(party, "here")
        return structs.replace(reaction, signals=(Signal(kind="confirm", signature=word),))

    def differs(self, agent_id: str) -> Reaction:
        """The person has compared the code, and it is another."""
        party = self._parties.get(agent_id)
        return self._fail(party, "code_differs") if party is not None else NOTHING

    # Answers

    def _answered(self, party: _Party, sender: PersonRef, signal: Signal) -> Reaction:
        newest = party.offers[-1]
        if signal.signed is not None and self._late(party, signal.signed):
            return NOTHING
        if party.met is not None:
            return self._fail(party, "mixed_up")
        signed = introduction.check_answer(signal, self._with(sender.id), newest.signed)
        if isinstance(signed, str):
            return self._fail(party, signed)
        if sender.name != party.shown.person.name:
            return self._fail(party, "name_differs")
        standing = self._judge(certificates.Shown(sender, signed.key, signed.certificate), party.vouched)
        if not isinstance(standing, Standing):
            return self._fail(party, standing)
        party.met = introduction.Met(newest.signed, signed, newest.nonce)
        party.lasting = signed.statement.lasting
        compare = standing.kind == "unknown"
        party.comparisons += compare
        if party.comparisons > trust.MAX_COMPARISONS:
            return self._fail(party, "too_many")
        event: trust.Event = "unknown" if compare else "vouched"
        state = trust.advance(party.shown.state, event)
        party.shown = Introduction(party.shown.person, state, standing, party.met.code)
        reveal = Signal(kind="reveal", nonce=newest.nonce, compare=compare)
        if compare:
            return Reaction(signals=(reveal,))
        if standing.kind == "certified":
            self._book.remember(sender.id, Seen(signed.key, "certificate", self._clock()))
        verified = SignalIn(agent_id=sender.id, signal=signal, fingerprint=signed.statement.fingerprint)
        return Reaction(orders=(verified,), signals=(reveal,))

    def _late(self, party: _Party, signed: SignedStatement) -> bool:
        """Whether this answers an offer that a newer one has replaced: a slow answer, not a false one."""
        before = list(party.offers)[:-1]
        return any(signed.statement.offer == statements.digest(each.signed) for each in before)

    def _judge(self, shown: certificates.Shown, vouched: str = "") -> Standing | Fault:
        if self._list_fault is not None:
            return self._list_fault
        now_ms = self._clock()
        seen = Seen(vouched, "code", now_ms) if vouched else self._book.seen(shown.person.id)
        return certificates.judge(shown, self._book.anchor, seen, now_ms)

    def _step(self, party: _Party, event: trust.Event) -> Reaction:
        state = trust.advance(party.shown.state, event)
        party.shown = structs.replace(party.shown, state=state)
        if state != "trusted" or party.met is None or party.vouched == party.met.answer.key:
            return NOTHING
        party.vouched = party.met.answer.key
        if party.lasting:
            self._book.remember(party.shown.person.id, Seen(party.vouched, "code", self._clock()))
        return Reaction(connect=True)

    def _fail(self, party: _Party, fault: Fault) -> Reaction:
        _log.warning("an engineer is not believed: %s", fault)
        party.shown = structs.replace(party.shown, state=trust.advance(party.shown.state, "fault"), fault=fault)
        return Reaction(fault=fault)

    def _with(self, agent_id: str) -> introduction.Between:
        return structs.replace(self._between, agent_id=agent_id)
