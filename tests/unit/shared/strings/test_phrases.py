"""Looking words up, switching the language, and the ways figures are written."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from shared.strings import (
    LanguageCode,
    clock,
    day_name,
    duration,
    duration_range,
    error_text,
    language,
    language_of_locale,
    long_date,
    name_with_tier,
    observe_language,
    ordinal,
    phrase,
    render,
    set_language,
    size,
    system_language,
    text,
    text_in,
    timer,
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("en")


def test_words_follow_the_language() -> None:
    sent = phrase("chat.sent")
    assert sent() == "Sent"
    set_language("zh_CN")
    assert sent() == "已发送"
    assert text("chat.sent") == "已发送"
    assert text_in("en", "chat.sent") == "Sent"


def test_phrases_compare_by_value_and_data_stays() -> None:
    assert name_with_tier("Lin Wei", 2) == name_with_tier("Lin Wei", 2)
    assert phrase("chat.time_state", time="1", state="2") == phrase("chat.time_state", state="2", time="1")
    assert render("Lin Wei") == "Lin Wei"
    assert render(name_with_tier("Lin Wei", 2)) == "Lin Wei (Tier 2)"


def test_a_key_or_placeholder_that_is_missing_is_a_bug() -> None:
    with pytest.raises(KeyError):
        text("chat.no_such_thing")
    with pytest.raises(KeyError):
        text("chat.time_state", time="10:24")


def test_observers_hear_of_changes_only_and_can_leave() -> None:
    heard: list[LanguageCode] = []
    forget = observe_language(lambda: heard.append(language()))
    set_language("en")
    set_language("zh_CN")
    forget()
    forget()
    set_language("en")
    assert heard == ["zh_CN"]


def test_an_unknown_refusal_still_says_something() -> None:
    assert "brand_new" in error_text("brand_new")
    assert error_text("rate_limited") == text("error.rate_limited")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "zh_TW", "LANG": "en_US"}, "zh_CN"),
        ({"LC_ALL": "", "LC_MESSAGES": "C", "LANG": "zh_CN"}, "en"),
    ],
)
def test_first_language_comes_from_the_environment(environ: dict[str, str], expected: LanguageCode) -> None:
    assert system_language(environ) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("zh-Hans", "zh_CN"), ("Chinese_China", "zh_CN"), ("de", "en"), ("", "en")]
)
def test_locale_names_of_other_systems(name: str, expected: LanguageCode) -> None:
    assert language_of_locale(name) == expected


def test_times_and_durations() -> None:
    assert clock(datetime(2026, 11, 22, 9, 5)) == "09:05"
    assert [timer(-1), timer(48.9), timer(768), timer(8076)] == ["0:00", "0:48", "12:48", "2:14:36"]
    assert [duration(48), duration(360), duration(3840)] == ["48 s", "6 min", "1 h 04"]
    assert [duration_range(350, 540), duration_range(30, 50), duration_range(300, 300)] == [
        "6 to 9 min",
        "under 1 min",
        "5 min",
    ]
    set_language("zh_CN")
    assert duration_range(350, 540) == "6 到 9 分钟"


def test_sizes_grow_by_thousands() -> None:
    assert [size(0), size(999), size(1000), size(184_000), size(2_400_000), size(5_000_000_000_000)] == [
        "0 B",
        "999 B",
        "1.0 KB",
        "184 KB",
        "2.4 MB",
        "5000 GB",
    ]


def test_places_in_a_line() -> None:
    named = [ordinal(place) for place in (1, 2, 3, 4, 11, 113, 121)]
    assert named == ["1st", "2nd", "3rd", "4th", "11th", "113th", "121st"]


def test_days() -> None:
    today = date(2026, 11, 22)
    named = [day_name(day, today) for day in (today, date(2026, 11, 21), date(2026, 11, 17), date(2025, 3, 1))]
    assert named == ["Today", "Yesterday", "Tuesday 17 November", "1 March 2025"]
    set_language("zh_CN")
    assert long_date(today) == "11 月 22 日"
    assert day_name(date(2026, 11, 17), today) == "11 月 17 日，星期二"
