"""What will happen in a run, all of it from one number: who says how much when, and what is done to the relay.

Pure. The same seed is the same plan; `python -m tests.crash --seed N --show` prints it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal, TypeVar

T = TypeVar("T")
Service = Literal["store", "bus"]

# What people do


@dataclass(frozen=True, slots=True)
class Say:
    """A line of `length` letters, `pause_ms` after the last thing done."""

    pause_ms: int
    length: int


@dataclass(frozen=True, slots=True)
class SayAgain:
    """The line before the last is sent once more although it was acknowledged: it must stay the same line."""

    pause_ms: int


@dataclass(frozen=True, slots=True)
class DieAndReturn:
    """The person's own program is killed and started again; only its outbox file is left."""

    pause_ms: int


@dataclass(frozen=True, slots=True)
class Read:
    """Everything up to now was shown."""

    pause_ms: int


Deed = Say | SayAgain | DieAndReturn | Read


@dataclass(frozen=True, slots=True)
class Work:
    """What an agent does with one conversation before ending it."""

    lines: int
    notes: int
    pause_ms: int


# What is done to the relay


@dataclass(frozen=True, slots=True)
class Kill:
    """`kill -9`, and started again at once."""


@dataclass(frozen=True, slots=True)
class Stop:
    """SIGTERM: it drains. Started again when it is gone."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """SIGSTOP, then SIGCONT after `ms`."""

    ms: int


@dataclass(frozen=True, slots=True)
class FullDisk:
    """For `ms` no file of the relay can grow. With `kill`, it is killed while that is so."""

    ms: int
    kill: bool


@dataclass(frozen=True, slots=True)
class SlowDisk:
    """For `ms` every flush takes `delay_ms` longer. With `kill`, it is killed while that is so."""

    ms: int
    delay_ms: int
    kill: bool


@dataclass(frozen=True, slots=True)
class BadDisk:
    """For `ms` every flush fails. With `kill`, it is killed while that is so."""

    ms: int
    kill: bool


@dataclass(frozen=True, slots=True)
class Jump:
    """The relay's wall clock jumps by `seconds`, forwards or back, and stays there."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Restart:
    """`kill -9` of PostgreSQL (`store`) or NATS (`bus`), started again after `ms`."""

    service: Service
    ms: int


@dataclass(frozen=True, slots=True)
class Cut:
    """For `ms` nothing passes between the relay and PostgreSQL or NATS, and neither is told."""

    service: Service
    ms: int


Blow = Kill | Stop | Freeze | FullDisk | SlowDisk | BadDisk | Jump | Restart | Cut


@dataclass(frozen=True, slots=True)
class Strike:
    """A blow to a `relay` (where it is one for a relay), `delay_ms` after the run's `lines`-th acknowledged line."""

    lines: int
    delay_ms: int
    blow: Blow
    relay: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """`customers` and `agents` by name, each with what they do."""

    seed: int
    customers: tuple[tuple[str, tuple[Deed, ...]], ...]
    agents: tuple[tuple[str, tuple[Work, ...]], ...]
    strikes: tuple[Strike, ...]


AGENTS: Final = ("lin", "chen", "maria")
"""Of the sample organisation's service desk."""
KINDS: Final = ("kill", "freeze", "full", "slow", "bad", "jump", "stop")
"""Of one relay on SQLite."""
CLUSTER_KINDS: Final = ("kill", "store", "cut_store", "bus", "cut_bus", "lapse", "freeze", "stop", "jump")
"""Of relays on PostgreSQL and NATS."""
LEASE_MS: Final = 7000
"""Of the relays on PostgreSQL, which ends what a frozen relay has begun after five seconds: a lease must be longer."""
_HOUR_S: Final = 3600


class Dice:
    """The same throws for the same name, on every machine and Python."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thrown = 0

    def below(self, count: int) -> int:
        """One of 0 ... count - 1."""
        self._thrown += 1
        digest = sha256(f"{self._name}/{self._thrown}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % count

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.below(len(choices))]


def make(seed: int, *, customers: int = 8, lines: int = 50, kinds: Sequence[str] = KINDS, relays: int = 1) -> Plan:
    """A plan with one blow of each of `kinds`, in their order, spread over the customers' lines."""
    dice, victims = Dice(f"{seed}/nemesis"), Dice(f"{seed}/victims")
    between = customers * lines * 8 // 10 // max(1, len(kinds))
    strikes = [
        Strike(place * between + dice.below(between), dice.below(60), _blow(dice, kind), victims.below(relays))
        for place, kind in enumerate(kinds)
    ]
    return Plan(
        seed=seed,
        customers=tuple((f"customer{n}", _deeds(Dice(f"{seed}/customer{n}"), lines)) for n in range(customers)),
        agents=tuple((name, _works(Dice(f"{seed}/{name}"))) for name in AGENTS),
        strikes=tuple(strikes),
    )


def shuffled(seed: int, kinds: Sequence[str]) -> tuple[str, ...]:
    """The kinds in an order that the seed decides."""
    dice, left = Dice(f"{seed}/order"), list(kinds)
    return tuple(left.pop(dice.below(len(left))) for _ in kinds)


def show(plan: Plan) -> str:
    """For people: the blows, then what each person does."""
    told = [f"seed {plan.seed}"]
    told += [f"after line {each.lines} + {each.delay_ms} ms, relay {each.relay}: {each.blow}" for each in plan.strikes]
    told += [f"{name}: {' '.join(_word(deed) for deed in deeds)}" for name, deeds in plan.customers]
    told += [f"{name}: {' '.join(f'{w.lines}+{w.notes}/{w.pause_ms}' for w in works)}" for name, works in plan.agents]
    return "\n".join(told)


def _deeds(dice: Dice, lines: int) -> tuple[Deed, ...]:
    deeds: list[Deed] = []
    for _ in range(lines):
        deeds.append(Say(dice.pick((5, 10, 20, 20, 40, 120)), dice.pick((1, 8, 40, 300, 4000))))
        extra = dice.below(20)
        if extra == 0:
            deeds.append(DieAndReturn(dice.below(30)))
        elif extra <= 2:
            deeds.append(SayAgain(dice.below(30)))
        elif extra <= 5:
            deeds.append(Read(dice.below(30)))
    return tuple(deeds)


def _works(dice: Dice) -> tuple[Work, ...]:
    return tuple(Work(4 + dice.below(12), dice.below(4), 20 + dice.below(80)) for _ in range(20))


def _blow(dice: Dice, kind: str) -> Blow:
    ms = 150 + dice.below(500)
    kill = dice.below(2) == 0
    match kind:
        case "kill":
            return Kill()
        case "stop":
            return Stop()
        case "freeze":
            return Freeze(ms)
        case "lapse":
            return Freeze(LEASE_MS + 1500 + ms)
        case "store" | "bus":
            return Restart("store" if kind == "store" else "bus", ms * 2)
        case "cut_store" | "cut_bus":
            return Cut("store" if kind == "cut_store" else "bus", ms * 5)
        case "full":
            return FullDisk(ms, kill)
        case "slow":
            return SlowDisk(ms, 20 + dice.below(100), kill)
        case "bad":
            return BadDisk(ms, kill)
        case "jump":
            return Jump((1 + dice.below(6)) * _HOUR_S * dice.pick((1, -1)))
        case _:
            raise ValueError(f"no such blow: {kind}")


def _word(deed: Deed) -> str:
    match deed:
        case Say(pause_ms, length):
            return f"say{length}/{pause_ms}"
        case SayAgain(pause_ms):
            return f"again/{pause_ms}"
        case DieAndReturn(pause_ms):
            return f"die/{pause_ms}"
        case Read(pause_ms):
            return f"read/{pause_ms}"
