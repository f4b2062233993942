"""Ordinary programs that know nothing of the product, to work on through it."""

import sys
from pathlib import Path

from tests.e2e.driver.desktop import Desktop
from tests.e2e.driver.geometry import Rect
from tests.e2e.driver.processes import Program


def open_terminal(desktop: Desktop, kept: Path) -> tuple[Program, Rect]:
    """An xterm whose typed lines are kept in the file `kept`, and where it is.

    It ignores keys that another program merely sends to it (XSendEvent), so what it keeps came by XTEST or by hand.
    A line is kept when Return is pressed.
    """
    quoted = str(kept).replace("'", "'\\''")
    words = ["xterm", "-u8", "-geometry", "60x12+40+40", "-e", "sh", "-c", f"exec cat > '{quoted}'"]
    program = desktop.start("terminal", words)
    return program, desktop.foreign_window("XTerm")


def open_pattern(desktop: Desktop, rect: Rect) -> Program:
    """The pattern of `pattern.py` at a place on the screen, painted; it lies below every other window."""
    geometry = f"{rect.width}x{rect.height}+{rect.x}+{rect.y}"
    words = [sys.executable, "-m", "tests.e2e.programs.pattern", geometry]
    program = desktop.start("pattern", words, talk=True, env={"PYTHONPATH": str(Path.cwd())})
    program.wait_output("ready")
    return program
