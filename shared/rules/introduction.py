"""How the two ends of a remote session say who they are: a signed offer, a signed answer, a revealed nonce.

Each end checks the other's word before anything connects. The window process holds the identity key and does this;
the session process, which holds none, is told the one fingerprint it may connect to.
"""

import hashlib

from msgspec import Struct

from shared.protocol.messages.remote import CapabilityAsked, Signal
from shared.protocol.messages.trust import AgentCertificate, AskProof, SignedStatement, Statement
from shared.protocol.types import Capability
from shared.rules import shortcode, statements
from shared.rules.certificates import Fault


class Between(Struct, frozen=True, kw_only=True):
    """Whose session it is."""

    session_id: str
    conversation_id: str
    customer_id: str
    agent_id: str


class Device(Struct, frozen=True, kw_only=True):
    """An end's own key (32 bytes), and what vouches for it. `lasting`: the keyring keeps it."""

    private: bytes
    certificate: AgentCertificate | None = None
    lasting: bool = True


class Met(Struct, frozen=True):
    """Offer and answer that belong together, and the offer's nonce."""

    offer: SignedStatement
    answer: SignedStatement
    nonce: str

    @property
    def code(self) -> str:
        """The six digits that both people compare."""
        here, there = self.offer.statement, self.answer.statement
        return shortcode.code(
            shortcode.Half(here.fingerprint, self.offer.key, self.nonce),
            shortcode.Half(there.fingerprint, self.answer.key, there.nonce),
        )


def offer(device: Device, between: Between, sdp: str, fingerprint: str, nonce: str) -> SignedStatement:
    """The customer's word about their description; commits to the nonce (32 bytes, base64)."""
    said = Statement(
        session_id=between.session_id,
        conversation_id=between.conversation_id,
        kind="offer",
        sender=between.customer_id,
        receiver=between.agent_id,
        fingerprint=fingerprint,
        description=_hash(sdp),
        commitment=shortcode.commitment(nonce),
        lasting=device.lasting,
    )
    return _sign(device, said)


def answer(
    device: Device, between: Between, sdp: str, fingerprint: str, nonce: str, to: SignedStatement
) -> SignedStatement:
    """The agent's word about theirs, for this one offer."""
    said = Statement(
        session_id=between.session_id,
        conversation_id=between.conversation_id,
        kind="answer",
        sender=between.agent_id,
        receiver=between.customer_id,
        fingerprint=fingerprint,
        description=_hash(sdp),
        nonce=nonce,
        offer=statements.digest(to),
        lasting=device.lasting,
    )
    return _sign(device, said)


def check_offer(signal: Signal, between: Between) -> SignedStatement | Fault:
    """What the agent's machine makes of an offer; whose key it is, it asks its own book."""
    signed = signal.signed
    if signed is None:
        return "unsigned"
    said = signed.statement
    meant = (said.session_id, said.conversation_id, said.sender, said.receiver) == (
        between.session_id,
        between.conversation_id,
        between.customer_id,
        between.agent_id,
    )
    if said.kind != "offer" or not meant or said.description != _hash(signal.sdp) or not said.commitment:
        return "mixed_up"
    return signed if _signed_by_its_key(signed) else "signature"


def check_answer(signal: Signal, between: Between, to: SignedStatement) -> SignedStatement | Fault:
    """What the customer's machine makes of an answer to this offer; what the key is worth is judged apart."""
    signed = signal.signed
    if signed is None:
        return "unsigned"
    said = signed.statement
    meant = (said.session_id, said.conversation_id, said.sender, said.receiver) == (
        between.session_id,
        between.conversation_id,
        between.agent_id,
        between.customer_id,
    )
    fits = said.description == _hash(signal.sdp) and said.offer == statements.digest(to)
    if said.kind != "answer" or not meant or not fits or not _is_nonce(said.nonce):
        return "mixed_up"
    return signed if _signed_by_its_key(signed) else "signature"


def check_reveal(to: SignedStatement, nonce: str) -> bool:
    """Whether this is the nonce that the offer committed to."""
    return _is_nonce(nonce) and shortcode.commitment(nonce) == to.statement.commitment


def confirmation(device: Device, met: Met) -> str:
    """This end's word that its person has compared the code."""
    return statements.sign(device.private, "code compared", _compared(met, statements.public_key(device.private)))


def check_confirmation(met: Met, key: str, signature: str) -> bool:
    """Whether the other end, whose key this is, has said so."""
    return statements.verify(key, "code compared", _compared(met, key), signature)


def prove_ask(
    device: Device,
    *,
    conversation_id: str,
    request_id: str,
    agent_id: str,
    capabilities: tuple[Capability, ...],
    reason: str,
) -> AskProof:
    """The agent's key under their own question: the relay changes no word of it."""
    fields = _question(conversation_id, request_id, agent_id, capabilities, reason)
    return AskProof(
        key=statements.public_key(device.private),
        signature=statements.sign(device.private, "question", fields),
        certificate=device.certificate,
        lasting=device.lasting,
    )


def check_ask(asked: CapabilityAsked, conversation_id: str) -> AskProof | Fault:
    """Whether the key that a question shows has signed it as it arrived."""
    if asked.proof is None:
        return "unsigned"
    fields = _question(conversation_id, asked.request_id, asked.agent.id, asked.capabilities, asked.reason)
    proof = asked.proof
    return proof if statements.verify(proof.key, "question", fields, proof.signature) else "signature"


def _sign(device: Device, said: Statement) -> SignedStatement:
    return SignedStatement(
        statement=said,
        key=statements.public_key(device.private),
        signature=statements.sign(device.private, "description", said),
        certificate=device.certificate,
    )


def _signed_by_its_key(signed: SignedStatement) -> bool:
    return statements.verify(signed.key, "description", signed.statement, signed.signature)


def _question(
    conversation_id: str, request_id: str, agent_id: str, capabilities: tuple[Capability, ...], reason: str
) -> list[object]:
    return [conversation_id, request_id, agent_id, list(capabilities), reason]


def _compared(met: Met, key: str) -> list[object]:
    return [statements.digest(met.offer), statements.digest(met.answer), met.nonce, key]


def _is_nonce(text: str) -> bool:
    try:
        statements.decode(text, shortcode.NONCE_BYTES)
    except ValueError:
        return False
    return True


def _hash(sdp: str) -> str:
    return hashlib.sha256(sdp.encode()).hexdigest()
