"""How two ends find each other, as far as aiortc and aioice leave it open: TURN servers, certificates, sockets.

- **TURN.** aiortc takes one server by one transport; ``gather_relays`` asks all of them, and waits for no slow one.
- **Certificates.** Each connection makes a certificate of its own; ``use_certificate`` lets a session keep one, so that
  a second connection of the same session is known by the same fingerprint.
- **Sockets.** ``widen_sockets`` asks for buffers that take a key frame.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Any, Final, Literal, cast

import aioice.ice
import msgspec
from aioice import Candidate
from aioice.candidate import candidate_priority
from aiortc import RTCCertificate, RTCDtlsTransport, RTCPeerConnection
from aiortc.rtcicetransport import parse_stun_turn_uri

from shared.media.rtc.pins import PRIVATE

logger = logging.getLogger(__name__)

SOCKET_BUFFER: Final = 2 * 1024 * 1024
RELAY_S: Final = 5.0
"""How long a TURN server may take to answer."""
_RELAY_GRACE_S: Final = 0.3
"""How long the others may take once one TURN server has answered."""
_RELAY_STEP: Final = 1000
_TOP: Final = 65535

_Found = tuple[Candidate, Any]
"""A candidate, and the aioice protocol that it is reached by."""


class Relay(msgspec.Struct, frozen=True):
    """One way to one TURN server. ``transport``: how to reach it; ``tls`` over TCP only."""

    host: str
    port: int
    transport: Literal["udp", "tcp"]
    tls: bool
    username: str
    credential: str


def make_certificate() -> RTCCertificate:
    """A certificate for all connections of one session."""
    return RTCCertificate.generateCertificate()


def use_certificate(connection: RTCPeerConnection, certificate: RTCCertificate) -> None:
    """Shows this certificate instead of a fresh one. Before the first transceiver or channel."""
    setattr(connection, PRIVATE.certificates, [certificate])


def relay(url: str, username: str, credential: str) -> Relay | None:
    """The way that a ``turn:`` or ``turns:`` address names (RFC 7065); None for what is none."""
    try:
        parsed = parse_stun_turn_uri(url)
    except ValueError:
        return None
    tls, transport = parsed["scheme"] == "turns", parsed["transport"]
    if parsed["scheme"] not in ("turn", "turns") or transport not in ("udp", "tcp") or (tls and transport != "tcp"):
        return None
    return Relay(parsed["host"], parsed["port"], transport, tls, username, credential)


def gather_relays(connection: RTCPeerConnection, ways: Sequence[Relay]) -> None:
    """Lets the coming gathering ask every way to a TURN server as well. Before ``setLocalDescription``.

    UDP goes before TCP, and TCP before TLS, where several of them carry.
    """
    ordered = sorted(ways, key=lambda way: (way.tls, way.transport != "udp"))
    if ordered:
        for ice in _ice_connections(connection):
            setattr(ice, PRIVATE.ice_gather, _Gathering(ice, ordered))


def _ice_connections(connection: RTCPeerConnection) -> set[Any]:
    transports = [each.receiver.transport for each in connection.getTransceivers()]
    if connection.sctp is not None:
        transports.append(connection.sctp.transport)
    return {getattr(each.transport, PRIVATE.ice_connection) for each in transports}


class _Gathering:
    """Takes the place of one aioice connection's own gathering, and calls it."""

    def __init__(self, ice: Any, ways: Sequence[Relay]) -> None:
        self._ice, self._ways = ice, ways
        self._own: Callable[..., Awaitable[list[Candidate]]] = getattr(ice, PRIVATE.ice_gather)

    async def __call__(self, component: int, addresses: list[str]) -> list[Candidate]:
        asked = [self._relayed(component, place, way) for place, way in enumerate(self._ways)]
        near, far = await asyncio.gather(self._own(component=component, addresses=addresses), _soon(asked))
        getattr(self._ice, PRIVATE.ice_protocols).extend(protocol for _, protocol in far)
        return near + [candidate for candidate, _ in far]

    async def _relayed(self, component: int, place: int, way: Relay) -> _Found:
        protocol = getattr(aioice.ice, PRIVATE.stun_protocol)
        found = await getattr(aioice.ice, PRIVATE.relayed_candidate)(
            component=component,
            hide_related_address=False,
            protocol_factory=lambda: protocol(self._ice),
            turn_server=(way.host, way.port),
            turn_username=way.username,
            turn_password=way.credential,
            turn_ssl=way.tls,
            turn_transport=way.transport,
        )
        candidate, made = cast(_Found, found)
        candidate.priority = candidate_priority(component, "relay", _TOP - place * _RELAY_STEP)
        return candidate, made


async def _soon(asked: Sequence[Coroutine[Any, Any, _Found]]) -> list[_Found]:
    """What came in time: the first, and those close behind it. The rest is given up."""
    tasks = [asyncio.create_task(each) for each in asked]
    try:
        late = await _until_one_answers(set(tasks))
        if late:
            await asyncio.wait(late, timeout=_RELAY_GRACE_S)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for each in ended:
        if isinstance(each, BaseException):
            logger.info("a TURN server gave no address: %s", type(each).__name__)
    return [each for each in ended if not isinstance(each, BaseException)]


async def _until_one_answers(late: set[asyncio.Task[_Found]]) -> set[asyncio.Task[_Found]]:
    """Waits for one address, for all to have failed, or for the time to be up. Returns who has not answered."""
    loop = asyncio.get_running_loop()
    until = loop.time() + RELAY_S
    while late and (left := until - loop.time()) > 0:
        ended, late = await asyncio.wait(late, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if any(not task.exception() for task in ended):
            break
    return late


def widen_sockets(connection: RTCPeerConnection) -> None:
    """Asks for socket buffers that hold a key frame; the system may give less. After gathering."""
    for transceiver in connection.getTransceivers():
        for wire in _sockets(transceiver.receiver.transport):
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                with contextlib.suppress(OSError):
                    wire.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)


def _sockets(transport: RTCDtlsTransport) -> Iterator[Any]:
    connection = getattr(transport.transport, PRIVATE.ice_connection)
    for protocol in getattr(connection, PRIVATE.ice_protocols):
        get_extra_info = getattr(protocol.transport, "get_extra_info", None)
        wire = get_extra_info("socket") if get_extra_info is not None else None
        if wire is not None:
            yield wire
