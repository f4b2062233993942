"""Keys of the agent as messages, checked against the real Qt numbers."""

import pytest

from shared.control import keysyms as k
from shared.control.input import MAX_TEXT, KeyDown, KeyUp, LetGo, TypeText, decode_said, encode
from shared.control.keymap import NAMES, SPECIAL, Keyboard

SHIFT, CONTROL, ALT = 0x02000000, 0x04000000, 0x08000000
KEY_CONTROL, KEY_SHIFT, KEY_F12 = 0x01000021, 0x01000020, 0x0100003B


def test_numbers_are_qts() -> None:
    from PySide6.QtCore import Qt

    for name, keysym in {
        "Key_Escape": 0xFF1B,
        "Key_Backspace": 0xFF08,
        "Key_Return": 0xFF0D,
        "Key_Delete": 0xFFFF,
        "Key_Home": 0xFF50,
        "Key_PageDown": 0xFF56,
        "Key_F1": 0xFFBE,
        "Key_F12": 0xFFC9,
        "Key_F24": 0xFFD5,
        "Key_Shift": 0xFFE1,
        "Key_Control": 0xFFE3,
        "Key_Alt": 0xFFE9,
        "Key_Super_R": 0xFFEC,
        "Key_Menu": 0xFF67,
    }.items():
        assert SPECIAL[Qt.Key[name].value] == keysym, name
    assert Qt.KeyboardModifier.ControlModifier.value == CONTROL
    assert Qt.KeyboardModifier.AltModifier.value == ALT
    assert Qt.KeyboardModifier.MetaModifier.value == 0x10000000


def test_characters_go_as_text_and_repeat() -> None:
    board = Keyboard()
    assert board.press(ord("A"), "A", SHIFT, False) == (TypeText("A"),)
    assert board.press(ord("A"), "A", SHIFT, True) == (TypeText("A"),)
    assert board.release(ord("A"), False) == ()
    assert board.press(0xE9, "é", 0, False) == (TypeText("é"),)


def test_shortcuts_go_as_keys_down_and_up_once() -> None:
    board = Keyboard()
    assert board.press(KEY_CONTROL, "", CONTROL, False) == (KeyDown(0xFFE3),)
    assert board.press(ord("C"), "\x03", CONTROL, False) == (KeyDown(ord("c")),)
    assert board.press(ord("C"), "\x03", CONTROL, True) == ()
    assert board.release(ord("C"), True) == ()
    assert board.release(ord("C"), False) == (KeyUp(ord("c")),)
    assert board.release(KEY_CONTROL, False) == (KeyUp(0xFFE3),)


def test_alt_with_a_letter_is_a_shortcut_and_windows_altgr_is_text() -> None:
    board = Keyboard()
    assert board.press(ord("F"), "f", ALT, False) == (KeyDown(ord("f")),)
    assert board.press(ord("Q"), "@", CONTROL | ALT, False) == (TypeText("@"),)


def test_the_stop_chord_is_not_even_sent() -> None:
    board = Keyboard()
    board.press(KEY_CONTROL, "", CONTROL, False)
    board.press(KEY_SHIFT, "", CONTROL | SHIFT, False)
    assert board.press(KEY_F12, "", CONTROL | SHIFT, False) == ()
    assert board.release(KEY_F12, False) == ()
    assert board.chord("ctrl", "shift", "f12") == ()


def test_losing_the_focus_lets_everything_go() -> None:
    board = Keyboard()
    board.press(KEY_CONTROL, "", CONTROL, False)
    assert board.let_go() == (LetGo(),)
    assert board.release(KEY_CONTROL, False) == ()


def test_long_text_comes_in_pieces_without_control_characters() -> None:
    pieces = Keyboard().commit("a\x00" * 300 + "你\n")
    assert [len(piece.text) for piece in pieces if isinstance(piece, TypeText)] == [MAX_TEXT, 46]
    assert "".join(piece.text for piece in pieces if isinstance(piece, TypeText)) == "a" * 300 + "你\n"


def test_chords_come_up_in_the_other_order() -> None:
    down_up = Keyboard().chord("ctrl", "alt", "delete")
    assert [type(one).__name__ for one in down_up] == ["KeyDown"] * 3 + ["KeyUp"] * 3
    assert [one.keysym for one in down_up if isinstance(one, KeyUp)] == [NAMES["delete"], NAMES["alt"], NAMES["ctrl"]]


def test_dead_and_unknown_keys_are_nothing() -> None:
    assert Keyboard().press(0x01001250, "", 0, False) == ()
    assert Keyboard().press(0x01FFFFFF, "", 0, False) == ()
    assert Keyboard().press(0x01FFFFFF, "", CONTROL, False) == ()


@pytest.mark.parametrize("character", ["a", "é", "€", "你", "😀"])
def test_a_characters_keysym_comes_back_and_travels(character: str) -> None:
    keysym = k.of_character(character)
    assert keysym is not None
    assert k.to_character(keysym) == character
    assert decode_said(encode(KeyDown(keysym))) == KeyDown(keysym)
