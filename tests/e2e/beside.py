"""What rides beside the picture, as two people would use it; each step follows `job.show_the_screen`."""

import re
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


def ask_in_menu(stage: Stage, entry: int, reason: str) -> None:
    """The clipboard's menu by its keys, then the reason."""
    stage.agent.click(stage.app, "Clipboard", identifier=re.compile(r"remote\.clipboard$"))
    stage.agent.hands.key(*["Down"] * entry, "Return")
    stage.agent.fill(stage.app, reason, "Reason", role="text")
    stage.agent.click(stage.app, "Ask", role="push button")
