"""`python -m benchmarks.media.wire [CASE...]`: pictures over poor networks, engine to engine, without windows.

A sharer (of a 1080p screen that is drawn in memory), one viewer or three, and between them the shaper: each a process
of its own on this machine. Latency spans from the moment the screen changed to the picture lying ready to be painted.
Without names all cases run, 10 s each.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any, Final

from benchmarks.media.shaper import Path, Shaper, open_shaper
from benchmarks.media.wire_ends import RATES
from benchmarks.report import Row, percentile, show
from shared.media.stats import now_us

M: Final = 1_000_000
FAR: Final = 0.02
WARM_S: Final = 2.0
COUNTED_S: Final = 8.0
_LINE: Final = 1 << 22


@dataclass(frozen=True)
class Case:
    """`steps`: (seconds, path) from then on, for the first viewer."""

    mode: str
    paths: tuple[Path, ...]
    steps: tuple[tuple[float, Path], ...] = ()
    warm_s: float = WARM_S
    counted_s: float = COUNTED_S


def _far(**values: Any) -> Path:
    return Path(delay_s=FAR, **values)


CASES: Final[dict[str, Case]] = {
    "lan": Case("scroll", (Path(),)),
    "loss1": Case("scroll", (_far(loss=0.01),)),
    "loss3": Case("scroll", (_far(loss=0.03),)),
    "video-lan": Case("video", (Path(),)),
    "video-loss1": Case("video", (_far(loss=0.01),)),
    "video-loss3": Case("video", (_far(loss=0.03),)),
    "jitter": Case("video", (_far(loss=0.01, jitter_s=0.02),)),
    "cap1M": Case("scroll", (_far(rate_bps=M),)),
    "video-cap1M": Case("video", (_far(rate_bps=M),)),
    "cap300k": Case("scroll", (_far(rate_bps=300_000),)),
    "video-cap300k": Case("video", (_far(rate_bps=300_000),)),
    "typing300k": Case("typing", (_far(rate_bps=300_000),), warm_s=6.0),
    "page300k": Case("page", (_far(rate_bps=300_000),)),
    "step": Case(
        "video",
        (_far(rate_bps=5 * M),),
        ((4.0, _far(rate_bps=M // 2)), (8.0, _far(rate_bps=5 * M))),
        counted_s=10.0,
    ),
    "plunge": Case("scroll", (Path(),), ((3.0, Path(rate_bps=300_000)), (9.0, Path())), counted_s=12.0),
    "page-plunge": Case("page", (Path(),), ((3.0, Path(rate_bps=300_000)), (11.0, Path())), counted_s=14.0),
    "first20M": Case("scroll", (_far(rate_bps=20 * M),), counted_s=2.0),
    "three": Case("video", (_far(rate_bps=20 * M), _far(rate_bps=20 * M), _far(rate_bps=300_000))),
}


@dataclass
class End:
    """One process at the end of pipes."""

    process: asyncio.subprocess.Process
    heard: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    async def start(cls, *words: object) -> "End":
        command = [sys.executable, "-m", "benchmarks.media.wire_ends", *map(str, words)]
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=_LINE))

    async def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            line = await self.process.stdout.readline()
        return json.loads(line)

    def tell(self, **words: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words).encode() + b"\n")

    async def close(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


async def run(name: str, case: Case) -> list[Row]:
    """Plays one case; a row for each viewer."""
    begin_us = now_us()
    async with AsyncExitStack() as stack:
        shapers = [await stack.enter_async_context(open_shaper(path, seed=7)) for path in case.paths]
        sharer = await End.start("sharer", case.mode, begin_us, len(shapers))
        stack.push_async_callback(sharer.close)
        viewers: list[End] = []
        for shaper in shapers:
            viewer = await End.start("viewer")
            stack.push_async_callback(viewer.close)
            viewers.append(viewer)
            viewer.tell(offer=shaper.offer((await sharer.hear())["offer"]))
            sharer.tell(answer=shaper.answer((await viewer.hear())["answer"]))
        started = now_us()
        bytes_before = await _play(case, shapers)
        told = [await _asked(viewer) for viewer in viewers]
        shared = await _asked(sharer)
    from_us, until_us = started + int(case.warm_s * 1e6), started + int((case.warm_s + case.counted_s) * 1e6)
    shown = [f"{name}" if len(told) == 1 else f"{name}.{number}" for number in range(len(told))]
    rows: list[Row] = []
    for label, words, shaper, before in zip(shown, told, shapers, bytes_before, strict=True):
        span_s = (now_us() - from_us) / 1e6
        figures = _figures(words, case.mode, begin_us, from_us, until_us)
        figures["kbps"] = (shaper.down.bytes_delivered - before) * 8 / 1000 / span_s
        figures["dropped"] = float(shaper.down.dropped)
        figures["cpu_sharer"] = shared["cpu"]
        rows.append(Row("wire", label, "threeline", figures))
        if case.steps:
            rows += _by_second(label, words, case, begin_us, started)
    return rows


async def _asked(end: End) -> dict[str, Any]:
    end.tell()
    return await end.hear()


async def _play(case: Case, shapers: list[Shaper]) -> list[int]:
    """Runs the clock; what each shaper had delivered when counting began."""
    loop = asyncio.get_running_loop()
    plan: list[tuple[float, Callable[[], None]]] = []
    before = [0] * len(shapers)

    def count() -> None:
        before[:] = [shaper.down.bytes_delivered for shaper in shapers]

    def change(path: Path) -> None:
        shapers[0].down.path = path

    plan.append((case.warm_s, count))
    plan += [(at, lambda path=path: change(path)) for at, path in case.steps]
    begun = loop.time()
    for at, act in sorted(plan, key=lambda each: each[0]):
        await asyncio.sleep(max(0.0, begun + at - loop.time()))
        act()
    await asyncio.sleep(max(0.0, begun + case.warm_s + case.counted_s + 0.5 - loop.time()))
    return before


def _figures(words: dict[str, Any], mode: str, begin_us: int, from_us: int, until_us: int) -> dict[str, float]:
    late = _delays(words, mode, begin_us, from_us, until_us)
    span_s = (until_us - from_us) / 1e6
    counts = {key: float(words[key]) for key in ("nacks", "plis", "lost", "first_ms")}
    if not late:
        return {"fps": 0.0, **counts}
    return {
        "fps": len(late) / span_s,
        "p50_ms": percentile(late, 0.5),
        "p99_ms": percentile(late, 0.99),
        "max_ms": max(late),
        **counts,
    }


def _delays(words: dict[str, Any], mode: str, begin_us: int, from_us: int, until_us: int) -> list[float]:
    drawn = {number: begin_us + number / RATES[mode] * 1e6 for number, _ in words["seen"]}
    return [(at - drawn[number]) / 1000 for number, at in words["seen"] if from_us <= drawn[number] < until_us]


def _by_second(label: str, words: dict[str, Any], case: Case, begin_us: int, started: int) -> list[Row]:
    rows: list[Row] = []
    for second in range(int(case.warm_s), int(case.warm_s + case.counted_s)):
        from_us = started + second * 1_000_000
        late = _delays(words, case.mode, begin_us, from_us, from_us + 1_000_000)
        figures = {"fps": float(len(late))}
        if late:
            figures |= {"p50_ms": percentile(late, 0.5), "max_ms": max(late)}
        rows.append(Row("wire", f"{label} second {second}", "threeline", figures))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], default=[])
    parser.add_argument("--json", type=File)
    given = parser.parse_args()
    rows: list[Row] = []
    for name in given.cases or CASES:
        rows += asyncio.run(run(name, CASES[name]))
    show(rows, given.json)


if __name__ == "__main__":
    main()
