"""Whoever changes one line of a receipt breaks it."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.protocol.messages.remote import Receipt, ReceiptEntry
from shared.protocol.types import PersonRef
from shared.rules import receipt as r

KEY = bytes(range(32))
AGENT = PersonRef(id="lin", name="Lin Wei", kind="agent", tier=2, group="Networks")
ENTRIES = (
    ReceiptEntry(at_ms=1, what="asked", agent=AGENT, capability="view"),
    ReceiptEntry(at_ms=2, what="granted", agent=AGENT, capability="view", params={"until": "900", "screen": "HDMI-1"}),
    ReceiptEntry(at_ms=3, what="used", agent=AGENT, capability="view", params={"count": "41"}),
    ReceiptEntry(at_ms=4, what="ended", agent=AGENT, capability="view", params={"why": "stopped"}),
)


def signed(entries: tuple[ReceiptEntry, ...] = ENTRIES, key: bytes = KEY) -> Receipt:
    return r.sign(key, session_id="s1", conversation_id="c1", ticket_number="T-1", entries=entries)


def test_a_signed_receipt_verifies_also_after_the_wire() -> None:
    receipt = signed()
    again = msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt)
    assert r.verify(again)
    assert r.digest(again) == r.digest(receipt)
    assert len(r.digest(receipt)) == 64


def test_a_receipt_without_lines_verifies() -> None:
    assert r.verify(signed(()))


def test_each_line_holds_the_hash_of_the_one_before() -> None:
    previous = [entry.previous for entry in signed().entries]
    assert len(set(previous)) == len(previous)
    assert all(len(one) == 64 for one in previous)


def _change(receipt: Receipt, **changes: object) -> Receipt:
    return msgspec.structs.replace(receipt, **changes)


TAMPER: dict[str, Callable[[Receipt], Receipt]] = {
    "a line less at the end": lambda x: _change(x, entries=x.entries[:-1]),
    "a line less in the middle": lambda x: _change(x, entries=x.entries[:1] + x.entries[2:]),
    "a line twice": lambda x: _change(x, entries=(*x.entries, x.entries[-1])),
    "two lines swapped": lambda x: _change(x, entries=(x.entries[1], x.entries[0], *x.entries[2:])),
    "another session": lambda x: _change(x, session_id="s2"),
    "another conversation": lambda x: _change(x, conversation_id="c2"),
    "another ticket": lambda x: _change(x, ticket_number="T-2"),
    "another key": lambda x: _change(x, device_key=signed(key=bytes(32)).device_key),
    "another's signature": lambda x: _change(x, signature=signed(key=bytes(32)).signature),
    "no signature": lambda x: _change(x, signature=""),
    "a signature that is no base64": lambda x: _change(x, signature="*" * 88),
    "a key that is too short": lambda x: _change(x, device_key="AAAA"),
    "an empty receipt with the old signature": lambda x: _change(x, entries=()),
}


@pytest.mark.parametrize("how", TAMPER)
def test_tampering_is_seen(how: str) -> None:
    assert not r.verify(TAMPER[how](signed()))


@given(st.integers(0, len(ENTRIES) - 1), st.sampled_from(["at_ms", "what", "capability", "params", "agent"]))
def test_changing_any_field_of_any_line_is_seen_even_when_the_chain_is_made_anew(index: int, name: str) -> None:
    new = {"at_ms": 99, "what": "refused", "capability": "control", "params": {"x": "y"}, "agent": None}[name]
    receipt = signed()
    lines = list(receipt.entries)
    lines[index] = msgspec.structs.replace(lines[index], **{name: new})
    assert not r.verify(_change(receipt, entries=tuple(lines)))
    head = r.head_hash("s1", "c1", "T-1", receipt.device_key)
    assert not r.verify(_change(receipt, entries=r.chain(head, lines)))


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="401 lines"):
        signed(ENTRIES[:1] * 401)
