"""Several addresses of one relay installation, as people write them: parted by spaces or commas, the first is home."""

from typing import Final
from urllib.parse import urlsplit

from shared.common.errors import ConfigError

MOST: Final = 16


def split(written: str) -> tuple[str, ...]:
    """Each address once, in order. Raises ConfigError for one that is none of ours, and for none or too many."""
    found = tuple(dict.fromkeys(written.replace(",", " ").split()))
    for url in found:
        parts = urlsplit(url)
        if parts.scheme != "wss" or not parts.hostname:
            raise ConfigError(f"not a wss:// address: {url}")
    if not 1 <= len(found) <= MOST:
        raise ConfigError(f"{len(found)} addresses: 1 to {MOST} are wanted")
    return found


def home_of(written: str) -> str:
    """What names the installation: keys and drafts are kept under it, whichever address is in use."""
    found = written.replace(",", " ").split()
    return found[0] if found else ""
