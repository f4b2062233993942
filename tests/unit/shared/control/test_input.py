"""The wire of the control channel: what is none of ours is refused, whatever it is."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.common.errors import PeerBroken
from shared.control import input as i

MESSAGES: list[i.Said] = [
    i.PointerMove(0, 0, 1, 1),
    i.PointerPress(1, 32767, 32767, 32768, 32768),
    i.PointerRelease(9, 1, 2, 3, 4),
    i.Wheel(-20, 20, 1, 2, 3, 4),
    i.KeyDown(0x01010FFF),
    i.KeyUp(0x20),
    i.TypeText("你好"),
    i.LetGo(),
    i.KeepHeld(),
    i.WishPicture("thrifty"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_every_message_comes_back(message: i.Said) -> None:
    assert i.decode_said(i.encode(message)) == message


@pytest.mark.parametrize("told", [i.Standing(("view",), True), i.ControlWaits(1000), i.SharingStopped("expired")])
def test_the_customers_word_comes_back_and_is_no_input(told: i.Told) -> None:
    assert i.decode_told(i.encode(told)) == told
    with pytest.raises(PeerBroken):
        i.decode_said(i.encode(told))


@pytest.mark.parametrize(
    "bad",
    [
        ["PointerMove", -1, 0, 10, 10],
        ["PointerMove", 0, 0, 0, 10],
        ["PointerMove", 0, 0, 40000, 10],
        ["PointerPress", 4, 0, 0, 10, 10],
        ["Wheel", 0, 21, 0, 0, 10, 10],
        ["KeyDown", 0x1F],
        ["KeyDown", 2**40],
        ["TypeText", ""],
        ["TypeText", "x" * 257],
        ["Shell", "ls"],
        {"KeyDown": 1},
        None,
    ],
)
def test_what_is_out_of_bounds_is_refused(bad: object) -> None:
    with pytest.raises(PeerBroken):
        i.decode_said(msgspec.msgpack.encode(bad))


def test_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(PeerBroken, match="allowed"):
        i.decode_said(b"\xd9" * (i.MAX_INPUT_BYTES + 1))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        message = i.decode_said(data)
    except PeerBroken:
        return
    assert isinstance(message, i.Said)
