"""The receipt: a hash chain over its lines, closed by the customer's device key, so that no line can be changed,
moved, added or taken out afterwards.

A line's hash is sha256 over its canonical JSON (msgspec, keys sorted, defaults left out), which holds the hash of the
line before in `previous`; the first line's `previous` is the hash of the head (session, conversation, ticket, key).
The signature is Ed25519 over `threeline receipt 1:` and the last hash.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.protocol.messages.remote import Receipt, ReceiptEntry

MAX_LINES: Final = 400
_CONTEXT: Final = b"threeline receipt 1:"


def head_hash(session_id: str, conversation_id: str, ticket_number: str, device_key: str) -> str:
    """What the first line's `previous` must be: 64 hexadecimal digits."""
    return _hash({"c": conversation_id, "k": device_key, "s": session_id, "t": ticket_number})


def chain(head: str, entries: Iterable[ReceiptEntry]) -> tuple[ReceiptEntry, ...]:
    """The same lines, each holding the hash of the one before."""
    linked: list[ReceiptEntry] = []
    previous = head
    for entry in entries:
        linked.append(msgspec.structs.replace(entry, previous=previous))
        previous = _hash(linked[-1])
    return tuple(linked)


def sign(
    private_key: bytes,
    *,
    session_id: str,
    conversation_id: str,
    ticket_number: str,
    entries: Iterable[ReceiptEntry],
) -> Receipt:
    """Closes the receipt with the customer's device key (32 bytes). Raises ValueError when there are too many lines."""
    key = Ed25519PrivateKey.from_private_bytes(private_key)
    device_key = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    lines = chain(head_hash(session_id, conversation_id, ticket_number, device_key), entries)
    if len(lines) > MAX_LINES:
        raise ValueError(f"{len(lines)} lines, {MAX_LINES} allowed")
    unsigned = Receipt(
        session_id=session_id,
        conversation_id=conversation_id,
        ticket_number=ticket_number,
        device_key=device_key,
        entries=lines,
        signature="",
    )
    signature = base64.b64encode(key.sign(_CONTEXT + digest(unsigned).encode())).decode()
    return msgspec.structs.replace(unsigned, signature=signature)


def digest(receipt: Receipt) -> str:
    """The last hash of the chain, 64 hexadecimal digits; of the head where there are no lines."""
    return _hash(receipt.entries[-1]) if receipt.entries else _head_of(receipt)


def verify(receipt: Receipt) -> bool:
    """Whether the chain is whole and the signature is of the key that the receipt names.

    Whose key that is, the caller compares: it must be the device key of the conversation's customer.
    """
    previous = _head_of(receipt)
    for entry in receipt.entries:
        if entry.previous != previous:
            return False
        previous = _hash(entry)
    try:
        key = Ed25519PublicKey.from_public_bytes(_decode(receipt.device_key))
        key.verify(_decode(receipt.signature), _CONTEXT + previous.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _head_of(receipt: Receipt) -> str:
    return head_hash(receipt.session_id, receipt.conversation_id, receipt.ticket_number, receipt.device_key)


def _hash(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


def _decode(text: str) -> bytes:
    """Strict base64, with or without its padding, URL-safe or not. Raises ValueError."""
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded.translate(_URL_SAFE), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


_URL_SAFE: Final = str.maketrans("-_", "+/")
