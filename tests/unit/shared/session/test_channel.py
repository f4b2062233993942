"""Frames between window and session process, in whatever pieces they come."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.common.errors import PeerBroken
from shared.control import input as i
from shared.protocol.messages.remote import Signal
from shared.protocol.types import Grant
from shared.rules.coordinates import Area
from shared.rules.sharing import SharedMonitors, SharedWindow
from shared.session import channel as m
from shared.session.frames import FrameReady
from shared.session.scene_messages import MonitorSeen, ProtectedWindow, WindowSeen

ORDERS: list[m.CustomerOrder] = [
    m.FindSources(),
    m.StartSharing(session_id="s1", share=SharedMonitors(("HDMI-1",))),
    m.GiveGrants(grants=(Grant(capability="view", agent_id="lin", until_ms=5),)),
    m.TakeGrant(agent_id="lin", capability="control"),
    m.Pause(),
    m.Resume(),
    m.StopSharing(),
    m.AddViewer(agent_id="lin"),
    m.RemoveViewer(agent_id="lin"),
    m.SignalIn(agent_id="lin", signal=Signal(kind="answer", sdp="v=0")),
    m.ProtectWindows(windows=(ProtectedWindow(window_id=7, area=Area(1, 2, 3, 4)),), stops=(Area(1, 1, 1, 1),)),
    m.ChangeShare(share=SharedWindow(9)),
    m.Hide(windows=(9,), areas=(Area(0, 0, 1, 1),)),
]
AGENT_ORDERS: list[m.AgentOrder] = [
    m.StartViewing(session_id="s1"),
    m.SendInput(inputs=(i.KeyDown(65), i.TypeText("x"))),
    m.StopViewing(),
]


@given(st.lists(st.integers(1, 40), max_size=60))
def test_pieces_of_any_size_give_the_same_messages(sizes: list[int]) -> None:
    data = b"".join(m.encode(order) for order in ORDERS)
    frames, found, at = m.customer_orders(), list[m.CustomerOrder](), 0
    for size in sizes:
        found += frames.feed(data[at : at + size])
        at += size
    found += frames.feed(data[at:])
    assert found == ORDERS


def test_each_role_has_its_own_words() -> None:
    frames = m.agent_orders()
    assert list(frames.feed(b"".join(map(m.encode, AGENT_ORDERS)))) == AGENT_ORDERS
    with pytest.raises(PeerBroken):
        list(m.agent_orders().feed(m.encode(m.Pause())))
    with pytest.raises(PeerBroken):
        list(m.customer_orders().feed(m.encode(AGENT_ORDERS[1])))


def test_reports_come_back() -> None:
    shown = m.FrameShown(frame=FrameReady("/x", 1, 2, 3, 4, ((0, 0, 1, 1),)))
    assert list(m.agent_reports().feed(m.encode(shown))) == [shown]
    seen = MonitorSeen(id="a", name="A", area=Area(0, 0, 9, 9), primary=True, thumbnail=b"\x89PNG")
    window = WindowSeen(id=9, title="T", app="A", area=Area(0, 0, 9, 9))
    found = m.SourcesFound(monitors=(seen,), windows=(window,))
    assert list(m.customer_reports().feed(m.encode(found))) == [found]


@pytest.mark.parametrize("length", [m.MAX_FRAME_BYTES + 1, 2**32 - 1])
def test_an_oversized_frame_is_refused_by_its_header_alone(length: int) -> None:
    with pytest.raises(PeerBroken, match="allowed"):
        list(m.customer_orders().feed(length.to_bytes(4, "big")))


def test_an_oversized_message_is_not_sent() -> None:
    seen = MonitorSeen(id="a", name="A", area=Area(0, 0, 9, 9), primary=True, thumbnail=bytes(m.MAX_FRAME_BYTES))
    with pytest.raises(ValueError, match="SourcesFound"):
        m.encode(m.SourcesFound(monitors=(seen,)))


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_refused(data: bytes) -> None:
    try:
        found = list(m.customer_orders().feed(len(data).to_bytes(4, "big") + data))
    except PeerBroken:
        return
    assert all(isinstance(one, m.CustomerOrder) for one in found)


def test_an_unknown_word_is_refused() -> None:
    body = msgspec.msgpack.encode({"type": "GrantEverything"})
    with pytest.raises(PeerBroken):
        list(m.customer_orders().feed(len(body).to_bytes(4, "big") + body))
