"""What runs in the background of a desktop: window manager, session bus, accessibility bus, unlocked keyring."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.driver.bus import Bus, Call
from tests.e2e.driver.processes import Programs, read_line
from tests.e2e.driver.waiting import wait_for
from tests.e2e.driver.widgets import ACCESSIBLE, REGISTRY, ROOT

KEPT_VARIABLES = ("PATH", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
A11Y_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
A11Y_BUS = Call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
SECRETS = "org.freedesktop.secrets"
DEFAULT_COLLECTION = Call(
    SECRETS, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "ReadAlias", "s", ("default",)
)
READY_S = 15.0


def private_environment(room: Path, language: str) -> dict[str, str]:
    """The variables of a person who has just logged in, with every folder below `room` (which must have a short path:
    sockets live there)."""
    folders = {
        "HOME": room / "home",
        "XDG_CONFIG_HOME": room / "home/.config",
        "XDG_DATA_HOME": room / "home/.local/share",
        "XDG_CACHE_HOME": room / "home/.cache",
        "XDG_STATE_HOME": room / "home/.local/state",
        "XDG_RUNTIME_DIR": room / "run",
        "TMPDIR": room / "tmp",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        **{name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
        **{name: str(folder) for name, folder in folders.items()},
        "LANG": language,
        "LC_ALL": language,
        "GSETTINGS_BACKEND": "memory",
        "QT_QPA_PLATFORM": "xcb",
        "QT_ACCESSIBILITY": "1",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "PYTHONUNBUFFERED": "1",
    }


def start_services(programs: Programs, env: dict[str, str], room: Path) -> None:
    """Start everything and wait until all of it answers. Adds the addresses of both buses to `env`."""
    address = start_session_bus(programs, env)
    env["DBUS_SESSION_BUS_ADDRESS"] = address
    start_window_manager(programs, env)
    launcher = next((path for path in A11Y_LAUNCHERS if Path(path).exists()), A11Y_LAUNCHERS[0])
    programs.start("accessibility", [launcher, "--launch-immediately"], env=env)
    start_keyring(programs, env)
    with Bus(address) as bus:
        wait_for(lambda: bus.has_owner("org.a11y.Bus"), "the accessibility bus", READY_S)
        env["AT_SPI_BUS_ADDRESS"] = str(bus.ask(A11Y_BUS)[0])
        wait_for(lambda: bus.has_owner(SECRETS), "the keyring", READY_S)
        wait_for(lambda: bus.ask(DEFAULT_COLLECTION)[0] != "/", "the keyring to be unlocked", READY_S)
    with Bus(env["AT_SPI_BUS_ADDRESS"]) as bus:
        bus.ask(Call(REGISTRY, ROOT, ACCESSIBLE, "GetChildren"), READY_S)
    wait_for(lambda: has_window_manager(env), "the window manager", READY_S)


def start_session_bus(programs: Programs, env: Mapping[str, str]) -> str:
    """Start a private session bus; return its address."""
    reading, writing = os.pipe()
    try:
        words = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--nosyslog", f"--print-address={writing}"]
        daemon = programs.start("session-bus", words, env=env, keep_fds=(writing,))
    finally:
        os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as answers:
        return read_line(answers.fileno(), daemon)


def start_window_manager(programs: Programs, env: Mapping[str, str]) -> None:
    rules = Path(__file__).with_name("openbox.xml")
    programs.start("window-manager", ["openbox", "--sm-disable", "--config-file", str(rules)], env=env)


def has_window_manager(env: Mapping[str, str]) -> bool:
    command = ["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"]
    told = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", timeout=READY_S, check=False).stdout
    return "window id" in told


def start_keyring(programs: Programs, env: Mapping[str, str]) -> None:
    """Start the secret service, unlocked with a password that nothing else uses."""
    words = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
    keyring = programs.start("keyring", words, env=env, talk=True)
    keyring.send_line("throw-away")
    keyring.close_input()
