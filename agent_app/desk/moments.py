"""Moments as this computer's clock shows them."""

from datetime import datetime

from shared.strings import clock, day_name, short_date


def local(at_ms: int) -> datetime:
    """A moment in this computer's time zone."""
    return datetime.fromtimestamp(at_ms / 1000).astimezone()


def clock_at(at_ms: int) -> str:
    """`10:24`."""
    return clock(local(at_ms))


def moment(at_ms: int, now_ms: int) -> str:
    """`10:24` today, else `12 Nov`."""
    at = local(at_ms)
    return clock(at) if at.date() == local(now_ms).date() else short_date(at.date())


def day(at_ms: int, now_ms: int) -> str:
    """`Today`, `Yesterday`, `Tuesday 24 November`."""
    return day_name(local(at_ms).date(), local(now_ms).date())
