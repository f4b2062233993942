"""The simulated cluster agrees with queues that are solved on paper, keeps count, and is worse for more."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.sizing.__main__ import main
from benchmarks.sizing.figures import Figures, Load, from_bench, recorded
from benchmarks.sizing.model import Cluster, Outcome, Plan
from benchmarks.sizing.search import Bounds, least, memory_mb, smallest

NOTHING = Figures(0, 0, 0, 0, 0, 0, 0, 0, link_kb=60, base_mb=85)
QUIET: dict[str, Any] = {"stay_s": 1e12, "ping_s": 1e12, "status_every_s": 1e12}
MEASURED = recorded().figures


def lines(per_s: float) -> Load:
    """Nothing but lines."""
    return Load(1000, talking=per_s / 1000, line_every_s=1, **QUIET)


def run(figures: Figures, load: Load, **changes: Any) -> Outcome:
    return Cluster(figures, load, replace(Plan(nodes=3, end_s=40.0, death_s=10.0), **changes)).run()


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_a_writer_of_single_lines_is_the_queue_m_d_1(load: float) -> None:
    """Mean time in the system: D + D * rho / (2 * (1 - rho)) (Pollaczek-Khinchine)."""
    service_s = 0.01
    cluster = Cluster(
        replace(NOTHING, commit_line_us=service_s * 1e6),
        lines(load / service_s),
        Plan(nodes=1, death_s=0, end_s=3000.0, batch=1, warm_s=10.0),
    )
    outcome = cluster.run()
    wanted_s = service_s + service_s * load / (2 * (1 - load))
    assert outcome.mean_s == pytest.approx(wanted_s, rel=0.05)
    assert outcome.writer == pytest.approx(load, rel=0.03)


def test_lines_that_wait_for_the_disk_go_together() -> None:
    """More than one at a time could take: a hundred a second at 20 ms a group."""
    outcome = run(replace(NOTHING, commit_fixed_ms=20), lines(100), nodes=1, death_s=0)
    assert outcome.told + outcome.open == outcome.said
    assert outcome.open < 10
    assert outcome.writer > 0.8
    assert 0.02 <= outcome.p50_s <= 0.04


def test_nobody_waits_where_nothing_costs_anything() -> None:
    outcome = run(NOTHING, lines(100))
    assert outcome.p99_s == 0
    assert outcome.busiest == outcome.writer == 0


@pytest.mark.parametrize("seed", range(3))
def test_every_line_is_told_lost_with_its_relay_or_open_and_every_client_comes_back(seed: int) -> None:
    outcome = run(MEASURED, Load(3000), seed=seed)
    assert outcome.told + outcome.lost + outcome.open == outcome.said
    assert outcome.lost < 50
    assert outcome.back == outcome.gone == 1017  # a third of 3,000 customers and 50 agents
    assert 0 < outcome.storm_back_s < 30


def test_the_same_seed_gives_the_same_run() -> None:
    assert run(MEASURED, Load(2000), seed=7) == run(MEASURED, Load(2000), seed=7)
    assert run(MEASURED, Load(2000), seed=7) != run(MEASURED, Load(2000), seed=8)


def test_all_that_a_relay_does_is_counted() -> None:
    """Pings and news alone: links x (2 / ping + 1 / news) x a frame."""
    load = Load(1000, talking=1e-9, stay_s=1e12, ping_s=10, status_every_s=5)
    outcome = run(replace(NOTHING, frame_us=100), load, nodes=1, death_s=0)
    assert outcome.busiest == pytest.approx(1000 * 0.4 * 100e-6, rel=0.01)


def test_more_of_everything_is_worse_and_more_relays_share_the_storm() -> None:
    one, two, three = (run(MEASURED, Load(clients)) for clients in (1000, 3000, 9000))
    assert one.busiest < two.busiest < three.busiest
    assert one.writer < two.writer < three.writer
    assert one.storm_back_s < two.storm_back_s < three.storm_back_s
    slow = run(replace(MEASURED, commit_fixed_ms=MEASURED.commit_fixed_ms * 4), Load(3000))
    assert slow.p50_s > two.p50_s
    assert run(MEASURED, Load(3000), nodes=6).storm_back_s < two.storm_back_s


def test_sign_ins_are_bounded_and_those_turned_away_come_again() -> None:
    few = run(MEASURED, Load(3000), openings=10)
    assert few.back == few.gone
    assert few.storm_back_s > run(MEASURED, Load(3000)).storm_back_s


def test_the_smallest_that_holds_and_one_less_does_not() -> None:
    load, bounds = Load(2000), Bounds(storm_back_s=1.5)
    found = smallest(MEASURED, load, bounds, seed=1)
    assert found.broken == ()
    assert found.nodes > least(MEASURED, load) == 2
    assert memory_mb(MEASURED, 0) == MEASURED.base_mb


def test_figures_are_read_from_a_run_of_the_bench(tmp_path: Path) -> None:
    rows = [
        {"bench": "relay", "case": "durable", "system": "threeline", "cpu_us_per_message": 30, "per_s": 1, "p50_ms": 1},
        {
            "bench": "relay",
            "case": "rate2k",
            "system": "threeline",
            "cpu_us_per_message": 130,
            "per_s": 2000,
            "p50_ms": 2,
        },
        {"bench": "relay", "case": "storm", "system": "threeline", "all_back_s": 10, "clients": 5000},
        {"bench": "relay", "case": "durable", "system": "meshcentral", "cpu_us_per_message": 1},
    ]
    path = tmp_path / "bench.json"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    found = from_bench(path, recorded()).figures
    assert (found.line_us, found.group_us, found.sign_in_ms) == (30, 400, 2)
    assert found.link_kb == MEASURED.link_kb
    path.write_text("")
    with pytest.raises(ValueError, match="no line"):
        from_bench(path, recorded())


def test_every_recorded_figure_says_where_it_is_from() -> None:
    assert all(len(line.split(": ", 1)[1]) > 20 for line in recorded().told[1:])


def test_it_prints_what_it_found(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--clients", "500", "--json", str(tmp_path / "rows")]) == 0
    assert "Simulated, not measured" in capsys.readouterr().out
    assert json.loads((tmp_path / "rows").read_text().splitlines()[-1])["relays"] == 2
