"""Networks of this computer: which kinds, whether the way out stands and the name server answers. Linux tells.

The only packet that is sent is one question to the name server that the system itself uses, as any program sends it.
"""

import ipaddress
import secrets
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared.control.facts import Fact
from shared.session.snapshot.made import fact, first_line, text_of

_MAX_INTERFACES: Final = 10
_DNS_WAIT_S: Final = 0.8
_DNS_PORT: Final = 53
_SIOCGIFADDR: Final = 0x8915
_COMPLETE: Final = 0x2
_ROOT: Final = Path("/")


def kinds(root: Path = _ROOT) -> Iterator[Fact]:
    """Interfaces by kind, whether there is a default route, whether its gateway and the name server answer."""
    interfaces = _interfaces(root)
    if not interfaces:
        return
    for name in interfaces:
        yield fact("interface", _kind(root, name), name)
    gateway = _gateway(root)
    yield fact("route", "yes" if gateway else "no")
    if gateway:
        yield fact("gateway", _neighbour(root, gateway))
    servers = name_servers(root)
    yield fact("dns", ("answers" if answers(servers[0]) else "silent") if servers else "no")


def addresses(root: Path = _ROOT) -> Iterator[Fact]:
    """The addresses themselves."""
    for name in _interfaces(root):
        yield fact("address", _address(name), name)
    yield fact("gateway_address", _gateway(root))
    yield fact("dns_address", ", ".join(name_servers(root)[:2]))


def name_servers(root: Path = _ROOT) -> list[str]:
    """As the system's resolver is told, first the one that is asked first."""
    lines = text_of(root / "etc/resolv.conf").splitlines()
    return [words[1] for line in lines if len(words := line.split()) > 1 and words[0] == "nameserver"]


def _interfaces(root: Path) -> list[str]:
    try:
        names = sorted(path.name for path in (root / "sys/class/net").iterdir())
    except OSError:
        return []
    return [name for name in names if name != "lo"][:_MAX_INTERFACES]


def _kind(root: Path, name: str) -> str:
    place = root / "sys/class/net" / name
    if (place / "wireless").exists():
        kind = "wireless"
    elif (place / "device").exists():
        kind = "wired" if first_line(place / "type") == "1" else "other"
    else:
        kind = "virtual"
    up = "up" if first_line(place / "operstate") in ("up", "unknown") else "down"
    return f"{kind}, {up}, {_reach(_address(name))}"


def _reach(address: str) -> str:
    if not address:
        return "no_address"
    return "private" if ipaddress.ip_address(address).is_private else "public"


def _address(name: str) -> str:
    """IPv4 of an interface (netdevice(7)); nothing where it has none."""
    try:
        import fcntl
    except ImportError:
        return ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            told = fcntl.ioctl(asked.fileno(), _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
        except OSError:
            return ""
    return socket.inet_ntoa(told[20:24])


def _gateway(root: Path) -> str:
    for line in text_of(root / "proc/net/route").splitlines()[1:]:
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":
            return socket.inet_ntoa(struct.pack("<I", int(fields[2], 16)))
    return ""


def _neighbour(root: Path, gateway: str) -> str:
    """Whether the gateway has answered lately, as the kernel remembers."""
    for line in text_of(root / "proc/net/arp").splitlines()[1:]:
        fields = line.split()
        if len(fields) > 2 and fields[0] == gateway:
            return "answers" if int(fields[2], 16) & _COMPLETE else "silent"
    return "unknown"


def answers(server: str, port: int = _DNS_PORT) -> bool:
    """One question for the root's name servers (RFC 1035, section 4.1); any answer to it will do."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(server).version == 6 else socket.AF_INET
    except ValueError:
        return False
    number = secrets.token_bytes(2)
    question = number + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + b"\0" + struct.pack(">HH", 2, 1)
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.settimeout(_DNS_WAIT_S)
            asked.connect((server, port))
            asked.send(question)
            return asked.recv(512)[:2] == number
    except OSError:
        return False
