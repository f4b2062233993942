"""Which build this is."""

from functools import cache


@cache
def program_version() -> str:
    """As installed; reading it takes 50 ms, so nobody asks before the first paint."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("threeline")
    except PackageNotFoundError:
        return "0.1.0"
