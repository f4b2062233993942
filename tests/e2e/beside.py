"""What rides beside the picture, as two people would use it; each step follows `job.show_the_screen`."""

import re
import shlex
from pathlib import Path

from tests.e2e.driver.desktop import Desktop
from tests.e2e.driver.processes import Program
from tests.e2e.driver.waiting import wait_for
from tests.e2e.job import grant
from tests.e2e.stage import Stage


def send_a_file(stage: Stage, room: Path) -> None:
    """The engineer sends a file; the capability is asked for, then the file; it lands whole and under its name."""
    sent = room / "export-fix.cfg"
    sent.write_bytes(bytes(range(256)) * 4096)
    agent, home = stage.agent, stage.customer
    agent.click(stage.app, "Files", identifier=re.compile(r"remote\.files$"))
    agent.click(stage.app, "Send", identifier=re.compile(r"remote\.files-send$"))
    choose_file(agent, stage.app, sent)
    agent.fill(stage.app, "The corrected settings", "Reason", role="text")
    agent.click(stage.app, "Ask", role="push button")
    grant(stage, "Send you files", "The corrected settings")
    home.find(stage.client, re.compile(r"^export-fix\.cfg"), timeout_s=15)
    stage.told("Lin sends a file; Maya's screen says its name, its size and where it would land.")
    home.click(stage.client, "Accept", role="push button", timeout_s=15)
    agent.find(stage.app, re.compile(r"checked"), timeout_s=20)
    landed = Path(home.env["HOME"]) / "Downloads" / "Threeline" / "export-fix.cfg"
    wait_for(landed.exists, "the file among the downloads")
    assert landed.read_bytes() == sent.read_bytes()
    assert landed.stat().st_mode & 0o777 == 0o600
    stage.told("It is there, checked and not opened.")


def choose_file(desk: Desktop, program: Program, path: Path) -> None:
    """In Qt's own dialog."""
    desk.fill(program, str(path), "File name:", role="text")
    desk.hands.key("Return")


def share_the_clipboard(stage: Stage, room: Path) -> None:
    """Each direction is asked for on its own; then what one copies the other can paste, and nothing comes back."""
    agent, home = stage.agent, stage.customer
    agent.hands.copy("the engineer's own")
    home.hands.copy("copied before the grant")
    ask_in_menu(stage, 1, "To read the message")
    grant(stage, "Get what you copy", "To read the message")
    agent.find(stage.app, "Clipboard", role="push button", timeout_s=15)

    def came() -> bool:
        home.hands.copy("错误 E-2417 from the customer")
        return agent.hands.clipboard() == "错误 E-2417 from the customer"

    wait_for(came, "the customer's words on the engineer's clipboard", 20, poll_s=0.5)
    stage.told("What Maya copies is on Lin's clipboard; what she copied before is not.")
    ask_in_menu(stage, 2, "The right command")
    grant(stage, "Fill your clipboard", "The right command")

    def went() -> bool:
        agent.hands.copy("labdesk --repair")
        agent.hands.click(agent.find(stage.app, "Fit", identifier=re.compile(r"remote\.fit$")))
        return home.hands.clipboard() == "labdesk --repair"

    wait_for(went, "the engineer's words on the customer's clipboard", 20, poll_s=0.5)
    stage.told("What Lin copies for Maya is on her clipboard.")


def restart_and_come_back(stage: Stage, room: Path) -> None:
    """The customer lets the computer restart; the program is started anew as the desktop would, and the screen is back.

    The system's own command is one that only says that it was called: the desktop stays.
    """
    agent, home = stage.agent, stage.customer
    agent.click(stage.app, "Restart", identifier=re.compile(r"remote\.restart$"))
    agent.fill(stage.app, "The new settings need it", "Reason", role="text")
    agent.click(stage.app, "Ask", role="push button")
    grant(stage, "Ask you to restart the computer", "The new settings need it")
    home.wait_gone(stage.client, re.compile("^Allow"), role="push button")

    def asked() -> bool:
        agent.click(stage.app, "Restart", identifier=re.compile(r"remote\.restart$"))
        return bool(home.find_all(stage.client, "Restart now", role="push button"))

    wait_for(asked, "the question at the customer's", 20, poll_s=1.0)
    stage.told("Lin calls for the restart; Maya's screen says what it means, and that nothing happens without her.")
    called = room / "systemctl-called"

    def restarts() -> bool:
        for button in home.find_all(stage.client, "Restart now", role="push button"):
            home.hands.click(button)  # the sheet takes no click in its first moment
        return called.exists()

    wait_for(restarts, "the system to be asked", 20, poll_s=0.5)
    assert called.read_text() == "--no-ask-password reboot\n"
    stage.client.kill_9()
    agent.find(stage.app, re.compile("computer restarts"), timeout_s=15)
    stage.told("The computer restarts; Lin's window keeps the last picture and says so.")
    (entry,) = (Path(home.env["XDG_CONFIG_HOME"]) / "autostart").iterdir()
    (line,) = [each for each in entry.read_text("utf-8").splitlines() if each.startswith("Exec=")]
    stage.start_client(shlex.split(line.removeprefix("Exec=")))
    home.find(stage.client, "Stop sharing", role="push button", timeout_s=30)
    assert not entry.exists()
    agent.wait_gone(stage.app, re.compile("computer restarts"), timeout_s=30)
    agent.find(stage.app, re.compile("^You see only"), timeout_s=15)
    stage.told("Maya has signed in again: the same session goes on with what she had allowed.")


def system_that_only_says_so(room: Path) -> Path:
    """A folder for PATH with a `systemctl` that writes down how it was called."""
    folder = room / "bin"
    folder.mkdir()
    command = folder / "systemctl"
    command.write_text(
        f'#!/bin/sh\necho "$@" >"{room}/called.new" && mv "{room}/called.new" "{room}/systemctl-called"\n'
    )
    command.chmod(0o755)
    return folder


def ask_in_menu(stage: Stage, entry: int, reason: str) -> None:
    """The clipboard's menu by its keys, then the reason."""
    stage.agent.click(stage.app, "Clipboard", identifier=re.compile(r"remote\.clipboard$"))
    stage.agent.hands.key(*["Down"] * entry, "Return")
    stage.agent.fill(stage.app, reason, "Reason", role="text")
    stage.agent.click(stage.app, "Ask", role="push button")
