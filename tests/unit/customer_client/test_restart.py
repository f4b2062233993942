"""Restarting the customer's computer in a session, and coming back into it: asked, written down, used once, in time."""

import re
from pathlib import Path

import pytest
from msgspec import structs

from customer_client.platform.restart import SystemRestart
from customer_client.restart.presenter import RestartPresenter
from customer_client.sharing.returning import LIMIT_MS, ReturnFile, ReturnNote
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.rules.sharing import SharedMonitors
from shared.session import channel as ch
from tests.customer_fakes import LIN, TALK, Stage, monitors

MINUTE_MS = 60_000


@pytest.fixture
def wished(stage: Stage) -> Stage:
    """Lin sees, controls, and would like a restart."""
    stage.connect()
    stage.talk()
    stage.relay.answers[x.GetIceServers] = x.IceServers(servers=())
    stage.relay.answers[x.SendSignal] = c.Done()
    stage.ask("view", "control", "restart")
    stage.session.report(monitors())
    stage.timers.pass_s(1)
    for capability in ("view", "control", "restart"):
        stage.rooms.consent.switch(capability, True)
    assert stage.rooms.consent.allow()
    granted(stage)
    stage.answer("consent/ask-1", c.Done())
    stage.session.report(ch.ViewerChanged(agent_id="lin", state="connected"))
    stage.session.report(ch.RestartWished(agent_id="lin"))
    return stage


def granted(stage: Stage) -> None:
    """The record has the answer."""
    command = next(body for _, body in stage.relay.history if isinstance(body, x.AnswerConsent))
    answered = x.ConsentAnswered(request_id="ask-1", session_id="session-1", agent=LIN, grants=command.grants)
    stage.happen(answered, x.RemoteStarted(session_id="session-1", agent=LIN))


def leave(stage: Stage) -> None:
    """The person says yes, and the session process has stopped."""
    stage.rooms.restart.restart_now()
    assert [order.reason for order in stage.session.sent(ch.StopSharing)] == ["restarting"]
    for capability in ("view", "control", "restart"):
        stage.session.report(ch.GrantOver(agent_id="lin", capability=capability, why="stopped"))
    stage.session.report(ch.Stopped(reason="restarting"))
    stage.session.over()


def kept(stage: Stage) -> ReturnNote:
    note = ReturnFile(stage.documents / "return.json").take()
    assert note is not None
    ReturnFile(stage.documents / "return.json").keep(note)
    return note


def started_again(stage: Stage) -> RestartPresenter:
    """What the program does first after the restart."""
    returned = RestartPresenter(
        stage.rooms.sharing,
        stage.desk,
        stage.restarter,
        ReturnFile(stage.documents / "return.json"),
        "wss://relay/ws",
        stage.spawn,
        stage.timers.later,
    )
    stage.rooms.timelines.changed.watch(returned.follow)
    return returned


def seen_again(stage: Stage) -> None:
    """The timeline is there again; the session process has looked at the monitors."""
    stage.happen(c.ChatPosted(client_id="m1", author=LIN, text="Welcome back"))
    if stage.session.sent(ch.FindSources):
        stage.session.report(monitors())


def test_nothing_happens_without_the_persons_yes(wished: Stage) -> None:
    view = wished.rooms.restart.view
    assert view.value.agent == LIN
    wished.timers.pass_s(61)
    assert view.value.agent is None
    assert wished.restarter.restarts == 0
    assert not wished.session.sent(ch.StopSharing)
    wished.session.report(ch.RestartWished(agent_id="lin"))
    wished.rooms.restart.not_now()
    assert wished.session.sent(ch.TakeGrant)[-1].capability == "restart"


def test_who_may_not_call_for_it_is_not_heard(stage: Stage) -> None:
    stage.connect()
    stage.talk()
    stage.session.report(ch.RestartWished(agent_id="lin"))
    assert stage.rooms.restart.view.value.agent is None


def test_it_stops_writes_down_and_restarts_without_ending_the_session(wished: Stage) -> None:
    leave(wished)
    assert wished.restarter.restarts == 1
    assert wished.restarter.comes_back
    assert not wished.rooms.sharing.view.value.live
    assert not [body for _, body in wished.relay.history if isinstance(body, x.EndRemote | x.StoreReceipt)]
    note = kept(wished)
    assert {grant.capability for grant in note.grants} == {"view", "control"}
    assert note.until_ms == wished.timers.now_ms + LIMIT_MS


def test_it_comes_back_with_the_same_grants_and_one_receipt(wished: Stage) -> None:
    leave(wished)
    ends = {grant.capability: grant.until_ms for grant in kept(wished).grants}
    wished.timers.pass_s(120)
    heard: list[str] = []
    started_again(wished).returned.watch(heard.append)
    assert not wished.restarter.comes_back
    seen_again(wished)
    assert heard == [TALK]
    given = wished.session.sent(ch.GiveGrants)[-1]
    assert {grant.capability: grant.until_ms for grant in given.grants} == ends
    assert wished.session.sent(ch.StartSharing)[-1].session_id == "session-1"
    assert wished.rooms.sharing.view.value.live
    assert wished.session.sent(ch.AddViewer)
    wished.session.report(ch.Stopped(reason="customer_stopped"))
    (command,) = [body for _, body in wished.relay.history if isinstance(body, x.StoreReceipt)]
    whys = [entry.params.get("why") for entry in command.receipt.entries if entry.what in ("paused", "resumed")]
    assert whys == ["restart", "restart"]
    assert command.receipt.entries[0].what == "asked"


def test_a_grant_that_is_over_by_then_does_not_come_back(wished: Stage) -> None:
    leave(wished)
    file = ReturnFile(wished.documents / "return.json")
    note = kept(wished)
    file.keep(
        structs.replace(
            note,
            grants=tuple(
                structs.replace(grant, until_ms=wished.timers.now_ms + MINUTE_MS)
                if grant.capability == "control"
                else grant
                for grant in note.grants
            ),
        )
    )
    wished.timers.pass_s(120)
    started_again(wished)
    seen_again(wished)
    assert [grant.capability for grant in wished.session.sent(ch.GiveGrants)[-1].grants] == ["view"]


@pytest.mark.parametrize("change", ["late", "ended", "another relay", "damaged"])
def test_a_note_that_does_not_hold_is_used_for_nothing(wished: Stage, change: str) -> None:
    leave(wished)
    path = wished.documents / "return.json"
    if change == "late":
        wished.timers.pass_s(LIMIT_MS / 1000 + 1)
    elif change == "ended":
        wished.happen(x.RemoteEnded(session_id="session-1", by=LIN, reason="agent_ended"))
    elif change == "another relay":
        ReturnFile(path).keep(structs.replace(kept(wished), server="wss://other.test/ws"))
    else:
        path.write_bytes(path.read_bytes()[:-20])
    started_again(wished)
    seen_again(wished)
    assert not path.exists()
    assert not wished.session.sent(ch.GiveGrants) or len(wished.sessions) == 1
    assert not wished.rooms.sharing.view.value.live


def test_where_windows_were_blank_it_comes_back_paused(wished: Stage) -> None:
    leave(wished)
    note = structs.replace(kept(wished), veiled=True)
    ReturnFile(wished.documents / "return.json").keep(note)
    started_again(wished)
    seen_again(wished)
    assert wished.rooms.sharing.view.value.paused
    kinds = [type(order) for order in wished.session.orders]
    assert kinds.index(ch.Pause) < kinds.index(ch.StartSharing)


def test_a_system_that_will_not_restart_goes_on_as_before(wished: Stage) -> None:
    wished.restarter.willing = False
    leave(wished)
    assert wished.rooms.restart.view.value.failed
    assert not wished.restarter.comes_back
    assert not (wished.documents / "return.json").exists()
    wished.timers.pass_s(2)
    wished.session.report(monitors())
    assert wished.rooms.sharing.view.value.live
    assert {grant.capability for grant in wished.session.sent(ch.GiveGrants)[-1].grants} == {"view", "control"}
    wished.rooms.restart.read()
    assert not wished.rooms.restart.view.value.failed


def test_a_disk_that_takes_no_note_stops_nothing(wished: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: ReturnFile, _note: ReturnNote) -> None:
        raise OSError("full")

    monkeypatch.setattr(ReturnFile, "keep", refuse)
    wished.rooms.restart.restart_now()
    assert wished.rooms.restart.view.value.failed
    assert not wished.session.sent(ch.StopSharing)
    assert wished.rooms.sharing.view.value.live
    wished.rooms.sharing.stop()
    wished.session.report(ch.Stopped(reason="customer_stopped"))
    assert [body for _, body in wished.relay.history if isinstance(body, x.StoreReceipt)]


def test_a_window_alone_cannot_come_back_so_nothing_is_left(wished: Stage) -> None:
    wished.rooms.sharing.choosing.choose(None)
    wished.rooms.restart.restart_now()
    assert not wished.session.sent(ch.StopSharing)


def test_the_file_is_for_this_person_alone_and_used_once(tmp_path: Path) -> None:
    file = ReturnFile(tmp_path / "deep" / "return.json")
    assert file.take() is None
    note = ReturnNote(
        server="s", session_id="S", conversation_id=TALK, ticket_number="", until_ms=5, share=SharedMonitors(("m",))
    )
    file.keep(note)
    assert (tmp_path / "deep" / "return.json").stat().st_mode & 0o777 == 0o600
    assert file.take() == note
    assert file.take() is None
    file.drop()


def test_the_start_after_a_restart_survives_every_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    entry = tmp_path / "autostart" / "threeline-return.desktop"
    system = SystemRestart(("--profile", '/home/Grace Chen/100%/a"b$c\\d.json'))
    system.come_back()
    (line,) = [each for each in entry.read_text("utf-8").splitlines() if each.startswith("Exec=")]
    value = line.removeprefix("Exec=").replace("\\\\", "\\").replace("%%", "%")
    words = [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r'"((?:\\.|[^"\\])*)"', value)]
    assert words[-2:] == ["--profile", '/home/Grace Chen/100%/a"b$c\\d.json']
    system.stay_away()
    assert not entry.exists()
    with pytest.raises(OSError, match="started again"):
        SystemRestart(("--profile", "a\nExec=other")).come_back()
