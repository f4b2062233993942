"""The person's hands: a real pointer that moves, and a keyboard.

On the customer's desktop the hands touch the outer screen, so the inner one (Xephyr) sees its own pointer and keyboard;
`remote_hands` of a desktop touch the inner one through XTEST, as a remote engineer's input would.
"""

import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.e2e.driver.geometry import Point, Rect
from tests.e2e.driver.widgets import Widget

XDOTOOL_S = 30.0
STEPS = 6
KEY_DELAY_MS = 8
# A program fetches the layout when it meets the first key after a change: let it catch up before the next change.
LAYOUT_SETTLE_S = 0.25

Target = Widget | Rect | Point


def place(target: Target) -> Point:
    match target:
        case Point():
            return target
        case Rect():
            return target.centre
        case Widget():
            return target.rect.centre


@dataclass(frozen=True, slots=True)
class Hands:
    """Pointer and keys on `display`; the keyboard layout they type with is that of `layout_display`."""

    env: Mapping[str, str]
    display: str
    layout_display: str

    def at(self) -> Point:
        """Where the pointer is."""
        fields = dict(line.split("=", 1) for line in self._xdotool("getmouselocation", "--shell").splitlines())
        return Point(int(fields["X"]), int(fields["Y"]))

    def move(self, target: Target) -> None:
        """Move the pointer there along a line, as a hand does."""
        self._xdotool(*path_words(self.at(), place(target)))

    def click(self, target: Target, button: int = 1, count: int = 1) -> None:
        """Move there and click (button 1 left, 2 middle, 3 right)."""
        again = ["--repeat", str(count), "--delay", "60"]
        self._xdotool(*path_words(self.at(), place(target)), "click", *again, str(button))

    def press(self, target: Target, button: int = 1) -> None:
        """Move there and hold the button down."""
        self._xdotool(*path_words(self.at(), place(target)), "mousedown", str(button))

    def release(self, button: int = 1) -> None:
        self._xdotool("mouseup", str(button))

    def drag(self, start: Target, end: Target, button: int = 1) -> None:
        down, up = ["mousedown", str(button)], ["mouseup", str(button)]
        self._xdotool(*path_words(self.at(), place(start)), *down, *path_words(place(start), place(end)), *up)

    def wheel(self, target: Target, notches: int) -> None:
        """Turn the wheel over a target: positive notches scroll down."""
        button = "5" if notches > 0 else "4"
        turns = ["click", "--repeat", str(abs(notches)), "--delay", "20", button]
        self._xdotool(*path_words(self.at(), place(target)), *turns)

    def key(self, *chords: str) -> None:
        """Press keys by their X names, one chord after the other: key("ctrl+a", "Delete")."""
        self._xdotool("key", "--delay", str(KEY_DELAY_MS), *chords)

    def key_down(self, key: str) -> None:
        self._xdotool("keydown", key)

    def key_up(self, key: str) -> None:
        self._xdotool("keyup", key)

    def type(self, text: str) -> None:
        """Type a text. Characters that the layout lacks, Chinese say, are laid on spare keys first."""
        for piece, plain in runs(text):
            if plain:
                self._xdotool("type", "--delay", str(KEY_DELAY_MS), "--", piece)
            else:
                self._type_with_spare_keys(piece)

    def copy(self, text: str) -> None:
        """Put a text on the clipboard of the desktop, as if it had been copied from another program."""
        command = ["xclip", "-selection", "clipboard", "-display", self.layout_display]
        quiet = subprocess.DEVNULL  # it stays behind to hand the text out, and would hold our pipes
        subprocess.run(
            command, input=text.encode(), env=self.env, check=True, timeout=XDOTOOL_S, stdout=quiet, stderr=quiet
        )

    def paste(self, text: str) -> None:
        """Copy a text and press Ctrl+V."""
        self.copy(text)
        self.key("ctrl+v")

    def clipboard(self) -> str:
        """The text on the desktop's clipboard."""
        command = ["xclip", "-selection", "clipboard", "-o", "-display", self.layout_display]
        return subprocess.run(
            command, env=self.env, check=True, timeout=XDOTOOL_S, capture_output=True, encoding="utf-8"
        ).stdout

    def _type_with_spare_keys(self, text: str) -> None:
        spare = self._spare_keys()
        for piece in pieces(text, len(spare)):
            keys = dict(zip(dict.fromkeys(piece), spare, strict=False))
            changes = [word for letter, key in keys.items() for word in ("-e", f"keycode {key} = U{ord(letter):04X}")]
            self._run(["xmodmap", "-display", self.layout_display, *changes])
            self._xdotool("key", "--delay", str(KEY_DELAY_MS), *(str(keys[letter]) for letter in piece))
            time.sleep(LAYOUT_SETTLE_S)

    def _spare_keys(self) -> list[int]:
        """Keys that carry nothing, or a character laid on them before; not 8 and 9, which xdotool takes for digits."""
        lines = self._run(["xmodmap", "-display", self.layout_display, "-pke"]).splitlines()
        parts = [line.split("=", 1) for line in lines]
        spare = [int(key.split()[1]) for key, meaning in parts if is_spare(meaning.split())]
        return [key for key in spare if key > 9]

    def _xdotool(self, *words: str) -> str:
        return self._run(["xdotool", *words])

    def _run(self, command: list[str]) -> str:
        env = {**self.env, "DISPLAY": self.display}
        done = subprocess.run(command, env=env, timeout=XDOTOOL_S, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command[:3])}... failed on {self.display}: {done.stderr}")
        return done.stdout


def is_spare(keysyms: list[str]) -> bool:
    return not keysyms or all(name.startswith("U") and len(name) >= 5 for name in keysyms)


def path_words(start: Point, end: Point) -> list[str]:
    """xdotool's words for a pointer that travels in a few steps."""
    words: list[str] = []
    for step in range(1, STEPS + 1):
        x = start.x + (end.x - start.x) * step // STEPS
        y = start.y + (end.y - start.y) * step // STEPS
        words += ["mousemove", str(x), str(y)]
    return words


def runs(text: str) -> Iterable[tuple[str, bool]]:
    """Cut a text into stretches that a plain layout has (True) and has not (False)."""
    stretch = ""
    for letter in text:
        if stretch and letter.isascii() != stretch[-1].isascii():
            yield stretch, stretch[-1].isascii()
            stretch = ""
        stretch += letter
    if stretch:
        yield stretch, stretch[-1].isascii()


def pieces(text: str, limit: int) -> Iterable[str]:
    """Cut a text so that each piece has at most `limit` different characters."""
    piece = ""
    for letter in text:
        if len({*piece, letter}) > limit:
            yield piece
            piece = ""
        piece += letter
    if piece:
        yield piece
