"""Two real session processes, a real screen, and between them only what the relay would carry."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from Xlib import display as xdisplay

from shared.common.clock import now_ms
from shared.control import drawing as d
from shared.control import input as i
from shared.protocol.types import Capability, Grant
from shared.rules.coordinates import Area
from shared.rules.sharing import SharedMonitors
from shared.session import channel as m
from shared.session.drawing_messages import AgentSketch, DrawingsShown, DrawingWiped, SendDrawing, WipeDrawings
from shared.session.facts_messages import AskFacts, FactsCame, FactsGathered, FactsOver, FactsWithheld, SendFacts
from shared.session.frames import FrameReader
from shared.session.scene_messages import ProtectedWindow
from shared.session.spawn import Ended, SessionProcess, start_agent_session, start_customer_session

PROGRAM = Path(__file__).with_name("window_program.py")
AGENT = "lin"
R = TypeVar("R")


def grant(capability: Capability, for_ms: int = 60_000, agent: str = AGENT) -> Grant:
    return Grant(capability=capability, agent_id=agent, until_ms=now_ms() + for_ms)


def verified(out: m.SignalOut) -> m.SignalIn:
    """What the windows make of a description that they have checked."""
    return m.SignalIn(agent_id=AGENT, signal=out.signal, fingerprint=out.fingerprint, tag=out.tag)


@dataclass
class Side:
    """One process and all it has said."""

    said: list[Any] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    also: Callable[[Any], None] = lambda _: None

    def report(self, report: Any) -> None:
        self.said.append(report)
        self.times_s.append(time.monotonic())
        self.also(report)
        self.heard.set()

    def end(self, ended: Ended) -> None:
        self.ended.append(ended)
        self.heard.set()

    def of(self, kind: type[R]) -> list[R]:
        return [one for one in self.said if isinstance(one, kind)]

    def when(self, kind: type[object]) -> float:
        return next(at for one, at in zip(self.said, self.times_s, strict=True) if isinstance(one, kind))

    async def until(self, true: Callable[[], object], what: str, timeout_s: float = 20) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while not true():
                    self.heard.clear()
                    await self.heard.wait()
        except TimeoutError:
            kinds = [one for one in self.said if not isinstance(one, m.SignalOut | m.FrameShown)]
            raise AssertionError(f"waited in vain for {what}; said {kinds[-12:]}, {self.ended}") from None


@dataclass
class Pair:
    customer: SessionProcess[m.CustomerOrder, m.CustomerReport]
    agent: SessionProcess[m.AgentOrder, m.AgentReport]
    here: Side
    there: Side
    desk: Any

    async def share(self, *capabilities: Capability, for_ms: int = 60_000) -> None:
        """From nothing to a picture at the agent's."""
        await self.start()
        self.customer.send(m.GiveGrants(grants=tuple(grant(one, for_ms) for one in capabilities)))
        self.agent.send(m.StartViewing(session_id="s1"))
        self.customer.send(m.AddViewer(agent_id=AGENT))
        await self.there.until(lambda: self.there.of(m.FrameShown), "a picture")
        await self.there.until(lambda: self.standing() == set(capabilities), "the customer's word")

    async def start(self) -> None:
        """Ready to share, nobody there yet."""
        self.customer.send(m.FindSources())
        await self.here.until(lambda: self.here.of(m.SourcesFound), "monitors")
        monitor = self.here.of(m.SourcesFound)[0].monitors[0]
        self.customer.send(m.StartSharing(session_id="s1", share=SharedMonitors((monitor.id,))))
        await self.here.until(lambda: any(one.state == "ready" for one in self.here.of(m.SharingChanged)), "ready")
        await self.here.until(lambda: self.here.of(m.ControlPossible), "control")
        assert self.here.of(m.ControlPossible)[0].works
        assert self.here.of(m.StopWatch)[0].works

    def standing(self) -> set[str]:
        told = self.there.of(m.StandingChanged)
        return set(told[-1].capabilities) if told else set()

    def input(self, *inputs: i.Input) -> None:
        self.agent.send(m.SendInput(inputs=inputs))

    def used(self) -> m.Used | None:
        used = [one for one in self.here.of(m.Used) if one.capability == "control"]
        return used[-1] if used else None

    async def until_refused(self, count: int) -> None:
        await self.here.until(lambda: (used := self.used()) and used.refused >= count, f"{count} refused")

    def pointer(self) -> tuple[int, int]:
        server = xdisplay.Display(self.desk.inner)
        at = server.screen().root.query_pointer()
        server.close()
        return at.root_x, at.root_y


def move(x: int, y: int) -> i.PointerMove:
    return i.PointerMove(x, y, 1000, 700)


@asynccontextmanager
async def pair_on(desk: Any) -> AsyncIterator[Pair]:
    here, there = Side(), Side()
    environment = {**os.environ, "DISPLAY": desk.inner, "THREELINE_LOG": "WARNING"}
    for name in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        environment.pop(name, None)
    async with asyncio.TaskGroup() as tasks:
        customer = await start_customer_session(
            tasks, on_report=here.report, on_ended=here.end, program=PROGRAM, env=environment
        )
        agent = await start_agent_session(
            tasks, on_report=there.report, on_ended=there.end, program=PROGRAM, env=environment
        )
        here.also = lambda said: agent.send(verified(said)) if isinstance(said, m.SignalOut) else None
        there.also = lambda said: customer.send(verified(said)) if isinstance(said, m.SignalOut) else None
        try:
            yield Pair(customer, agent, here, there, desk)
        finally:
            await asyncio.gather(customer.close(), agent.close())


@pytest.fixture
async def pair(desk: Any) -> AsyncIterator[Pair]:
    async with pair_on(desk) as made:
        yield made


async def test_monitors_come_with_a_picture(pair: Pair) -> None:
    pair.customer.send(m.FindSources(thumbnail_width=148, thumbnail_height=84))
    await pair.here.until(lambda: pair.here.of(m.SourcesFound), "monitors")
    (monitor,) = pair.here.of(m.SourcesFound)[0].monitors
    assert monitor.area == Area(0, 0, 1000, 700)
    assert monitor.thumbnail.startswith(b"\x89PNG")


async def test_the_view_arrives_and_control_lands_only_with_its_grant(pair: Pair) -> None:
    await pair.share("view")
    frame = pair.there.of(m.FrameShown)[-1].frame
    assert (frame.width, frame.height) == (1000, 700)
    reader = FrameReader(frame.path)
    assert (reader.width, reader.height) == (1000, 700)
    reader.close()

    before = pair.pointer()
    pair.input(move(111, 222), i.PointerPress(1, 111, 222, 1000, 700), i.KeyDown(0x61), i.TypeText("no"))
    await pair.until_refused(4)
    assert pair.pointer() == before

    pair.customer.send(m.GiveGrants(grants=(grant("control"),)))
    await pair.there.until(lambda: "control" in pair.standing(), "control")
    pair.input(move(333, 444))
    await pair.here.until(lambda: (used := pair.used()) is not None and used.count == 1, "the move")
    assert pair.pointer() == (333, 444)

    pair.customer.send(m.TakeGrant(agent_id=AGENT, capability="control"))
    await pair.there.until(lambda: pair.standing() == {"view"}, "control gone")
    pair.input(move(1, 1))
    await pair.until_refused(5)
    assert pair.pointer() == (333, 444)
    assert m.GrantOver(agent_id=AGENT, capability="control", why="revoked") in pair.here.said


async def test_without_a_view_grant_there_is_no_offer(pair: Pair) -> None:
    await pair.start()
    pair.customer.send(m.AddViewer(agent_id=AGENT))
    await pair.here.until(lambda: pair.here.of(m.GrantsRefused), "a refusal")
    pair.customer.send(m.GiveGrants(grants=(grant("control"),)))
    await pair.here.until(lambda: len(pair.here.of(m.GrantsRefused)) == 2, "another")
    assert [one.why for one in pair.here.of(m.GrantsRefused)] == ["no_grant", "needs_view"]
    assert pair.here.of(m.SignalOut) == []


async def test_expiry_ends_the_picture_and_control_by_itself(pair: Pair) -> None:
    await pair.share("view", "control", for_ms=4000)
    await pair.there.until(lambda: pair.there.of(m.ViewingChanged)[-1].state in ("lost", "closed"), "the end")
    over = {(one.capability, one.why) for one in pair.here.of(m.GrantOver)}
    assert over == {("view", "expired"), ("control", "expired")}


async def test_pause_refuses_and_resume_lets_in(pair: Pair) -> None:
    await pair.share("view", "control")
    pair.customer.send(m.Pause())
    await pair.there.until(lambda: pair.there.of(m.StandingChanged)[-1].paused, "the pause")
    pair.input(move(9, 9))
    await pair.until_refused(1)
    pair.customer.send(m.Resume())
    await pair.there.until(lambda: not pair.there.of(m.StandingChanged)[-1].paused, "the end of it")
    pair.input(move(10, 12))
    await pair.here.until(lambda: (used := pair.used()) is not None and used.count == 1, "the move")
    assert pair.pointer() == (10, 12)


async def test_the_persons_own_mouse_holds_remote_input_back(pair: Pair) -> None:
    await pair.share("view", "control")
    await asyncio.to_thread(pair.desk.person, "mousemove", "500", "500")
    await pair.here.until(lambda: pair.here.of(m.ControlHeld), "the person")
    pair.input(move(5, 5))
    await pair.until_refused(1)
    await pair.there.until(lambda: pair.there.of(m.CustomerActs), "word of it")
    assert pair.pointer() == (500, 500)


async def test_our_windows_are_out_of_reach(pair: Pair) -> None:
    await pair.share("view", "control")
    window = ProtectedWindow(window_id=1, area=Area(0, 0, 200, 100))
    pair.customer.send(m.ProtectWindows(windows=(window,), stops=(Area(150, 10, 40, 40),)))
    pair.customer.send(m.FindSources(thumbnail_width=0, thumbnail_height=0))
    await pair.here.until(lambda: len(pair.here.of(m.SourcesFound)) == 2, "the order before it")
    pair.input(move(160, 20), i.PointerPress(1, 160, 20, 1000, 700), i.PointerRelease(1, 160, 20, 1000, 700))
    await pair.until_refused(3)
    assert pair.pointer() != (160, 20)
    assert pair.customer.alive
    await asyncio.to_thread(pair.desk.person, "mousemove", "160", "20", "click", "1")
    await pair.here.until(lambda: pair.here.ended, "the person's press on Stop")
    assert pair.here.of(m.Stopped) == [m.Stopped(reason="customer_stopped")]


async def test_stop_tells_the_agent_and_ends_the_process(pair: Pair) -> None:
    await pair.share("view", "control")
    pair.customer.send(m.StopSharing())
    await pair.here.until(lambda: pair.here.ended, "the end")
    assert pair.here.ended == [Ended(0, True)]
    assert pair.here.said[-1] == m.Stopped(reason="customer_stopped")
    await pair.there.until(lambda: pair.there.of(m.SharingEnded), "word of it")
    assert pair.there.of(m.SharingEnded)[0].reason == "customer_stopped"


async def test_the_windows_death_ends_sharing(pair: Pair) -> None:
    await pair.share("view", "control")
    await pair.customer.close()
    assert pair.here.ended == [Ended(0, True)]
    await pair.there.until(lambda: pair.there.of(m.SharingEnded), "word of it")


async def test_a_killed_session_process_is_noticed_on_both_sides(pair: Pair) -> None:
    await pair.share("view")
    os.kill(pair.customer.pid, signal.SIGKILL)
    await pair.here.until(lambda: pair.here.ended, "its end")
    assert pair.here.ended == [Ended(-signal.SIGKILL, False)]


async def test_while_a_prompt_for_more_rights_is_up_nothing_lands(pair: Pair) -> None:
    def guarded() -> str:
        told = pair.there.of(m.StandingChanged)
        return told[-1].guarded if told else ""

    await pair.share("view", "control")
    server = xdisplay.Display(pair.desk.inner)
    pair.input(i.KeyDown(0xFFE1))
    await pair.here.until(lambda: (used := pair.used()) is not None and used.count == 1, "the key")
    prompt = server.screen().root.create_window(300, 300, 200, 100, 0, 0)
    prompt.set_wm_class("lxpolkit", "Lxpolkit")
    prompt.map()
    server.sync()
    await pair.there.until(lambda: guarded() == "prompt", "word of it")
    await asyncio.to_thread(pair.desk.wait, lambda: not any(server.query_keymap()), "the key up")
    pair.input(move(77, 88), i.TypeText("secret"))
    await pair.until_refused(2)
    assert pair.pointer() != (77, 88)
    prompt.destroy()
    server.sync()
    await pair.there.until(lambda: guarded() == "", "its end")
    pair.input(move(77, 88))
    await pair.here.until(lambda: (used := pair.used()) is not None and used.count == 2, "the move")
    assert pair.pointer() == (77, 88)
    server.close()


async def test_system_information_comes_only_when_its_person_sends_it(pair: Pair) -> None:
    await pair.share("view")
    pair.agent.send(AskFacts())
    await pair.there.until(lambda: FactsWithheld(why="not_allowed") in pair.there.said, "a refusal")

    pair.customer.send(m.GiveGrants(grants=(grant("sysinfo"),)))
    await pair.there.until(lambda: "sysinfo" in pair.standing(), "the grant")
    pair.agent.send(AskFacts())
    await pair.here.until(lambda: pair.here.of(FactsGathered), "a snapshot to look through")
    (seen,) = pair.here.of(FactsGathered)
    assert pair.there.of(FactsCame) == []
    pair.customer.send(SendFacts(agent_id=AGENT, snapshot=seen.snapshot, sections=("system", "screens")))
    await pair.there.until(lambda: pair.there.of(FactsCame), "what was left in")
    (came,) = pair.there.of(FactsCame)
    assert came.sections == tuple(one for one in seen.sections if one.name in ("system", "screens"))
    assert any(fact.value == "1000 x 700" for section in came.sections for fact in section.facts)
    counts = (1, 1)
    await pair.here.until(
        lambda: counts in [(one.count, one.refused) for one in pair.here.of(m.Used) if one.capability == "sysinfo"],
        "one sent, one refused",
    )

    pair.customer.send(m.TakeGrant(agent_id=AGENT, capability="sysinfo"))
    await pair.there.until(lambda: "sysinfo" not in pair.standing(), "the grant gone")
    assert pair.here.of(FactsOver) == []


async def test_drawing_shows_only_with_its_grant_and_goes_with_it(pair: Pair) -> None:
    def shown() -> tuple[AgentSketch, ...]:
        told = pair.here.of(DrawingsShown)
        return told[-1].sketches if told else ()

    def uses() -> list[tuple[int, int]]:
        return [(one.count, one.refused) for one in pair.here.of(m.Used) if one.capability == "point"]

    def draw() -> None:
        marks = (d.Begin("box", 2, 10, 20, 500, 350), d.Reach(((100, 200), (499, 349)), 500, 350))
        pair.agent.send(SendDrawing(marks=marks))

    await pair.share("view")
    draw()
    await pair.here.until(lambda: (0, 1) in uses(), "a refusal")
    assert shown() == ()

    pair.customer.send(m.GiveGrants(grants=(grant("point"),)))
    await pair.there.until(lambda: "point" in pair.standing(), "the grant")
    draw()
    box = d.Sketch((d.Shape("box", 2, ((21, 41), (999, 699))),))
    await pair.here.until(lambda: shown() == (AgentSketch(agent_id=AGENT, sketch=box),), "the box on the screen")

    pair.customer.send(WipeDrawings())
    await pair.there.until(lambda: pair.there.of(DrawingWiped), "word that it is wiped")
    await pair.here.until(lambda: shown() == (), "a clean screen")
    draw()
    await pair.here.until(shown, "another box")
    pair.customer.send(m.TakeGrant(agent_id=AGENT, capability="point"))
    await pair.here.until(lambda: shown() == (), "it gone with the grant")
    await pair.there.until(lambda: len(pair.there.of(DrawingWiped)) == 2, "word of that")
    draw()
    await pair.here.until(lambda: (2, 2) in uses(), "another refusal")
    assert shown() == ()


async def test_typing_goes_through_both_processes_into_a_real_program(pair: Pair, tmp_path: Path) -> None:
    with pair.desk.terminal(tmp_path) as typist:
        await pair.share("view", "control")
        pair.input(i.TypeText("Hello 你好 😀"), i.KeyDown(0xFF0D), i.KeyUp(0xFF0D))
        await asyncio.to_thread(pair.desk.wait, lambda: typist.text() == "Hello 你好 😀\n", "the text")


async def test_nothing_stays_down_when_the_agent_goes(pair: Pair) -> None:
    await pair.share("view", "control")
    server = xdisplay.Display(pair.desk.inner)
    pair.input(i.KeyDown(0xFFE1))
    await pair.here.until(lambda: (used := pair.used()) is not None and used.count == 1, "the key")
    assert any(server.query_keymap())
    os.kill(pair.agent.pid, signal.SIGKILL)
    await asyncio.to_thread(pair.desk.wait, lambda: not any(server.query_keymap()), "the key up")
    server.close()


async def test_nothing_stays_down_when_the_session_process_is_killed(pair: Pair) -> None:
    await pair.share("view", "control")
    server = xdisplay.Display(pair.desk.inner)

    def layout() -> list[list[int]]:
        return [list(row) for row in server.get_keyboard_mapping(8, 248)]

    before = layout()
    pair.input(i.TypeText("漢"), i.KeyDown(0xFFE1), i.KeyDown(0xFFE3), i.PointerPress(1, 50, 60, 1000, 700))
    await pair.here.until(lambda: (used := pair.used()) is not None and used.count == 4, "all of it down")
    assert any(server.query_keymap())
    assert server.screen().root.query_pointer().mask & 0x100
    assert layout() != before
    os.kill(pair.customer.pid, signal.SIGKILL)
    await asyncio.to_thread(pair.desk.wait, lambda: not any(server.query_keymap()), "the keys up")
    await asyncio.to_thread(pair.desk.wait, lambda: not server.screen().root.query_pointer().mask & 0x100, "the button")
    await asyncio.to_thread(pair.desk.wait, lambda: layout() == before, "the layout as it was")
    server.close()


async def first_monitor(
    window: asyncio.subprocess.Process,
    order: Callable[[m.CustomerOrder], None],
    reports: msgspec.json.Decoder[m.CustomerReport | str],
) -> str:
    order(m.FindSources(thumbnail_width=0, thumbnail_height=0))
    assert window.stdout is not None
    async for line in window.stdout:
        if isinstance(said := reports.decode(line), m.SourcesFound):
            return said.monitors[0].id
    raise AssertionError("no monitors")


async def test_stop_key_works_within_100_ms_while_the_window_is_frozen(desk: Any) -> None:
    there = Side()
    environment = {**os.environ, "DISPLAY": desk.inner, "PYTHONPATH": str(Path.cwd()), "THREELINE_LOG": "WARNING"}
    reports: msgspec.json.Decoder[m.CustomerReport | str] = msgspec.json.Decoder(m.CustomerReport | str)
    async with asyncio.TaskGroup() as tasks:
        window = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(PROGRAM),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            limit=2**22,
        )
        assert window.stdin is not None
        assert window.stdout is not None
        agent = await start_agent_session(
            tasks, on_report=there.report, on_ended=there.end, program=PROGRAM, env=environment
        )

        def order(*orders: m.CustomerOrder) -> None:
            for one in orders:
                window.stdin.write(msgspec.json.encode(one) + b"\n")

        there.also = lambda said: order(verified(said)) if isinstance(said, m.SignalOut) else None
        order(
            m.StartSharing(session_id="s1", share=SharedMonitors((await first_monitor(window, order, reports),))),
            m.GiveGrants(grants=(grant("view"), grant("control"))),
            m.AddViewer(agent_id=AGENT),
        )
        async for line in window.stdout:
            said = reports.decode(line)
            if isinstance(said, m.SignalOut):
                agent.send(verified(said))
            if isinstance(said, m.ViewerChanged) and said.state == "connected":
                break
        await there.until(lambda: there.of(m.FrameShown) and there.of(m.StandingChanged), "a picture")
        window.send_signal(signal.SIGSTOP)
        agent.send(m.SendInput(inputs=(i.KeyDown(0xFFE1),)))
        server = xdisplay.Display(desk.inner)
        await asyncio.to_thread(desk.wait, lambda: any(server.query_keymap()), "control with a frozen window")

        await asyncio.to_thread(desk.person, "keydown", "ctrl", "keydown", "shift")
        pressed_s = time.monotonic()
        await asyncio.to_thread(desk.person, "key", "F12")
        await there.until(lambda: there.of(m.SharingEnded), "the stop")
        took_ms = (there.when(m.SharingEnded) - pressed_s) * 1000
        await asyncio.to_thread(desk.person, "keyup", "shift", "keyup", "ctrl")
        await asyncio.to_thread(desk.wait, lambda: not any(server.query_keymap()), "every key up")
        server.close()
        assert there.of(m.SharingEnded)[0].reason == "customer_stop_key"
        assert took_ms < 100
        await there.until(lambda: there.of(m.ViewingChanged)[-1].state in ("closed", "lost"), "the connection's end")

        window.send_signal(signal.SIGCONT)
        window.stdin.close()
        lines = [reports.decode(line) async for line in window.stdout]
        assert lines[-1] == "ended"
        assert m.Stopped(reason="customer_stop_key") in lines
        await window.wait()
        await agent.close()
