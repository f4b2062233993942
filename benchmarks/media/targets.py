"""What we want of the media path, and whether a run reached it. All of it is asked of `threeline` beside the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.report import Row

Figures = dict[str, float]
Found = dict[tuple[str, str], Figures]
"""By system and case."""
OURS = "threeline"
COMPARED = ("chromium", "chromium-h264", "x0vncserver", "x11vnc", "aiortc")
NEVER = ("exact_s", "p50_ms", "p99_ms")
"""Figures that a case lacks when what they measure did not happen."""
RATIOS = ("p50_ms", "p99_ms", "fps", "cpu_sharing", "cpu_viewing", "kbps")


@dataclass(frozen=True)
class Verdict:
    """`reached` None: this run did not measure it."""

    words: str
    reached: bool | None
    told: str


@dataclass(frozen=True)
class Target:
    """`figure` of ours in `case` against a bound, or against `times` the same figure of `other`."""

    case: str
    figure: str
    limit: float
    other: str = ""
    at_least: bool = False

    def words(self) -> str:
        sign = "at least" if self.at_least else "at most"
        bound = f"{self.limit:g} x {self.other}'s" if self.other else f"{self.limit:g}"
        return f"{self.case}: {self.figure} {sign} {bound}"

    def judge(self, found: Found) -> Verdict:
        """Against what one run found."""
        ours = found.get((OURS, self.case), {}).get(self.figure)
        theirs = found.get((self.other, self.case), {}).get(self.figure) if self.other else 1.0
        if ours is None or not theirs:
            missed = self._is_missed(found)
            return Verdict(self.words(), False if missed else None, "never" if missed else "not measured")
        value = ours / theirs
        reached = value >= self.limit if self.at_least else value <= self.limit
        told = f"{value:.2f} ({ours:.3g} / {theirs:.3g})" if self.other else f"{ours:.3g}"
        return Verdict(self.words(), reached, told)

    def _is_missed(self, found: Found) -> bool:
        """A picture that never became exact, or frames that never came, are no gap in the run."""
        ours = found.get((OURS, self.case))
        return ours is not None and self.figure in NEVER and self.figure not in ours


TARGETS = (
    Target("scroll", "p50_ms", 0.25, "chromium"),
    Target("scroll", "p50_ms", 0.4, "x0vncserver"),
    Target("scroll", "cpu_sharing", 0.45, "chromium"),
    Target("scroll", "fps", 29.5, at_least=True),
    Target("video", "fps", 29.5, at_least=True),
    Target("drag", "fps", 29.5, at_least=True),
    Target("mixed", "fps", 29.5, at_least=True),
    Target("typing", "p50_ms", 1.0, "x0vncserver"),
    Target("typing", "cpu_sharing", 3.0, "x0vncserver"),
    Target("typing", "fps", 9.8, at_least=True),
    *(Target(case, "exact_s", 1.0) for case in ("scroll", "typing", "video", "drag", "mixed", "still")),
    Target("scroll-loss1", "fps", 29, at_least=True),
    Target("scroll-loss1", "p99_ms", 60),
    Target("scroll-loss3-delay20", "fps", 28, at_least=True),
    Target("scroll-loss3-delay20", "p99_ms", 90),
    Target("scroll-1M", "fps", 29, at_least=True),
    Target("scroll-1M", "p50_ms", 80),
    Target("scroll-300k", "p50_ms", 200),
    Target("typing-300k", "fps", 9.8, at_least=True),
    Target("page-300k", "read_ratio", 0.95, at_least=True),
    Target("first-20M", "first_s", 0.3),
)


def sums(figures: Figures) -> Figures:
    """With what a side costs in all: its programs and its X server."""
    more = {
        f"cpu_{side}": figures[f"cpu_{name}"] + figures.get(f"cpu_{name}_x", 0.0)
        for side, name in (("sharing", "sharer"), ("viewing", "viewer"))
        if f"cpu_{name}" in figures
    }
    return {**figures, **more}


def by_case(rows: Sequence[Row]) -> Found:
    return {(row.system, row.case): sums(row.figures) for row in rows}


def verdicts(rows: Sequence[Row]) -> list[Verdict]:
    """Every target, in order."""
    found = by_case(rows)
    return [target.judge(found) for target in TARGETS]


def ratios(rows: Sequence[Row]) -> list[list[str]]:
    """Ours to each of the others: lines of case, other system, and a ratio for each of `RATIOS`."""
    found = by_case(rows)
    cases = list(dict.fromkeys(row.case for row in rows))
    pairs = [(case, other) for case in cases for other in COMPARED]
    known = [pair for pair in pairs if (OURS, pair[0]) in found and (pair[1], pair[0]) in found]
    return [[case, other, *map(_ratio(found, case, other), RATIOS)] for case, other in known]


def _ratio(found: Found, case: str, other: str) -> Callable[[str], str]:
    def ratio(figure: str) -> str:
        ours, theirs = found[OURS, case].get(figure), found[other, case].get(figure)
        return f"{ours / theirs:.2f}" if ours is not None and theirs else ""

    return ratio
