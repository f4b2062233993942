"""Consent as the customer's machine keeps it: who may do what until when. Nothing else decides.

Each capability of each agent is in one state; `TABLE` says which events move it, a missing key is a refusal.
The customer's window runs the whole machine, its session process holds what was granted and asks `decide` about every
input event.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from shared.protocol.types import Capability, Grant

State = Literal["idle", "asked", "granted"]
Event = Literal["ask", "grant", "refuse", "deadline", "expire", "revoke", "stop"]
Refusal = Literal["not_asked", "needs_view", "expired", "stopped"]
Decision = Literal["allowed", "no_grant", "expired", "paused", "stopped"]

TABLE: Final[MappingProxyType[tuple[State, Event], State]] = MappingProxyType(
    {
        ("idle", "ask"): "asked",
        ("asked", "grant"): "granted",
        ("asked", "refuse"): "idle",
        ("asked", "deadline"): "idle",
        ("asked", "stop"): "idle",
        ("granted", "grant"): "granted",
        ("granted", "revoke"): "idle",
        ("granted", "expire"): "idle",
        ("granted", "stop"): "idle",
    }
)
"""`granted` + `grant` gives more time. Taking a question back is `refuse`."""

NEEDS_VIEW: Final[frozenset[Capability]] = frozenset({"point", "control", "record"})
"""Whoever points at or works on a screen must be allowed to see it."""

Key = tuple[str, Capability]


@dataclass(frozen=True, slots=True)
class Held:
    """One capability of one agent; idle ones are not kept. `until_ms` is the deadline while asked, then the expiry."""

    state: State
    until_ms: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """All that is asked and granted in one remote session. `stopped` is for good."""

    held: MappingProxyType[Key, Held] = field(default_factory=lambda: MappingProxyType({}))
    paused: bool = False
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A grant or a question that is over."""

    agent_id: str
    capability: Capability
    was: State


NOTHING: Final = Consent()


def state_of(consent: Consent, agent_id: str, capability: Capability) -> State:
    """The state as kept; `decide` also looks at the time."""
    held = consent.held.get((agent_id, capability))
    return held.state if held else "idle"


def decide(consent: Consent, agent_id: str, capability: Capability, now_ms: int) -> Decision:
    """Whether this agent may use this capability at this moment. Expiry holds without anyone having swept."""
    if consent.stopped:
        return "stopped"
    held = consent.held.get((agent_id, capability))
    if held is None or held.state != "granted":
        return "no_grant"
    if now_ms >= held.until_ms:
        return "expired"
    if capability in NEEDS_VIEW and (seen := decide(consent, agent_id, "view", now_ms)) != "allowed":
        return seen
    return "paused" if consent.paused else "allowed"


def ask(
    consent: Consent, agent_id: str, capabilities: Iterable[Capability], reason: str, deadline_ms: int, now_ms: int
) -> Consent | Refusal:
    """The agent asks; what is already asked or granted stays as it is."""
    if consent.stopped:
        return "stopped"
    if now_ms >= deadline_ms:
        return "expired"
    held = dict(consent.held)
    for capability in capabilities:
        if after := TABLE.get((state_of(consent, agent_id, capability), "ask")):
            held[agent_id, capability] = Held(after, deadline_ms, reason)
    return replace(consent, held=MappingProxyType(held))


def answer(consent: Consent, agent_id: str, grants: Sequence[Grant], now_ms: int) -> Consent | Refusal:
    """The customer's one answer to all that this agent has asked: what `grants` leaves out is refused.

    A grant for what is already granted gives it a new end. All or nothing: a refusal changes nothing.
    """
    granted = grant(consent, grants, now_ms)
    if not isinstance(granted, Consent):
        return granted
    if any(one.agent_id != agent_id for one in grants):
        return "not_asked"
    left = {key: one for key, one in granted.held.items() if key[0] != agent_id or one.state != "asked"}
    return replace(granted, held=MappingProxyType(left))


def grant(consent: Consent, grants: Sequence[Grant], now_ms: int) -> Consent | Refusal:
    """Grants what was asked, or gives more time. Mouse and keyboard need the view, granted before or with them."""
    if consent.stopped:
        return "stopped"
    held = dict(consent.held)
    for one in grants:
        before = held.get((one.agent_id, one.capability))
        if before is None or (before.state, "grant") not in TABLE:
            return "not_asked"
        if now_ms >= one.until_ms or (before.state == "asked" and now_ms >= before.until_ms):
            return "expired"
        held[one.agent_id, one.capability] = Held(TABLE[before.state, "grant"], one.until_ms, before.reason)
    after = replace(consent, held=MappingProxyType(held))
    if any(one.capability in NEEDS_VIEW and not _sees(after, one.agent_id, now_ms) for one in grants):
        return "needs_view"
    return after


def revoke(consent: Consent, agent_id: str, capability: Capability) -> tuple[Consent, tuple[Ended, ...]]:
    """Takes a grant back, and with the view all that needs it. Nothing granted: nothing happens."""
    over = {capability, *(NEEDS_VIEW if capability == "view" else ())}
    return _end(consent, [key for key in consent.held if key[0] == agent_id and key[1] in over], "revoke")


def refuse(consent: Consent, agent_id: str) -> tuple[Consent, tuple[Ended, ...]]:
    """No to all that this agent has asked; also when the question is taken back."""
    return _end(consent, [key for key in consent.held if key[0] == agent_id], "refuse")


def sweep(consent: Consent, now_ms: int) -> tuple[Consent, tuple[Ended, ...]]:
    """Ends questions past their deadline and grants past their end, and what needed them."""
    late = [key for key, one in consent.held.items() if now_ms >= one.until_ms]
    blind = {key[0] for key in late if key[1] == "view"}
    late += [key for key in consent.held if key[0] in blind and key[1] in NEEDS_VIEW and key not in late]
    after, asked = _end(consent, late, "deadline")
    after, granted = _end(after, late, "expire")
    return after, asked + granted


def pause(consent: Consent) -> Consent:
    """Nobody sees or does anything; grants stay and their time runs on."""
    return replace(consent, paused=True)


def resume(consent: Consent) -> Consent:
    """Ends a pause."""
    return replace(consent, paused=False)


def stop(consent: Consent) -> tuple[Consent, tuple[Ended, ...]]:
    """Ends everything for good."""
    after, ended = _end(consent, list(consent.held), "stop")
    return replace(after, stopped=True), ended


def grants(consent: Consent) -> tuple[Grant, ...]:
    """What is granted, by agent and capability."""
    live = sorted(key for key, one in consent.held.items() if one.state == "granted")
    return tuple(Grant(agent_id=key[0], capability=key[1], until_ms=consent.held[key].until_ms) for key in live)


def next_wake_ms(consent: Consent) -> int | None:
    """When `sweep` next has something to do; None: never."""
    return min((one.until_ms for one in consent.held.values()), default=None)


def diagram() -> str:
    """The table as a Mermaid state diagram, for docs/."""
    arrows = [f"    {before} --> {after}: {event}" for (before, event), after in TABLE.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> idle", *arrows])


def _sees(consent: Consent, agent_id: str, now_ms: int) -> bool:
    return decide(consent, agent_id, "view", now_ms) in ("allowed", "paused")


def _end(consent: Consent, keys: Sequence[Key], event: Event) -> tuple[Consent, tuple[Ended, ...]]:
    over = [key for key in keys if key in consent.held and (consent.held[key].state, event) in TABLE]
    left = {key: one for key, one in consent.held.items() if key not in over}
    ended = tuple(Ended(key[0], key[1], consent.held[key].state) for key in over)
    return replace(consent, held=MappingProxyType(left)), ended
