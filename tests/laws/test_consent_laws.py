"""Law 3, at its heart: nothing is allowed without a live grant to that very agent, whatever happened before."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from shared.protocol.types import Capability, Grant
from shared.rules import consent as c

AGENTS = ("lin", "ana", "erik")
CAPABILITIES: tuple[Capability, ...] = ("view", "point", "control", "files.send")

agents = st.sampled_from(AGENTS)
capabilities = st.sampled_from(CAPABILITIES)
moments = st.integers(0, 100)


@dataclass(frozen=True)
class Ask:
    agent: str
    capabilities: tuple[Capability, ...]
    deadline: int


@dataclass(frozen=True)
class Answer:
    agent: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class Revoke:
    agent: str
    capability: Capability


@dataclass(frozen=True)
class Plain:
    what: str


grants = st.builds(Grant, capability=capabilities, agent_id=agents, until_ms=moments)
acts = st.one_of(
    st.builds(Ask, agents, st.lists(capabilities, min_size=1, max_size=4).map(tuple), moments),
    st.builds(Answer, agents, st.lists(grants, max_size=4).map(tuple)),
    st.builds(Revoke, agents, capabilities),
    st.builds(Plain, st.sampled_from(["pause", "resume", "stop", "sweep"])),
)
steps = st.lists(st.tuples(acts, st.integers(0, 10)), max_size=40)


@dataclass
class Book:
    """What the customer has said, kept in the plainest way: the end of each grant, or none."""

    until: dict[tuple[str, Capability], int]
    paused: bool = False
    stopped: bool = False

    def may(self, agent: str, capability: Capability, now: int) -> bool:
        live = self.until.get((agent, capability), 0) > now
        sees = self.until.get((agent, "view"), 0) > now
        return live and sees | (capability not in c.NEEDS_VIEW) and not self.paused and not self.stopped


def follow(consent: c.Consent, book: Book, act: Ask | Answer | Revoke | Plain, now: int) -> c.Consent:
    match act:
        case Ask(agent, wanted, deadline):
            asked = c.ask(consent, agent, wanted, "why", deadline, now)
            return asked if isinstance(asked, c.Consent) else consent
        case Answer(agent, given_now):
            answered = c.answer(consent, agent, given_now, now)
            if not isinstance(answered, c.Consent):
                return consent
            book.until.update({(one.agent_id, one.capability): one.until_ms for one in given_now})
            return answered
        case Revoke(agent, capability):
            book.until.pop((agent, capability), None)
            if capability == "view":
                for blind in c.NEEDS_VIEW:
                    book.until.pop((agent, blind), None)
            return c.revoke(consent, agent, capability)[0]
        case Plain("pause"):
            book.paused = True
            return c.pause(consent)
        case Plain("resume"):
            book.paused = False
            return c.resume(consent)
        case Plain("stop"):
            book.stopped = True
            return c.stop(consent)[0]
        case Plain(_):
            return c.sweep(consent, now)[0]


@given(steps)
def test_allowed_means_a_live_grant_to_that_very_agent(
    history: list[tuple[Ask | Answer | Revoke | Plain, int]],
) -> None:
    consent, book, now = c.NOTHING, Book({}), 0
    for act, later in history:
        now += later
        consent = follow(consent, book, act, now)
        for agent in AGENTS:
            for capability in CAPABILITIES:
                if c.decide(consent, agent, capability, now) == "allowed":
                    assert book.may(agent, capability, now), (agent, capability)


@given(steps)
def test_sweeping_changes_no_decision(history: list[tuple[Ask | Answer | Revoke | Plain, int]]) -> None:
    consent, book, now = c.NOTHING, Book({}), 0
    for act, later in history:
        now += later
        consent = follow(consent, book, act, now)
        swept, ended = c.sweep(consent, now)
        wake = c.next_wake_ms(swept)
        assert wake is None or wake > now
        assert {(one.agent_id, one.capability) for one in ended}.isdisjoint(swept.held)
        for agent in AGENTS:
            for capability in CAPABILITIES:
                before = c.decide(consent, agent, capability, now) == "allowed"
                assert before == (c.decide(swept, agent, capability, now) == "allowed")


@given(steps, steps)
def test_stop_is_for_good(
    before: list[tuple[Ask | Answer | Revoke | Plain, int]], after: list[tuple[Ask | Answer | Revoke | Plain, int]]
) -> None:
    consent, book, now = c.NOTHING, Book({}), 0
    for act, later in [*before, (Plain("stop"), 0), *after]:
        now += later
        consent = follow(consent, book, act, now)
    assert c.grants(consent) == ()
    assert all(c.decide(consent, a, one, now) == "stopped" for a in AGENTS for one in CAPABILITIES)


@given(agents, st.lists(capabilities, min_size=1, unique=True), st.integers(1, 50), st.integers(51, 100))
def test_what_is_granted_is_allowed_until_its_end_and_no_longer(
    agent: str, wanted: list[Capability], now: int, until: int
) -> None:
    every = tuple({*wanted, "view"})
    asked = c.ask(c.NOTHING, agent, every, "why", 60, now)
    assert isinstance(asked, c.Consent)
    granted = c.answer(asked, agent, [Grant(capability=one, agent_id=agent, until_ms=until) for one in every], now)
    assert isinstance(granted, c.Consent)
    for capability in every:
        assert c.decide(granted, agent, capability, until - 1) == "allowed"
        assert c.decide(granted, agent, capability, until) == "expired"
