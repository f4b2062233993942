"""`./dev demo` with a screen: a relay with the sample organisation, and both windows left to the person."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.driver.processes import Programs
from tests.e2e.driver.relay import ROOT, open_relay


def open_for_a_person() -> int:
    """Opens everything and waits until both windows are closed."""
    with TemporaryDirectory(prefix="threeline-demo-") as folder, Programs(Path(folder)) as programs:
        relay = open_relay(programs, Path(folder) / "relay")
        sys.stdout.write("A sample organisation; its people are invented. Engineers and their passwords:\n")
        for name, password in relay.passwords.items():
            sys.stdout.write(f"  {name:8} {password}\n")
        sys.stdout.write("Sign in as lin, become available, then ask for a person in the customer's window.\n")
        sys.stdout.flush()
        windows = [
            start("agent_app", relay.client_arguments),
            start("customer_client", relay.customer_arguments),
        ]
        try:
            for window in windows:
                window.wait()
        except KeyboardInterrupt:
            for window in windows:
                window.terminate()
                window.wait()
    return 0


def start(module: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """One program on the person's own screen."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
