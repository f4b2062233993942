"""Who the customer of a remote session is, as this computer can tell: checks their offers, signs the answers, and lets
nothing be seen or sent before the other end is believed. No Qt."""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from msgspec import Struct, structs

from shared.net.keybook import KeyBook
from shared.protocol.messages.remote import IceServer, Signal
from shared.protocol.messages.trust import SignedStatement
from shared.rules import introduction, shortcode, statements, trust
from shared.rules.certificates import Fault, Seen
from shared.rules.introduction import Between, Device, Met
from shared.session.channel import SignalIn, SignalOut

_log = logging.getLogger(__name__)
_OFFERS_KEPT: Final = 4


class TrustView(Struct, frozen=True):
    """`certified` names the organisation that vouches for this agent; `at_ms`: when the code was confirmed."""

    state: trust.State = "introducing"
    code: str = ""
    certified: str = ""
    key: str = ""
    lasting: bool = True
    compared_ms: int = 0
    fault: Fault | None = None

    @property
    def waits_for_people(self) -> bool:
        """Whether somebody has to compare the code before anything else happens."""
        return self.state in ("comparing", "here", "there")


class Introduction:
    """One remote session. `device` is this agent's key as it stands now."""

    def __init__(self, book: KeyBook, device: Callable[[], Device | None], clock: Callable[[], int]) -> None:
        self._book, self._device, self._clock = book, device, clock
        self._offers: OrderedDict[str, SignedStatement] = OrderedDict()
        self._answered: Met | None = None
        self.view = TrustView()

    def offer(self, signal: Signal, between: Between, servers: tuple[IceServer, ...]) -> SignalIn | Fault:
        """The customer's offer, for the session process once it is believed to be theirs."""
        signed = introduction.check_offer(signal, between)
        if isinstance(signed, str):
            return self._fail(signed)
        seen = self._book.seen(between.customer_id)
        if seen is not None and seen.key != signed.key:
            return self._fail("key_changed")
        self._book.remember(between.customer_id, Seen(signed.key, "use", self._clock()))
        tag = signed.statement.commitment
        self._offers[tag] = signed
        while len(self._offers) > _OFFERS_KEPT:
            self._offers.popitem(last=False)
        verified = signed.statement.fingerprint
        return SignalIn(signal=signal, ice_servers=servers, fingerprint=verified, tag=tag)

    def answer(self, out: SignalOut, between: Between) -> Signal | None:
        """Our answer, signed for the offer it belongs to; None when that offer is long gone, or nobody is signed in."""
        to, device = self._offers.get(out.tag), self._device()
        if to is None or device is None:
            return None
        nonce = statements.encode(secrets.token_bytes(shortcode.NONCE_BYTES))
        signed = introduction.answer(device, between, out.signal.sdp, out.fingerprint, nonce, to)
        self._answered = Met(to, signed, "")
        self.view = structs.replace(
            self.view,
            state=trust.advance(self.view.state, "again"),
            code="",
            certified=device.certificate.organisation if device.certificate else "",
            key=statements.short_name(signed.key),
            lasting=device.lasting,
        )
        return structs.replace(out.signal, signed=signed)

    def revealed(self, signal: Signal) -> Fault | None:
        """The customer opens the nonce of their offer: now there is a code. A late one, of an offer before, is none."""
        met = self._answered
        if met is None or met.nonce:
            return None
        if not introduction.check_reveal(met.offer, signal.nonce):
            if any(introduction.check_reveal(each, signal.nonce) for each in self._offers.values()):
                return None
            return self._fail("nonce_false")
        self._answered = structs.replace(met, nonce=signal.nonce)
        event: trust.Event = "unknown" if signal.compare else "vouched"
        self.view = structs.replace(self.view, state=trust.advance(self.view.state, event), code=self._answered.code)
        return None

    def confirmed(self, signal: Signal) -> Fault | None:
        """The customer's person has compared the code."""
        met = self._answered
        if met is None or not met.nonce:
            return None
        if not introduction.check_confirmation(met, met.offer.key, signal.signature):
            return self._fail("signature")
        self._step("there")
        return None

    def confirm(self) -> Signal | None:
        """The person here has compared the code, and it is the same."""
        met, device = self._answered, self._device()
        if met is None or device is None or self.view.state not in ("comparing", "there"):
            return None
        self._step("here")
        return Signal(kind="confirm", signature=introduction.confirmation(device, met))

    def differs(self) -> Fault:
        """The person here has compared the code, and it is another."""
        return self._fail("code_differs")

    def _step(self, event: trust.Event) -> None:
        state = trust.advance(self.view.state, event)
        at_ms = self._clock() if state == "trusted" else self.view.compared_ms
        self.view = structs.replace(self.view, state=state, compared_ms=at_ms)

    def _fail(self, fault: Fault) -> Fault:
        _log.warning("the customer's end is not believed: %s", fault)
        self.view = structs.replace(self.view, state=trust.advance(self.view.state, "fault"), fault=fault)
        return fault
