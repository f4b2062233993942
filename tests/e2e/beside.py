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
