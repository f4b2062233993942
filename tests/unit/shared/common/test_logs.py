"""What a log line may show of a fault."""

import subprocess
import sys

import pytest

FAULT = """
import logging
from shared.common import logs

logs.set_up("INFO", {form!r})

def deliver(chat_text):
    raise ValueError("broken")

try:
    deliver("my pass" + "word is sesame")
except ValueError:
    logging.getLogger("room").exception("not delivered")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_trace_names_the_fault_and_never_the_values_of_variables(form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAULT.format(form=form)], capture_output=True, encoding="utf-8", check=True, timeout=30
    )
    assert "not delivered" in done.stderr
    assert "broken" in done.stderr
    assert "deliver" in done.stderr
    assert "sesame" not in done.stderr


def test_a_desktop_program_logs_plain_lines_without_structlog() -> None:
    code = (
        "import sys, logging\nfrom shared.common import plainlogs\nplainlogs.set_up('INFO')\n"
        "logging.getLogger('room').info('link %s', 'lost')\nassert 'structlog' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert "INFO     link lost [room]" in done.stderr
