"""Where messages may go. Whoever names an address must not make the relay knock at its own neighbours' doors."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from shared.common.errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
URL_MAX: Final = 500
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(OSError):
    """Nobody may be reached at that address."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Public addresses, and what the settings add: this machine, some private networks."""

    loopback: bool = False
    networks: tuple[Network, ...] = ()

    def allows(self, text: str) -> bool:
        """Whether a connection to this IP address may be made."""
        try:
            address = _plain(ipaddress.ip_address(text.partition("%")[0]))
        except ValueError:
            return False
        if address.is_loopback:
            return self.loopback
        if any(address in each for each in self.networks if each.version == address.version):
            return True
        return address.is_global and not address.is_multicast

    def problem(self, text: str) -> str:
        """What is wrong with an address to tell things to; empty for nothing. Names are looked up when sending."""
        try:
            url = URL(text)
            port = url.port
        except ValueError:
            return "url"
        host = url.host or ""
        if (
            len(text) > URL_MAX
            or not text.isascii()
            or not host
            or not port
            or url.user
            or url.password
            or url.fragment
        ):
            return "url"
        if url.scheme == "http":
            return "" if self.loopback and _is_here(host) else "https"
        if url.scheme != "https":
            return "https"
        return "address" if _is_address(host) and not self.allows(host) else ""


def reach_of(networks: Sequence[str], *, loopback: bool) -> Reach:
    """Raises ConfigError for what is no network."""
    try:
        return Reach(loopback, tuple(ipaddress.ip_network(each) for each in networks))
    except ValueError as error:
        raise ConfigError(f"webhook_networks: {error}") from error


class GuardedResolver(AbstractResolver):
    """Looks names up and hands on only what may be reached: what was checked is what is connected to."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises Forbidden when nothing of it is allowed."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        allowed = [
            ResolveResult(hostname=host, host=str(where[0]), port=port, family=kind, proto=0, flags=0)
            for kind, _, _, _, where in found
            if self._reach.allows(str(where[0]))
        ]
        if not allowed:
            raise Forbidden(f"{host}: no address that may be reached")
        return allowed

    async def close(self) -> None:
        """There is nothing to close."""


def _plain(address: Address) -> Address:
    """What an IPv6 address that only wraps an IPv4 one leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_here(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
