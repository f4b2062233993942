"""Run a command on a desktop of its own: python -m tests.e2e.driver.under COMMAND...

The command keeps its environment but for the screen, buses, keyring and home, which are private and go with it.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

from tests.e2e.driver.desktop import open_desktop

PRIVATE = (
    "DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "GSETTINGS_BACKEND",
    "QT_QPA_PLATFORM",
    "LANG",
    "LC_ALL",
)


def end(number: int, _frame: FrameType | None) -> None:
    """A request to end must still close the desktop."""
    raise SystemExit(128 + number)


def main() -> int:
    signal.signal(signal.SIGTERM, end)
    with open_desktop("tests", size=(1920, 1080)) as desktop:
        env = {**os.environ, **{name: desktop.env[name] for name in PRIVATE}}
        env.pop("WAYLAND_DISPLAY", None)
        return subprocess.run(sys.argv[1:], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
