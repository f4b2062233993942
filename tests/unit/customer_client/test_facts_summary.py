"""System information on the receipt: how often it was sent, to whom."""

import pytest

from customer_client.after.summary import lines
from shared.protocol.messages import remote as x
from shared.session import channel as ch
from tests.customer_fakes import START_MS, Stage, monitors


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, None),
        (1, "System information sent after you looked at it"),
        (2, "System information sent after you looked at it: 2 times"),
    ],
)
def test_the_summary_says_what_was_sent_and_nothing_else(stage: Stage, count: int, said: str | None) -> None:
    stage.connect()
    stage.talk()
    stage.ask("view", "sysinfo")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    stage.rooms.consent.switch("view", True)
    stage.rooms.consent.switch("sysinfo", True)
    assert stage.rooms.consent.allow()
    used = ch.Used(
        agent_id="lin", capability="sysinfo", count=count, refused=0, first_ms=START_MS, last_ms=START_MS + 60_000
    )
    stage.session.report(used)
    stage.session.report(ch.Stopped(reason="customer_stopped"))
    (stored,) = [body for _, body in stage.relay.history if isinstance(body, x.StoreReceipt)]
    told = [line for line in lines((stored.receipt,)) if line.icon == "gauge"]
    assert [line.title for line in told] == ([said] if said else [])
    assert all("Lin Wei" in line.detail for line in told)
