"""Which protocol versions this build speaks. A change that an older peer cannot read raises `CURRENT`."""

from typing import Final, Literal

CURRENT: Final = 1
OLDEST: Final = 1


def agree(theirs: int, theirs_oldest: int) -> int | Literal["protocol_too_old", "protocol_too_new"]:
    """The highest version both ends speak, or why there is none (seen from the relay: the client is too old or new)."""
    common = min(CURRENT, theirs)
    if common < OLDEST:
        return "protocol_too_old"
    if common < theirs_oldest:
        return "protocol_too_new"
    return common
