"""Times, durations, sizes, places and dates as people of the current language write them."""

from datetime import date, datetime
from typing import Final

from shared.strings.phrase import text

_MINUTE: Final = 60
_HOUR: Final = 3600
_KILO: Final = 1000
_UNITS: Final = ("B", "KB", "MB", "GB")


def clock(moment: datetime) -> str:
    """`10:24`. The moment must already be in the reader's time zone."""
    return f"{moment.hour:02}:{moment.minute:02}"


def timer(seconds: float) -> str:
    """`0:48`, `12:48` or `2:14:36`, for a running count. Negative counts as nought."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // _HOUR, whole // _MINUTE % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def duration(seconds: float) -> str:
    """`48 s`, `6 min`, `1 h 04`. Negative counts as nought."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return text("common.seconds", count=whole)
    if whole < _HOUR:
        return text("common.minutes", count=whole // _MINUTE)
    return text("common.hours", hours=whole // _HOUR, minutes=f"{whole // _MINUTE % 60:02}")


def duration_range(low_s: float, high_s: float) -> str:
    """`6 to 9 min`, rounded up to whole minutes; one figure where both ends are the same; `under 1 min`."""
    low, high = -(-int(low_s) // _MINUTE), -(-int(high_s) // _MINUTE)
    if high <= 1:
        return text("common.under_minutes", count=1)
    if low >= high:
        return text("common.minutes", count=high)
    return text("common.minutes_range", low=max(low, 1), high=high)


def size(count_bytes: int) -> str:
    """`184 KB`, `2.4 MB`: thousands, as file browsers show them, one decimal below ten."""
    value, power = float(count_bytes), 0
    while value >= _KILO and power < len(_UNITS) - 1:
        value, power = value / _KILO, power + 1
    figure = f"{value:.1f}" if power and value < 10 else f"{value:.0f}"
    return f"{figure} {_UNITS[power]}"


def ordinal(place: int) -> str:
    """`3rd`; in Chinese a place in a line. `place` counts from 1."""
    ending = "th" if place % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return text(f"common.ordinal_{ending}", place=place)


def long_date(day: date) -> str:
    """`18 November`."""
    return text("common.date", day=day.day, month=text(f"common.month_{day.month}"))


def short_date(day: date) -> str:
    """`12 Nov`."""
    return text("common.date", day=day.day, month=text(f"common.month_short_{day.month}"))


def weekday(day: date) -> str:
    """`Monday`."""
    return text(f"common.weekday_{day.isoweekday()}")


def day_name(day: date, today: date) -> str:
    """`Today`, `Yesterday`, else `Tuesday 24 November`, with the year when it is another one."""
    distance = (today - day).days
    if distance in {0, 1}:
        return text("common.yesterday" if distance else "common.today")
    if day.year == today.year:
        return text("common.weekday_date", weekday=weekday(day), date=long_date(day))
    return text("common.date_year", date=long_date(day), year=day.year)
