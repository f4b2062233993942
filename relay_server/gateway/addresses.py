"""Where a request comes from: the peer, or what a listed proxy says about it."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shared.common.errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Spoken = Literal["x-forwarded-for", "forwarded"]

UNKNOWN: Final = "unknown"
MAX_HOPS: Final = 16
MAX_HEADER: Final = 2048
_WITH_PORT: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9.]{7,15}))(?::[0-9]{1,5})?")
_PLAIN_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PAIR: Final = re.compile(rf"({_PLAIN_WORD})=(?:({_PLAIN_WORD})|\"((?:[^\"\\]|\\.)*)\")")


@dataclass(frozen=True, slots=True)
class Proxies:
    """Whose word about addresses counts, and which of the two headers they set. The other one is never looked at: a
    proxy hands on what it does not set itself, and anyone may have written that."""

    networks: tuple[Network, ...] = ()
    spoken: Spoken = "x-forwarded-for"

    def __contains__(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def networks(words: Iterable[str], setting: str) -> tuple[Network, ...]:
    """Addresses and networks (`10.0.0.0/8`). Raises ConfigError that names the setting."""
    try:
        return tuple(ipaddress.ip_network(each, strict=True) for each in words)
    except ValueError as error:
        raise ConfigError(f"{setting}: {error}") from error


def source(peer: str, headers: Sequence[str], proxies: Proxies) -> Address | None:
    """The address that sent the request; None when a listed proxy names none that can be read.

    `headers` are the values of the header that proxies speak, all of them, in order. They are read from the right, past
    the proxies we know: what stands further left anyone may have written.
    """
    address = _parsed(peer.partition("%")[0])
    if address is None or address not in proxies:
        return address
    said = ",".join(headers)
    if len(said) > MAX_HEADER:
        return None
    hops = _forwarded(said) if proxies.spoken == "forwarded" else _plain(said)
    if len(hops) > MAX_HOPS:
        return None
    for hop in reversed(hops):
        address = _hop(hop)
        if address is None or address not in proxies:
            break
    return address


def line(address: Address | None) -> str:
    """What limits are counted on; for IPv6 the /64, which is one customer's line."""
    if address is None:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _parsed(words: str) -> Address | None:
    try:
        found = ipaddress.ip_address(words)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _hop(words: str) -> Address | None:
    """An address with or without a port; nothing else that the formats allow (`unknown`, `_hidden`)."""
    if (plain := _parsed(words)) is not None:
        return plain
    match = _WITH_PORT.fullmatch(words)
    return _parsed(match[1] or match[2]) if match else None


def _plain(said: str) -> list[str]:
    """The hops of X-Forwarded-For. An empty one stays: it is no address."""
    return [part.strip(" \t") for part in said.split(",")] if said.strip(" \t") else []


def _forwarded(said: str) -> list[str]:
    """The `for` of each element of a Forwarded header (RFC 7239); an element that cannot be read has an empty one."""
    return [_for_of(element) for element in _split(said, ",")] if said.strip(" \t") else []


def _for_of(element: str) -> str:
    found: list[str] = []
    for pair in _split(element, ";"):
        match = _PAIR.fullmatch(pair.strip(" \t"))
        if match is None:
            return ""
        if match[1].lower() == "for":
            found.append(match[2] if match[3] is None else re.sub(r"\\(.)", r"\1", match[3]))
    return found[0] if len(found) == 1 else ""


def _split(words: str, mark: str) -> list[str]:
    """At marks outside quotes. A quote that does not end makes the rest one part, which then cannot be read."""
    parts: list[str] = []
    start, quoted, escaped = 0, False, False
    for at, char in enumerate(words):
        if escaped:
            escaped = False
        elif quoted and char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == mark and not quoted:
            parts.append(words[start:at])
            start = at + 1
    return [*parts, words[start:]]
