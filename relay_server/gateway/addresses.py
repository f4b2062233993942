"""Where a request comes from: the peer, or what a listed proxy says about it."""

import ipaddress


def client_address(peer: str, forwarded_for: str, trusted_proxies: frozenset[str]) -> str:
    """The address that limits are counted on; for IPv6 the /64, which is one customer's line.

    `forwarded_for` is read from the right, past the proxies we know: what stands further left anyone may have written.
    """
    address = peer
    if peer in trusted_proxies:
        for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
            address = hop
            if hop not in trusted_proxies:
                break
    return _line(address)


def is_loopback(peer: str) -> bool:
    """Whether the peer is on this machine."""
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def _line(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
