"""What every bench prints: a table for people, and with `--json FILE` one JSON object a line for machines."""

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """`quick` finishes in two minutes; without it a bench may take fifteen."""

    quick: bool
    json: Path | None


@dataclass(frozen=True)
class Row:
    """One case of one system. Figures carry their unit in their names; `remarks` say how they came about."""

    bench: str
    case: str
    system: str
    figures: dict[str, float]
    remarks: dict[str, str] = field(default_factory=dict)


def options(description: str) -> Options:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="finish within two minutes")
    parser.add_argument("--json", type=Path, help="append one JSON object a line to this file")
    given = parser.parse_args()
    return Options(quick=given.quick, json=given.json)


def show(rows: list[Row], where: Path | None) -> None:
    """Prints the table and appends to the file."""
    names = sorted({name for row in rows for name in row.figures})
    head = ["case", "system", *names]
    cells = [[row.case, row.system, *(_figure(row.figures.get(name)) for name in names)] for row in rows]
    widths = [max(len(line[column]) for line in [head, *cells]) for column in range(len(head))]
    for line in [head, *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    for row in rows:
        for name, words in row.remarks.items():
            print(f"{row.case}, {row.system}: {name} {words}")
    if where is not None:
        with where.open("a", encoding="utf-8") as file:
            for row in rows:
                line = {"bench": row.bench, "case": row.case, "system": row.system, **row.figures, **row.remarks}
                file.write(json.dumps(line) + "\n")


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0 to 1) of them lie; the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
