"""TURN: time-limited credentials for the two ends, and the configuration of the coturn that honours them.

The user name is `expiry:user` (Unix seconds), the password the base64 of its HMAC-SHA1 under a secret that relay and
coturn share: coturn's `use-auth-secret`, after draft-uberti-behave-turn-rest-00. SHA-1 is what that scheme prescribes.
"""

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shared.common.errors import ConfigError
from shared.protocol.messages.remote import IceServer

_URL: Final = re.compile(r"(stun|turn|turns):(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(\?transport=(udp|tcp))?")
NEVER_PEERS: Final = (
    "0.0.0.0-0.255.255.255",
    "10.0.0.0-10.255.255.255",
    "100.64.0.0-100.127.255.255",
    "127.0.0.0-127.255.255.255",
    "169.254.0.0-169.254.255.255",
    "172.16.0.0-172.31.255.255",
    "192.0.0.0-192.0.0.255",
    "192.0.2.0-192.0.2.255",
    "192.88.99.0-192.88.99.255",
    "192.168.0.0-192.168.255.255",
    "198.18.0.0-198.19.255.255",
    "198.51.100.0-198.51.100.255",
    "203.0.113.0-203.0.113.255",
    "224.0.0.0-255.255.255.255",
    "::-::1",
    "::ffff:0:0-::ffff:ffff:ffff",
    "64:ff9b::-64:ff9b::ffff:ffff",
    "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "ff00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)
"""Whom a TURN server must not reach for a stranger: itself, its neighbours, what is no host (RFC 6890)."""


@dataclass(frozen=True, slots=True)
class Helpers:
    """The servers that help two ends meet: their addresses, the secret shared with them, how long credentials hold."""

    urls: tuple[str, ...] = ()
    secret: str = ""
    ttl_s: int = 3600

    def servers(self, user: str, now_ms: int) -> tuple[IceServer, ...]:
        """What one end may use from now on: STUN as it is, TURN with credentials of its own."""
        stun = tuple(url for url in self.urls if url.startswith("stun:"))
        turn = tuple(url for url in self.urls if not url.startswith("stun:"))
        found: list[IceServer] = [IceServer(urls=stun)] if stun else []
        if turn and self.secret:
            username = f"{now_ms // 1000 + self.ttl_s}:{user}"
            found.append(IceServer(urls=turn, username=username, credential=credential(self.secret, username)))
        return tuple(found)


NO_HELPERS: Final = Helpers()


def checked(urls: Sequence[str], secret: str, ttl_s: int) -> Helpers:
    """Raises ConfigError for addresses that are none, and for TURN servers without the secret that opens them."""
    if bad := bad_urls(urls):
        raise ConfigError(f"turn_urls: {', '.join(bad)}")
    if not secret and any(not url.startswith("stun:") for url in urls):
        raise ConfigError("turn_urls: without turn_secret, or the file that turn-config makes")
    return Helpers(tuple(urls), secret, ttl_s)


def bad_urls(urls: Iterable[str]) -> list[str]:
    """Those that are no STUN or TURN address (RFC 7064, RFC 7065)."""
    return [url for url in urls if _URL.fullmatch(url) is None]


def credential(secret: str, username: str) -> str:
    """The password that goes with a user name."""
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()


def coturn_configuration(
    *,
    secrets: Sequence[str],
    realm: str,
    addresses: Sequence[str],
    allowed_peers: Sequence[str] = (),
    certificate: str = "",
    key: str = "",
    port: int = 3478,
    tls_port: int = 5349,
) -> str:
    """A complete `turnserver.conf`.

    It relays between its own `addresses` (that is how two of its clients reach each other), to the public internet, and
    to the private addresses in `allowed_peers` (single ones or first-last); to nothing else. Credentials under any of
    the `secrets` are good. Raises ValueError for what is no address.
    """
    for each in (*addresses, *(end for peer in allowed_peers for end in peer.split("-"))):
        ipaddress.ip_address(each)
    lines = [
        "# Made by threeline-relay turn-config. It holds a secret: readable for coturn only.",
        f"listening-port={port}",
        *(f"listening-ip={each}" for each in addresses),
        *(f"relay-ip={each}" for each in addresses),
        f"realm={realm}",
        "use-auth-secret",
        *(f"static-auth-secret={each}" for each in secrets),
        "fingerprint",
        "stale-nonce=600",
        "user-quota=24",
        "total-quota=4000",
        "no-cli",
        "no-multicast-peers",
        "no-rfc5780",
        *_tls(certificate, key, tls_port),
        *(f"denied-peer-ip={each}" for each in NEVER_PEERS),
        *(f"allowed-peer-ip={each}" for each in (*addresses, *allowed_peers)),
    ]
    return "\n".join(lines) + "\n"


def _tls(certificate: str, key: str, port: int) -> list[str]:
    if not certificate:
        return ["no-tls", "no-dtls"]
    return [f"tls-listening-port={port}", f"cert={certificate}", f"pkey={key}", "no-tlsv1", "no-tlsv1_1"]
