"""A remote session: one process for it, input only while the customer's machine says so, an end that stays."""

from dataclasses import dataclass, field

import pytest

from agent_app.remote.pointing import Pointing
from agent_app.remote.presenter import RemotePresenter
from agent_app.remote.session import OnEnded, OnReport, Session, Spare
from shared.control.input import PointerMove, PointerPress, PointerRelease, Wheel
from shared.protocol.messages import conversations as c
from shared.protocol.messages import remote as x
from shared.protocol.types import Grant
from shared.rules.coordinates import fit, scaled
from shared.session import channel as s
from shared.session.frames import FrameReady
from tests.agent_fakes import FINGERPRINT, GRACE, ME, NOW, World, introduction_of, offer_of


@dataclass
class FakeSession:
    """What it was ordered, and the way back."""

    on_report: OnReport
    on_ended: OnEnded
    orders: list[s.AgentOrder] = field(default_factory=list[s.AgentOrder])
    alive: bool = True

    def send(self, order: s.AgentOrder) -> None:
        self.orders.append(order)

    async def close(self) -> None:
        self.alive = False


class Starter:
    """Starts fakes; `broken` cannot start anything."""

    def __init__(self) -> None:
        self.made: list[FakeSession] = []
        self.broken = False

    async def start(self, on_report: OnReport, on_ended: OnEnded) -> Session:
        if self.broken:
            raise OSError("no room")
        self.made.append(FakeSession(on_report, on_ended))
        return self.made[-1]


@pytest.fixture
def world() -> World:
    world = World()
    world.sign_in()
    world.active()
    world.relay.answers[x.GetIceServers] = x.IceServers(servers=())
    world.relay.answers[x.SendSignal] = c.Done()
    world.relay.answers[x.EndRemote] = c.Done()
    return world


@pytest.fixture
def starter() -> Starter:
    return Starter()


@pytest.fixture
def remote(world: World, starter: Starter) -> RemotePresenter:
    spare, introduction = Spare(starter.start), introduction_of(world)()
    return RemotePresenter(world.desk, world.relay, world.timelines, spare, introduction, world.works.spawn, "k1")


def grant(world: World) -> None:
    view = Grant(capability="view", agent_id="A1", until_ms=NOW + 900_000)
    world.public(
        x.CapabilityAsked(
            request_id="r1", session_id="s1", agent=ME, capabilities=("view",), reason="r", expires_ms=NOW + 60_000
        )
    )
    world.public(x.ConsentAnswered(request_id="r1", session_id="s1", agent=ME, grants=(view,), source="Main"))
    world.public(x.RemoteStarted(session_id="s1", agent=ME))
    world.flush()


def offer_signal(world: World) -> None:
    signal = offer_of()
    world.desk.on_push(x.SignalArrived(session_id="s1", conversation_id="k1", sender=GRACE, signal=signal))


def tag_of(offer: x.Signal) -> str:
    assert offer.signed is not None
    return offer.signed.statement.commitment


async def playing(world: World, starter: Starter) -> FakeSession:
    grant(world)
    offer_signal(world)
    await world.works.settle()
    (session,) = starter.made
    session.on_report(s.ViewingChanged(state="playing"))
    return session


async def test_grant_and_offer_in_either_order_start_one_process(
    world: World, starter: Starter, remote: RemotePresenter
) -> None:
    offer_signal(world)
    grant(world)
    await world.works.settle()
    (session,) = starter.made
    assert session.orders == [
        s.StartViewing(session_id="s1"),
        s.SignalIn(signal=offer_of(), ice_servers=(), fingerprint=FINGERPRINT, tag=tag_of(offer_of())),
    ]
    assert remote.view.value.phase == "connecting"
    assert remote.view.value.source == "Main"


async def test_the_answer_goes_to_the_customer(world: World, starter: Starter, remote: RemotePresenter) -> None:
    session = await playing(world, starter)
    answer = x.Signal(kind="answer", sdp="v=0")
    session.on_report(s.SignalOut(signal=answer, fingerprint=FINGERPRINT, tag=tag_of(offer_of())))
    await world.works.settle()
    sent = world.relay.asked[-1]
    assert isinstance(sent, x.SendSignal)
    assert (sent.session_id, sent.to, sent.signal.sdp) == ("s1", "C1", "v=0")
    assert sent.signal.signed is not None
    assert remote.view.value.phase == "playing"


async def test_input_is_sent_only_while_the_customers_machine_grants_it(
    world: World, starter: Starter, remote: RemotePresenter
) -> None:
    session = await playing(world, starter)
    move = (PointerMove(1, 2, 100, 100),)
    remote.send(move)
    assert not any(isinstance(order, s.SendInput) for order in session.orders)
    session.on_report(s.StandingChanged(capabilities=("view", "control"), paused=False))
    remote.send(move)
    assert session.orders[-1] == s.SendInput(inputs=move)
    for blocked in (
        s.StandingChanged(capabilities=("view", "control"), paused=True),
        s.StandingChanged(capabilities=("view",), paused=False),
    ):
        count = len(session.orders)
        session.on_report(blocked)
        remote.send(move)
        assert len(session.orders) == count


async def test_a_lost_connection_stops_input_and_is_counted(
    world: World, starter: Starter, remote: RemotePresenter
) -> None:
    session = await playing(world, starter)
    session.on_report(s.StandingChanged(capabilities=("view", "control"), paused=False))
    session.on_report(s.ViewingChanged(state="lost"))
    session.on_report(s.ViewingChanged(state="lost"))
    assert (remote.view.value.phase, remote.view.value.losses, remote.controls) == ("lost", 1, False)
    session.on_report(s.ViewingChanged(state="playing"))
    assert remote.controls


async def test_the_customers_stop_ends_it_for_good(world: World, starter: Starter, remote: RemotePresenter) -> None:
    session = await playing(world, starter)
    session.on_report(s.SharingEnded(reason="customer_stopped"))
    session.on_report(s.StandingChanged(capabilities=("view", "control"), paused=False))
    session.on_report(s.ViewingChanged(state="playing"))
    await world.works.settle()
    assert (remote.view.value.phase, remote.view.value.ended) == ("ended", "customer_stopped")
    assert not remote.controls
    assert not session.alive


async def test_the_record_ends_it_too(world: World, starter: Starter, remote: RemotePresenter) -> None:
    await playing(world, starter)
    world.public(x.RemoteEnded(session_id="s1", by=GRACE, reason="customer_stop_key"))
    world.flush()
    await world.works.settle()
    assert remote.view.value.ended == "customer_stop_key"


async def test_a_process_that_died_is_reported(world: World, starter: Starter, remote: RemotePresenter) -> None:
    session = await playing(world, starter)
    session.on_ended(False)
    await world.works.settle()
    assert world.relay.asked[-1] == x.EndRemote(session_id="s1", reason="session_process_lost")
    assert remote.view.value.ended == "session_process_lost"


async def test_a_process_that_cannot_be_started_is_reported(
    world: World, starter: Starter, remote: RemotePresenter
) -> None:
    starter.broken = True
    grant(world)
    await world.works.settle()
    assert remote.view.value.ended == "session_process_lost"


async def test_ending_tells_the_relay_once(world: World, starter: Starter, remote: RemotePresenter) -> None:
    await playing(world, starter)
    remote.end()
    remote.end()
    remote.close()
    await world.works.settle()
    ends = [command for command in world.relay.asked if isinstance(command, x.EndRemote)]
    assert ends == [x.EndRemote(session_id="s1", reason="agent_ended")]


async def test_control_is_asked_once_and_counted_down(world: World, starter: Starter, remote: RemotePresenter) -> None:
    await playing(world, starter)
    world.relay.answers[x.AskCapabilities] = c.Done()
    remote.ask("control", "To fix it")
    await world.works.settle()
    world.public(
        x.CapabilityAsked(
            request_id="r2", session_id="s1", agent=ME, capabilities=("control",), reason="r", expires_ms=NOW + 60_000
        )
    )
    world.flush()
    assert (remote.view.value.stands("control"), remote.view.value.ask_until_ms) == ("asked", NOW + 60_000)
    remote.ask("control", "again")
    world.public(x.ConsentAnswered(request_id="r2", session_id="s1", agent=ME, grants=()))
    world.flush()
    await world.works.settle()
    assert remote.view.value.stands("control") == "none"
    assert sum(isinstance(command, x.AskCapabilities) for command in world.relay.asked) == 1


async def test_frames_pass_by_the_view_state(world: World, starter: Starter, remote: RemotePresenter) -> None:
    session = await playing(world, starter)
    frames: list[int] = []
    remote.frames.watch(lambda ready: frames.append(ready.number))
    for number in (1, 2):
        session.on_report(s.FrameShown(frame=FrameReady("p", 1, number, 640, 480)))
    assert frames == [1, 2]
    assert (remote.view.value.width, remote.view.value.height) == (640, 480)


async def test_a_spare_is_started_once_and_replaced_when_it_died(starter: Starter) -> None:
    spare = Spare(starter.start)
    await spare.prepare()
    await spare.prepare()
    assert len(starter.made) == 1
    starter.made[0].on_ended(False)
    await spare.prepare()
    assert len(starter.made) == 2
    await spare.close()
    assert not starter.made[1].alive


def test_a_click_lands_on_its_pixel_and_the_letterbox_is_nobodys() -> None:
    pointing, placement = Pointing(), fit(1000, 500, 640, 480)
    assert pointing.press(placement, 2, 250, 1) == ()
    (pressed,) = pointing.press(placement, placement.x, 0, 1)
    assert pressed == PointerPress(1, 0, 0, 640, 480)
    (dragged,) = pointing.move(placement, 999, 499)
    assert dragged == PointerMove(639, 479, 640, 480)
    assert pointing.holds
    assert pointing.release(placement, 999, 499, 1) == (PointerRelease(1, 639, 479, 640, 480),)
    assert pointing.release(placement, 999, 499, 1) == ()
    assert pointing.move(placement, 999, 499) == ()


def test_one_to_one_is_exact_while_scrolled() -> None:
    placement = scaled(-100, -50, 640, 480)
    assert Pointing().move(placement, 7, 9) == (PointerMove(107, 59, 640, 480),)


def test_the_wheel_sends_whole_notches_and_keeps_the_rest() -> None:
    pointing, placement = Pointing(), scaled(0, 0, 640, 480)
    assert pointing.wheel(placement, 5, 6, 0, 60) == ()
    assert pointing.wheel(placement, 5, 6, 0, 60) == (Wheel(0, 1, 5, 6, 640, 480),)
    assert pointing.wheel(placement, 5, 6, 0, -240) == (Wheel(0, -2, 5, 6, 640, 480),)


def test_the_right_button_is_x_button_three() -> None:
    placement = scaled(0, 0, 640, 480)
    assert Pointing().press(placement, 5, 6, 2) == (PointerPress(3, 5, 6, 640, 480),)
    assert Pointing().press(placement, 5, 6, 1 << 20) == ()


async def test_the_wished_quality_goes_to_the_process(world: World, starter: Starter, remote: RemotePresenter) -> None:
    remote.choose_quality("exact")
    session = await playing(world, starter)
    assert s.ChooseQuality(quality="exact") in session.orders
    remote.choose_quality("thrifty")
    assert session.orders[-1] == s.ChooseQuality(quality="thrifty")
    assert remote.view.value.quality == "thrifty"
