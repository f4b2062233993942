"""One WebRTC connection as both ends use it: descriptions, data channels with bounds, and its state."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Literal

import msgspec
from aiortc import (
    RTCBundlePolicy,
    RTCCertificate,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidStateError
from aiortc.sdp import SessionDescription

from shared.media.messages import MAX_MESSAGE, SESSION, Own, decode, encode
from shared.media.rtc import paths

Channel = Literal["control", "cursor", "drawing", "clipboard", "files", "facts"]
PeerState = Literal["connecting", "connected", "lost", "closed"]

MAX_DESCRIPTION: Final = 64 * 1024
MAX_BUFFERED: Final = 256 * 1024
GATHER_S: Final = 10.0
MAX_RELAYS: Final = 6
LOST_AFTER_S: Final = 3.0
"""Silence after which the other end counts as lost, until it is heard again; ICE itself takes ten times as long."""
WIRE_LINE: Final = "a=x-threeline-wire:1"
"""In a description: this end speaks shared.media.packets. A browser steps over it."""
CHANNELS: Final[tuple[Channel, ...]] = ("control", "cursor", "drawing", "clipboard", "files", "facts")
"""Ordered and reliable but for the cursor's, which loses and reorders rather than waits."""
_SECTIONS: Final = (["video", "application"], ["video", "audio", "application"])
_STATES: Final[dict[str, PeerState]] = {
    "new": "connecting",
    "connecting": "connecting",
    "connected": "connected",
    "failed": "lost",
    "closed": "closed",
}


class BadDescription(Exception):
    """The other end's session description is malformed, oversized or does not fit."""


class IceServer(msgspec.Struct, frozen=True):
    """A STUN or TURN server as the relay names it."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


def fingerprint(sdp: str) -> str:
    """The one SHA-256 fingerprint ("AB:CD:...") of the certificate that a description promises.

    Raises BadDescription when there is none, or when its parts disagree.
    """
    found = {
        each.value.upper()
        for media in parsed(sdp).media
        if media.dtls is not None
        for each in media.dtls.fingerprints
        if each.algorithm.lower() == "sha-256"
    }
    if len(found) != 1:
        raise BadDescription(f"{len(found)} fingerprints")
    return found.pop()


def parsed(sdp: str) -> SessionDescription:
    """The description, checked for what a screen connection has: one video, one data section, perhaps speech."""
    if len(sdp) > MAX_DESCRIPTION:
        raise BadDescription("too long")
    try:
        description = SessionDescription.parse(sdp)
    except Exception as error:  # aiortc's parser has no error type of its own: what it raises depends on the line
        raise BadDescription("malformed") from error
    if [media.kind for media in description.media] not in _SECTIONS:
        raise BadDescription("not one video and one data section, with or without one for speech")
    return description


def announces_wire(sdp: str) -> bool:
    """Whether who made this description is one of our own ends."""
    return WIRE_LINE in sdp.splitlines()


class Peer:
    """Owns one RTCPeerConnection. ``on_message`` gets the session's messages, ``on_own`` those of media itself."""

    def __init__(
        self,
        ice_servers: Sequence[IceServer],
        *,
        on_message: Callable[[str, bytes], None],
        on_own: Callable[[Own], None],
        on_state: Callable[[PeerState], None],
        on_open: Callable[[str], None],
        certificate: RTCCertificate | None = None,
    ) -> None:
        # never None: aiortc would ask a public STUN server
        stun = [url for each in ice_servers for url in each.urls if url.startswith("stun:")]
        self.connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[RTCIceServer(stun)] if stun else [], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        if certificate is not None:
            paths.use_certificate(self.connection, certificate)
        named = ((url, each) for each in ice_servers for url in each.urls)
        ways = [paths.relay(url, each.username, each.credential) for url, each in named]
        self._relays = [way for way in ways if way is not None]
        self.state: PeerState = "connecting"
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self.refused = 0
        """Messages dropped because they were too long, of the wrong kind, or on a channel that is none of ours."""
        self._on_message = on_message
        self._on_own = on_own
        self._on_state = on_state
        self._on_open = on_open
        self._channels: dict[str, RTCDataChannel] = {}
        self.connection.on("connectionstatechange", self._state_changed)

    def open_channels(self) -> None:
        """The offering end makes the channels."""
        for label in CHANNELS:
            late_is_worthless = label == "cursor"
            self._attach(
                self.connection.createDataChannel(
                    label, ordered=not late_is_worthless, maxRetransmits=0 if late_is_worthless else None
                )
            )

    def accept_channels(self) -> None:
        """The answering end takes the channels that the other one makes, and closes any further one."""
        self.connection.on("datachannel", self._offered)

    async def offer(self) -> str:
        """A complete offer, candidates included."""
        connection = self.connection
        await self._gather(await connection.createOffer())
        return self._announced()

    async def answer(self, sdp: str, prepare: Callable[[], None]) -> str:
        """Takes an offer and gives a complete answer; ``prepare`` is called in between. Raises BadDescription."""
        connection = self.connection
        await self._accept(sdp, "offer")
        prepare()
        await self._gather(await connection.createAnswer())
        return self._announced()

    def _announced(self) -> str:
        return f"{self.connection.localDescription.sdp}{WIRE_LINE}\r\n"

    async def accept_answer(self, sdp: str) -> None:
        """Raises BadDescription."""
        await self._accept(sdp, "answer")

    async def _gather(self, description: RTCSessionDescription) -> None:
        paths.gather_relays(self.connection, self._relays[:MAX_RELAYS])
        async with asyncio.timeout(GATHER_S):
            await self.connection.setLocalDescription(description)
        await _begun()

    async def _accept(self, sdp: str, kind: str) -> None:
        parsed(sdp)
        try:
            await self.connection.setRemoteDescription(RTCSessionDescription(sdp, kind))
        except (ValueError, InvalidStateError, KeyError, IndexError, AttributeError) as error:
            raise BadDescription(str(error)) from error
        await _begun()

    def send(self, channel: str, data: bytes) -> bool:
        """Sends a message of the session; False when the channel is not open, or it or its backlog is too long."""
        return len(data) < MAX_MESSAGE and self._send(channel, SESSION + data)

    def waiting(self, channel: str) -> int:
        """Bytes that still wait to be sent in a channel."""
        target = self._channels.get(channel)
        return target.bufferedAmount if target is not None else 0

    def tell(self, message: Own, channel: Channel = "control") -> bool:
        """Sends a message of media's own."""
        return self._send(channel, encode(message))

    def _send(self, channel: str, data: bytes) -> bool:
        target = self._channels.get(channel)
        if target is None or target.readyState != "open" or target.bufferedAmount + len(data) > MAX_BUFFERED:
            return False
        target.send(data)
        return True

    def _offered(self, channel: RTCDataChannel) -> None:
        if channel.label in CHANNELS and channel.label not in self._channels:
            self._attach(channel)
        else:
            self.refused += 1
            channel.close()

    def _attach(self, channel: RTCDataChannel) -> None:
        self._channels[channel.label] = channel

        def received(data: str | bytes) -> None:
            self._received(channel.label, data)

        channel.on("message", received)
        if channel.readyState == "open":
            self._on_open(channel.label)
        else:
            channel.on("open", lambda: self._on_open(channel.label))

    def heard(self) -> None:
        """Something came from the other end."""
        self._heard_at = self._loop.time()
        if self.state == "lost" and self.connection.connectionState == "connected":
            self._become("connected")

    def check_silence(self) -> None:
        """To be called now and then: a connected end that has been silent for too long becomes lost."""
        if self.state == "connected" and self._loop.time() - self._heard_at > LOST_AFTER_S:
            self._become("lost")

    def _received(self, label: str, data: str | bytes) -> None:
        self.heard()
        if isinstance(data, str) or not 1 <= len(data) <= MAX_MESSAGE:
            self.refused += 1
        elif data.startswith(SESSION):
            self._on_message(label, data[1:])
        elif (message := decode(data)) is not None:
            self._on_own(message)
        else:
            self.refused += 1

    def _state_changed(self) -> None:
        self._heard_at = self._loop.time()
        self._become(_STATES.get(self.connection.connectionState, self.state))

    def _become(self, state: PeerState) -> None:
        if state != self.state and self.state != "closed":
            self.state = state
            self._on_state(state)

    async def close(self) -> None:
        """Idempotent."""
        await self.connection.close()
        self._state_changed()


async def _begun() -> None:
    """Lets the connecting that a description has started begin: a close before that would be an error nobody hears."""
    await asyncio.sleep(0)
