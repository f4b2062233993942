"""What the simulation is fed with: measured figures, each with where it comes from, and what is assumed of people."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

RECORDED: Final = Path(__file__).with_name("figures.json")


@dataclass(frozen=True)
class Figures:
    """Costs on one core of the machine that was measured; seconds unless the name says otherwise."""

    frame_us: float
    """A frame in or out at full rate: the whole way of a durable line is counted, so it is an upper bound."""
    line_us: float
    """A durable line in a large group."""
    group_us: float
    """What a group costs beside its lines."""
    sign_in_ms: float
    """TLS handshake, proof and presence of one client of a storm."""
    commit_fixed_ms: float
    """The one writer's turn: a group without lines, flushed."""
    commit_line_us: float
    """And each line in it."""
    unit_us: float
    """And each other row in it that is read, decided on and written: a client who signs in."""
    bus_us: float
    """From one relay to another over NATS."""
    link_kb: float
    """Memory of a silent client with TLS."""
    base_mb: float


@dataclass(frozen=True)
class Recorded:
    """Figures, and what to say about them."""

    figures: Figures
    told: tuple[str, ...]


def recorded(path: Path = RECORDED) -> Recorded:
    """The last ones that were written down."""
    document = json.loads(path.read_text("utf-8"))
    names = Figures.__dataclass_fields__
    values = {name: float(document["figures"][name]["value"]) for name in names}
    told = tuple(f"{name} {values[name]:g}: {document['figures'][name]['from']}" for name in names)
    return Recorded(Figures(**values), (f"{document['date']}, {document['machine']}", *told))


def from_bench(path: Path, known: Recorded) -> Recorded:
    """With whatever a file of `./dev bench relay --json` says anew. Raises ValueError when it says nothing of use."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    ours = {row["case"]: row for row in rows if row.get("bench") == "relay" and row.get("system") == "threeline"}
    found: dict[str, float] = {}
    if durable := ours.get("durable"):
        found["line_us"] = found["frame_us"] = float(durable["cpu_us_per_message"])
    if (steady := ours.get("rate2k")) and durable:
        lines = max(1.0, float(steady["per_s"]) * float(steady["p50_ms"]) / 1000)
        found["group_us"] = max(0.0, (float(steady["cpu_us_per_message"]) - found["line_us"]) * lines)
    if idle := ours.get("idle-tls"):
        found["link_kb"], found["base_mb"] = float(idle["kb_per_client"]), float(idle["rss_mb"])
    if storm := ours.get("storm"):
        found["sign_in_ms"] = float(storm["all_back_s"]) / float(storm["clients"]) * 1000
    if not found:
        raise ValueError(f"{path}: no line of ./dev bench relay for threeline")
    told = (f"{path}: {', '.join(f'{name} {value:.4g}' for name, value in found.items())}",)
    return Recorded(replace(known.figures, **found), (*known.told, *told))


@dataclass(frozen=True)
class Load:
    """What `clients` people do. Assumptions, not measurements: change them for your house."""

    clients: int
    talking: float = 0.05
    """Share that is in a talk at a time; somebody answers each."""
    line_every_s: float = 15.0
    """Between two lines of a talk, from either side."""
    stay_s: float = 1800.0
    """How long a client stays: as many come as go."""
    ping_s: float = 20.0
    status_every_s: float = 5.0
    """How often each client is told something that is no line: places in line, who is on duty."""

    @property
    def lines_per_s(self) -> float:
        return self.clients * self.talking / self.line_every_s

    @property
    def arrivals_per_s(self) -> float:
        return self.clients / self.stay_s

    @property
    def links(self) -> int:
        """With one agent for three talks."""
        return self.clients + round(self.clients * self.talking / 3)
