"""What an injector that was killed has left down on X11, and what it has left in the keyboard layout.

The core protocol tells only what is down on all keyboards together; letting all of that come up would take the
person's own key from under their finger. XI1's QueryDeviceState (XIproto.txt, request 30) tells it of the XTEST
devices alone; python-xlib has no words for it, so they are here.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from Xlib import X, display
from Xlib.ext import xinput, xtest
from Xlib.protocol import rq

from shared.control import keysyms as k

_KEY_CLASS: Final = 0
_BUTTON_CLASS: Final = 1
_STATE_AT: Final = 4


class _QueryDeviceState(rq.ReplyRequest):
    _request = rq.Struct(
        rq.Card8("opcode"),
        rq.Opcode(30),
        rq.RequestLength(),
        rq.Card8("deviceid"),
        rq.Pad(3),
    )
    _reply = rq.Struct(
        rq.ReplyCode(),
        rq.Pad(1),
        rq.Card16("sequence_number"),
        rq.ReplyLength(),
        rq.Card8("num_classes"),
        rq.Pad(23),
        rq.List("data", rq.Card8Obj),
    )


def remote_devices(server: display.Display) -> frozenset[int]:
    """The devices that stand for injected input: `<seat> XTEST pointer` and `<seat> XTEST keyboard`."""
    found = xinput.query_device(server, xinput.AllDevices).devices
    return frozenset(int(one.deviceid) for one in found if " XTEST " in str(one.name))


def let_go(server: display.Display) -> None:
    """Lets every key and button of the XTEST devices come up, and nothing else. Needs XTEST and XInput2."""
    core = server.display
    opcode = core.get_extension_major(xinput.extname)
    for device in remote_devices(server):
        reply = _QueryDeviceState(display=core, opcode=opcode, deviceid=device)
        for kind, detail in _down(bytes(reply.data), int(reply.num_classes)):
            xtest.fake_input(server, X.KeyRelease if kind == _KEY_CLASS else X.ButtonRelease, detail)
    server.sync()


def give_back_spares(server: display.Display) -> None:
    """Clears the key codes that were lent to characters: `X11Injector` puts one on all levels, which no layout does."""
    lowest, highest = server.display.info.min_keycode, server.display.info.max_keycode
    rows = [list(row) for row in server.get_keyboard_mapping(lowest, highest - lowest + 1)]
    for code, row in enumerate(rows, lowest):
        if k.to_character(row[0]) > " " and len(set(row[:4])) == 1 and set(row) <= {row[0], 0}:  # XKB keeps four levels
            server.change_keyboard_mapping(code, [[0] * len(row)])
    server.sync()


def _down(data: bytes, classes: int) -> Iterator[tuple[int, int]]:
    """Each class: kind, length in bytes, count, padding, then a bit for each key or button."""
    at = 0
    for _ in range(classes):
        if at + _STATE_AT > len(data) or data[at + 1] < _STATE_AT:
            return
        kind, length = data[at], data[at + 1]
        if kind in (_KEY_CLASS, _BUTTON_CLASS):
            yield from ((kind, number) for number in _bits(data[at + _STATE_AT : at + length]))
        at += length


def _bits(state: Sequence[int]) -> list[int]:
    return [number for number in range(len(state) * 8) if state[number // 8] >> number % 8 & 1]
