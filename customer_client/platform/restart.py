"""Restarting this computer, and being started once after it: Linux with systemd and a desktop that knows XDG autostart.

Elsewhere `possible` says no, and the permission is never offered (docs/platforms.md says what would be needed).
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_WAIT_S: Final = 20.0
_NAME: Final = "threeline-return.desktop"
"""XDG autostart (freedesktop.org, Desktop Application Autostart Specification 0.5)."""


class SystemRestart:
    """`arguments`: those that this program was started with."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = tuple(arguments)

    @property
    def possible(self) -> bool:
        """Whether this system can be restarted from here, and the program come back by itself."""
        return sys.platform == "linux" and shutil.which("systemctl") is not None

    def come_back(self) -> None:
        """Be started once at the next sign-in to this desktop. Raises OSError."""
        entry = _autostart()
        entry.parent.mkdir(parents=True, exist_ok=True)
        words = " ".join(_quoted(word) for word in (*_program(), *self._arguments))
        lines = (
            "[Desktop Entry]",
            "Type=Application",
            "Name=Threeline",
            f"Exec={words}",
            "X-GNOME-Autostart-enabled=true",
            "",
        )
        entry.write_text("\n".join(lines), "utf-8")

    def stay_away(self) -> None:
        """Not be started any more. Idempotent; raises OSError."""
        _autostart().unlink(missing_ok=True)

    async def restart(self) -> bool:
        """Asks the system; False: it will not. Nobody is asked for a password: a prompt would be one nobody expects."""
        command = ("systemctl", "--no-ask-password", "reboot")
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
            )
            async with asyncio.timeout(_WAIT_S):
                return await process.wait() == 0
        except (OSError, TimeoutError):
            return False


def _program() -> tuple[str, ...]:
    """How this program is started: frozen it is itself, else the interpreter is."""
    return (sys.executable,) if getattr(sys, "frozen", False) else (sys.executable, "-m", "customer_client")


def _quoted(word: str) -> str:
    """As an Exec line wants it: in double quotes, what is special there escaped, and all that once more as in any value
    of such a file (Desktop Entry Specification 1.5). Raises OSError for what cannot stand in a line."""
    if not word.isprintable():
        raise OSError(f"cannot be started again with {word!r}")
    special = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word)
    return '"' + special.replace("\\", "\\\\").replace("%", "%%") + '"'


def _autostart() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "autostart" / _NAME
