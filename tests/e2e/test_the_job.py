"""The job of the product, in its real windows, through a real relay, on a real screen."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import beside, job
from tests.e2e.conftest import EVIDENCE, FAILED
from tests.e2e.stage import Stage, open_stage


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with open_stage() as stage:
        yield stage
        if request.node.stash.get(FAILED, False):
            stage.keep_evidence(EVIDENCE / request.node.name)


@pytest.mark.timeout(400)
def test_one_request_for_help_from_first_click_to_closed_ticket(stage: Stage, tmp_path: Path) -> None:
    job.play(stage, tmp_path)


@pytest.mark.timeout(120)
def test_with_nobody_on_duty_a_message_becomes_a_ticket(stage: Stage) -> None:
    job.leave_a_message(stage)


@pytest.mark.timeout(200)
def test_files_clipboard_and_a_restart_beside_the_picture(stage: Stage, tmp_path: Path) -> None:
    stage.client_env["PATH"] = f"{beside.system_that_only_says_so(tmp_path)}:{os.environ['PATH']}"
    job.sign_in(stage)
    job.ask_for_help(stage)
    job.accept(stage)
    job.show_the_screen(stage)
    beside.send_a_file(stage, tmp_path)
    beside.share_the_clipboard(stage, tmp_path)
    beside.restart_and_come_back(stage, tmp_path)
