"""Reads what strace wrote about a relay, and judges whether each acknowledgement followed a flush of its own. Pure.

TLS hides what is written, so each customer has one open line at a time and nothing else is told to them: whatever the
relay writes to their socket after it has read from it is the acknowledgement.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

CALLS: Final = "fdatasync,fsync,read,recvfrom,recvmsg,write,writev,sendto,sendmsg"
STRACE: Final = ("strace", "-f", "-qq", "-ttt", "-yy", "-s", "0", "-e", f"trace={CALLS}")
"""One line a call, whole or as `<unfinished ...>` and `<... resumed>`; sockets with both their addresses."""

Kind = Literal["read", "write", "flush"]
_KINDS: Final[dict[str, Kind]] = {
    "fdatasync": "flush",
    "fsync": "flush",
    "read": "read",
    "recvfrom": "read",
    "recvmsg": "read",
    "write": "write",
    "writev": "write",
    "sendto": "write",
    "sendmsg": "write",
}
_BEGUN: Final = re.compile(r"^(\d+) +([\d.]+) (\w+)\(\d+<(.*?)>(?=[,) ])")
_RESUMED: Final = re.compile(r"^(\d+) +([\d.]+) <\.\.\. (\w+) resumed>")
_PEER: Final = re.compile(r"TCP(?:v6)?:\[.*->.*:(\d+)\]")
_DONE: Final = re.compile(r"\) += (-?\d+)")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that succeeded. `begun` and `done` are places in the trace; `what` is the peer's port or the file."""

    kind: Kind
    what: str
    begun: int
    done: int
    at_s: float


def parse(lines: Iterable[str]) -> Iterator[Call]:
    """The calls in the order in which they ended."""
    open_calls: dict[str, Call] = {}
    for place, line in enumerate(lines):
        begun, resumed = _BEGUN.match(line), _RESUMED.match(line)
        if begun is not None and begun[3] in _KINDS:
            call = Call(_KINDS[begun[3]], _name(begun[4]), place, place, float(begun[2]))
            if "<unfinished ...>" in line:
                open_calls[begun[1]] = call
            elif _succeeded(line, call.kind):
                yield call
        elif resumed is not None and (waiting := open_calls.pop(resumed[1], None)) and _succeeded(line, waiting.kind):
            yield Call(waiting.kind, waiting.what, waiting.begun, place, waiting.at_s)


def _name(described: str) -> str:
    peer = _PEER.search(described)
    return peer[1] if peer else described


def _succeeded(line: str, kind: Kind) -> bool:
    done = _DONE.search(line)
    return done is not None and (int(done[1]) == 0 if kind == "flush" else int(done[1]) > 0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`answers`: writes to the customers' sockets; `hasty`: those that no flush of the log went before."""

    answers: int
    hasty: int
    flushes: int


def judge(calls: Iterable[Call], ports: frozenset[str], log: str, since_s: float) -> Verdict:
    """Each write to one of the `ports` must come after a flush of the file that ends with `log`, and that flush must
    have begun after the relay last read from that socket: an earlier one cannot hold what was read."""
    answers = hasty = flushes = 0
    read_at: dict[str, int] = {}
    last_flush = -1
    for call in sorted((each for each in calls if each.at_s >= since_s), key=lambda each: each.done):
        if call.kind == "flush" and call.what.endswith(log):
            flushes += 1
            last_flush = max(last_flush, call.begun)
        elif call.what in ports and call.kind == "read":
            read_at[call.what] = call.done
        elif call.what in ports:
            answers += 1
            hasty += last_flush <= read_at.get(call.what, -1)
    return Verdict(answers, hasty, flushes)
