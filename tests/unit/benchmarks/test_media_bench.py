"""The bench's own sums: what it reads, counts, compares and concludes."""

import pytest

from benchmarks.media import pictures
from benchmarks.media.cases import DEFAULT, GRID, QUICK, chosen
from benchmarks.media.forwarder import read_path, write_path
from benchmarks.media.glimpse import shows_stripe
from benchmarks.media.legible import share_found
from benchmarks.media.look import are_same
from benchmarks.media.measure import delays, earliest, likeness, read_times
from benchmarks.media.network import count_bytes
from benchmarks.media.paper import paper
from benchmarks.media.pattern import frames_in, swing
from benchmarks.media.scene import BenchError, Screens
from benchmarks.media.shaper import Path
from benchmarks.media.targets import Target, by_case, ratios, verdicts
from benchmarks.report import Row

SECOND_US = 1_000_000


def row(case: str, system: str, **figures: float) -> Row:
    return Row("media", case, system, figures)


def test_every_system_meets_the_cases_that_were_promised() -> None:
    names = {case.name for case in DEFAULT.cases}
    assert {"scroll", "typing", "video", "drag", "mixed", "still"} <= names
    assert {"scroll-loss1", "typing-loss1", "scroll-300k", "typing-300k", "page-300k"} <= names
    assert {case.name for case in QUICK.cases} <= names
    everything = [case.name for setting in GRID for case in setting.cases]
    assert len(everything) == len(set(everything))


def test_cases_are_picked_by_name_and_settings_without_any_are_not_opened() -> None:
    picked = chosen(GRID, ("typing", "scroll-4k", "first-20M"))
    assert [setting.name for setting in picked] == ["default", "4k", "20M"]
    assert [case.name for setting in picked for case in setting.cases] == ["typing", "scroll-4k"]
    with pytest.raises(ValueError, match="no such case: dance"):
        chosen(GRID, ("dance",))


def test_the_forwarder_reads_the_path_that_was_written() -> None:
    path = Path(loss=0.01, delay_s=0.02, rate_bps=300_000, queue_s=0.5, jitter_s=0.001)
    assert read_path(write_path(path)) == path


def test_only_the_link_between_the_two_is_counted() -> None:
    head = "Inter-|   Receive\n face |bytes\n"
    table = head + "    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0\n cable: 10 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0\n"
    assert count_bytes(table, ("cable", "shaped")) == 210
    assert count_bytes(table, ("lo",)) == 900


def test_delay_is_of_frames_drawn_while_counting_and_each_once() -> None:
    drawn = {1: 0, 2: 1000, 3: 2000, 4: SECOND_US}
    found = delays(drawn, {1: 9000, 2: 11_000, 3: 32_000}, 500, SECOND_US)
    assert (found["p50_ms"], found["p99_ms"], found["frames"]) == (30.0, 30.0, 2.0)
    assert delays(drawn, {}, 0, SECOND_US) == {"fps": 0.0, "frames": 0.0}
    with pytest.raises(BenchError, match="before it was drawn"):
        delays(drawn, {2: 900}, 0, SECOND_US)


def test_a_line_that_is_being_written_is_not_read() -> None:
    assert read_times("ready\n1 100\n1 150\n2 200\n3 30") == {1: 100, 2: 200}
    assert earliest({1: 100, 2: 200}, {1: 90, 2: 210}) == {1: 90, 2: 200}


def test_likeness_of_equal_and_of_different_pictures() -> None:
    page = pictures.text_page(320, 200)
    other = page.copy()
    other[..., 3] = 0
    assert are_same(page, other), "the fourth byte is no colour"
    assert likeness(page, other) == {"exact_ratio": 1.0, "psnr_db": 99.0, "off_max": 0.0}
    other[0, 0, 0] ^= 1
    assert not are_same(page, other)
    assert 0.99 < likeness(page, other)["exact_ratio"] < 1


def test_the_stripe_is_seen_small_and_coarse_and_nothing_else_is_taken_for_it() -> None:
    screen = pictures.text_page(640, 400)
    assert not shows_stripe(screen)
    assert not any(shows_stripe(frame) for frame in pictures.video(640, 360, 2))
    screen[-60:] = (230, 40, 220, 255)
    assert shows_stripe(screen)


def test_words_are_found_each_as_often_as_they_are_there() -> None:
    assert share_found(["a", "b", "b", "c"], ["b", "x", "c", "c"]) == 0.5
    assert pictures.page_words(7) == pictures.page_words(7) != pictures.page_words(8)


def test_a_window_swings_and_the_last_frame_is_late_enough() -> None:
    assert [swing(way, 10) for way in (0, 7, 10, 13, 20, 27)] == [0, 7, 10, 7, 0, 7]
    for rate, seconds in ((0.5, 9.5), (30.0, 5.5), (2.0, 5.25)):
        assert (frames_in(rate, seconds) - 1) / rate >= seconds


def test_the_pattern_lies_on_both_screens() -> None:
    screens = Screens(1280, 720)
    assert screens.pattern.x + screens.pattern.width <= 1280 <= screens.agent[0]
    assert screens.pattern.y + screens.pattern.height <= 720 <= screens.agent[1]


def test_targets_are_reached_missed_or_not_measured() -> None:
    rows = [
        row("scroll", "threeline", p50_ms=10.0, cpu_sharer=0.2, cpu_sharer_x=0.1),
        row("scroll", "chromium", p50_ms=80.0, cpu_sharer=0.4, cpu_sharer_x=0.1),
    ]
    found = by_case(rows)
    assert Target("scroll", "p50_ms", 0.25, "chromium").judge(found).reached is True
    assert Target("scroll", "cpu_sharing", 0.45, "chromium").judge(found).reached is False
    assert Target("scroll", "p50_ms", 0.4, "x0vncserver").judge(found).reached is None
    assert Target("scroll", "exact_s", 1.0).judge(found).reached is False, "it never became exact"
    assert Target("drag", "exact_s", 1.0).judge(found).reached is None
    assert [line[:3] for line in ratios(rows)] == [["scroll", "chromium", "0.12"]]
    assert len(verdicts(rows)) == len(verdicts([]))


def test_the_paper_has_figures_ratios_and_targets() -> None:
    words = paper([row("scroll", "threeline", p50_ms=12.34), row("scroll", "chromium", p50_ms=61.7)])
    assert "| scroll | threeline | 12.3 |" in words
    assert "| scroll | chromium | 0.20 |" in words
    assert "| scroll: p50_ms at most 0.25 x chromium's | yes | 0.20 (12.3 / 61.7) |" in words
