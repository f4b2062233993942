"""The tables of a run, in Markdown, as docs/benchmarks.md has them."""

from collections.abc import Sequence

from benchmarks.media.targets import RATIOS, Figures, Verdict, by_case, ratios, verdicts
from benchmarks.report import Row

COLUMNS = {
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "fps": "fps",
    "cpu_sharer": "CPU sharer",
    "cpu_sharer_x": "its X",
    "cpu_viewer": "CPU viewer",
    "cpu_viewer_x": "its X",
    "kbps": "kbit/s",
    "psnr_db": "PSNR dB",
    "exact_s": "exact s",
    "read_ratio": "words read",
    "first_s": "first s",
    "cpu_other": "others",
}


def paper(rows: Sequence[Row]) -> str:
    """Figures by case, then ratios, then targets."""
    found = by_case(rows)
    cases = list(dict.fromkeys(row.case for row in rows))
    lines = [[case, row.system, *_cells(found[row.system, case])] for case in cases for row in rows if row.case == case]
    parts = [table(["case", "system", *COLUMNS.values()], lines)]
    compared = ratios(rows)
    if compared:
        parts.append("Ours to theirs:\n\n" + table(["case", "to", *map(_title, RATIOS)], compared))
    parts.append("Targets:\n\n" + table(["target", "reached", "found"], [_judged(each) for each in verdicts(rows)]))
    return "\n\n".join(parts)


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    rule = ["---"] * len(head)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *lines])


def _title(figure: str) -> str:
    return figure.replace("_ms", "").replace("cpu_", "CPU ")


def _cells(figures: Figures) -> list[str]:
    return [_cell(figures.get(name)) for name in COLUMNS]


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _judged(verdict: Verdict) -> list[str]:
    words = {True: "yes", False: "**no**", None: "-"}
    return [verdict.words, words[verdict.reached], verdict.told]
