"""System information leaves only by Send, only what was left in, only under a grant in force."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec
import pytest

from shared.common.errors import PeerBroken
from shared.control.facts import (
    MAX_FACTS,
    MAX_FACTS_BYTES,
    MAX_NAME,
    MAX_VALUE,
    SECTIONS,
    Ask,
    Fact,
    Facts,
    Section,
    Withheld,
    decode_ask,
    decode_told,
    encode,
)
from shared.protocol.types import Capability
from shared.session import channel as m
from shared.session.facts import GAP_MS, AgentFacts, CustomerFacts
from shared.session.facts_messages import (
    AskFacts,
    FactsCame,
    FactsGathered,
    FactsOver,
    FactsWithheld,
    KeepFacts,
    SendFacts,
)

SEEN = (
    Section("system", (Fact("os", "Debian 12"),)),
    Section("addresses", (Fact("address", "10.0.0.5", "eth0"),)),
)
ASK = encode(Ask())


class House:
    """The customer's session around the part."""

    def __init__(self) -> None:
        self.allowed = True
        self.now = 1_000_000
        self.open = True
        self.reports: list[m.CustomerReport] = []
        self.said: list[Facts | Withheld] = []
        self.uses: list[bool] = []
        self.work: list[Coroutine[object, object, None]] = []
        self.part = CustomerFacts(self, lambda: SEEN)

    def report(self, report: m.CustomerReport) -> None:
        self.reports.append(report)

    report_latest = report

    def say(self, agent_id: str, channel: str, data: bytes) -> bool:
        if self.open:
            assert (agent_id, channel) == ("lin", "facts")
            self.said.append(decode_told(data))
        return self.open

    def waiting(self, agent_id: str, channel: str) -> int:
        return 0

    def allows(self, agent_id: str, capability: Capability) -> bool:
        assert capability == "sysinfo"
        return self.allowed

    def used(self, agent_id: str, capability: Capability, *, refused: bool = False) -> None:
        self.uses.append(not refused)

    def now_ms(self) -> int:
        return self.now

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        self.work.append(work)

    def ask(self) -> None:
        self.part.message("lin", ASK)
        for work in self.work:
            asyncio.run(_done(work))
        self.work.clear()

    def gathered(self) -> list[FactsGathered]:
        return [one for one in self.reports if isinstance(one, FactsGathered)]


async def _done(work: Coroutine[object, object, None]) -> None:
    await work


@pytest.fixture
def house() -> House:
    return House()


def test_nothing_leaves_before_send_and_then_only_what_is_left_in(house: House) -> None:
    house.ask()
    assert house.gathered() == [FactsGathered(agent_id="lin", snapshot=1, sections=SEEN)]
    assert house.said == []
    assert house.uses == []
    house.part.order(SendFacts(agent_id="lin", snapshot=1, sections=("system",)))
    assert house.said == [Facts((SEEN[0],))]
    assert house.uses == [True]
    house.part.order(SendFacts(agent_id="lin", snapshot=1, sections=("system", "addresses")))
    assert len(house.said) == 1


def test_do_not_send_says_so_and_sends_nothing(house: House) -> None:
    house.ask()
    house.part.order(KeepFacts(agent_id="lin", snapshot=1))
    assert house.said == [Withheld("refused")]
    house.part.order(SendFacts(agent_id="lin", snapshot=1, sections=("system",)))
    assert house.said == [Withheld("refused")]
    assert house.uses == []


def test_without_a_grant_nothing_is_even_read(house: House) -> None:
    house.allowed = False
    house.ask()
    assert house.gathered() == []
    assert house.work == []
    assert house.said == [Withheld("not_allowed")]
    assert house.uses == [False]


@pytest.mark.parametrize("how", ["taken back", "stopped"])
def test_what_waits_goes_with_the_grant(house: House, how: str) -> None:
    house.ask()
    house.allowed = False
    if how == "stopped":
        house.part.stop()
    else:
        house.part.standing_changed()
    assert house.reports[-1] == FactsOver(agent_id="lin")
    house.allowed = True
    house.part.order(SendFacts(agent_id="lin", snapshot=1, sections=("system",)))
    assert house.said == []


def test_a_grant_that_ends_while_it_is_gathered_leaves_nothing(house: House) -> None:
    house.part.message("lin", ASK)
    house.allowed = False
    asyncio.run(_done(house.work.pop()))
    assert house.reports == []


def test_a_grant_that_ends_at_the_press_sends_nothing(house: House) -> None:
    house.ask()
    house.allowed = False
    house.part.order(SendFacts(agent_id="lin", snapshot=1, sections=("system",)))
    assert house.said == []
    assert house.uses == []


def test_asking_again_and_again_is_not_heard(house: House) -> None:
    for _ in range(5):
        house.ask()
    assert len(house.gathered()) == 1
    house.part.order(KeepFacts(agent_id="lin", snapshot=1))
    house.ask()
    assert len(house.gathered()) == 1
    house.now += GAP_MS
    house.ask()
    assert [one.snapshot for one in house.gathered()] == [1, 2]


def test_an_old_look_cannot_be_sent_as_a_new_one(house: House) -> None:
    house.ask()
    house.part.order(KeepFacts(agent_id="lin", snapshot=1))
    house.now += GAP_MS
    house.ask()
    house.part.order(SendFacts(agent_id="lin", snapshot=1, sections=("system",)))
    assert house.said == [Withheld("refused")]


class Office:
    """The agent's session around the part."""

    def __init__(self) -> None:
        self.open = True
        self.said: list[bytes] = []
        self.reports: list[m.AgentReport] = []
        self.part = AgentFacts(self)

    def report(self, report: m.AgentReport) -> None:
        self.reports.append(report)

    report_latest = report

    def say(self, channel: str, data: bytes) -> bool:
        self.said += [data] if self.open else []
        return self.open

    def waiting(self, channel: str) -> int:
        return 0

    def spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        raise AssertionError("nothing runs on this side")


def test_the_agent_asks_and_shows_what_came_as_plain_lines() -> None:
    office = Office()
    office.part.order(AskFacts())
    assert decode_ask(office.said[0]) == Ask()
    nasty = Section("storage", (Fact("disk", "1\n2\x1b[31m\u202e3", "/\u200b"),))
    office.part.message(encode(Facts((nasty,))))
    (came,) = office.reports
    assert isinstance(came, FactsCame)
    assert came.sections == (Section("storage", (Fact("disk", "1 2 [31m 3", "/"),)),)


def test_without_a_connection_the_agent_is_told() -> None:
    office = Office()
    office.open = False
    office.part.order(AskFacts())
    office.part.connected(False)
    assert office.reports == [FactsWithheld(why="lost"), FactsWithheld(why="lost")]


def _packed(what: Any) -> bytes:
    return msgspec.msgpack.encode(what)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        _packed(["Facts", [["system", [["os", "x" * (MAX_VALUE + 1)]]]]]),
        _packed(["Facts", [["system", [["os", "x", "n" * (MAX_NAME + 1)]]]]]),
        _packed(["Facts", [["system", [["password", "x"]]]]]),
        _packed(["Facts", [["letters", []]]]),
        _packed(["Facts", [["system", [["os", "x"]] * (MAX_FACTS + 1)]]]),
        _packed(["Facts", [["system", []]] * (len(SECTIONS) + 1)]),
        _packed(["Withheld", "because"]),
        b"\x00" * (MAX_FACTS_BYTES + 1),
    ],
)
def test_what_is_none_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(PeerBroken):
        decode_told(data)
    with pytest.raises(PeerBroken):
        decode_ask(data)
