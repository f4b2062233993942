"""This agent's own key: in the keyring, one for each relay and user, shown to the relay for a certificate."""

import asyncio
import logging
import secrets
import socket
from typing import TYPE_CHECKING

from msgspec import structs

from agent_app.desk.desk import Desk
from agent_app.desk.relay import Relay, ask
from shared.common.clock import now_ms
from shared.net.servers import home_of
from shared.protocol.messages.trust import AgentCertificate, KeyStanding, RegisterKey
from shared.rules import certificates, statements
from shared.rules.introduction import Device

if TYPE_CHECKING:  # the keyring library is loaded once the window is there
    from shared.net.secrets import SecretStore

_log = logging.getLogger(__name__)


class Identity:
    """`desk.device` has the key once somebody is signed in. Without a keyring it lasts for this run and cannot be
    certified."""

    def __init__(self, desk: Desk, relay: Relay) -> None:
        self._desk, self._relay = desk, relay
        self._store: SecretStore | None = None
        self._opened = asyncio.Event()

    def use_store(self, store: "SecretStore | None") -> None:
        """The keyring was found, or there is none."""
        self._store = store
        self._opened.set()

    async def identify(self, server: str, username: str) -> None:
        """After each sign-in of the link: the key, then what the organisation says of it."""
        me = self._desk.me.value
        if me is None:
            return
        device = self._desk.device.value
        if device is None:
            await self._opened.wait()
            device = await asyncio.to_thread(_open, self._store, f"device-key {home_of(server)} {username}")
            self._desk.device.set(device)
        if device.lasting:
            await self._register(device, me.person.id)

    async def _register(self, device: Device, agent_id: str) -> None:
        at_ms, name = now_ms(), socket.gethostname()[:200]
        command = RegisterKey(
            key=statements.public_key(device.private),
            device=name,
            asked_ms=at_ms,
            signature=certificates.request(device.private, agent_id, name, at_ms),
        )
        standing = await ask(self._relay, command, KeyStanding)
        if isinstance(standing, KeyStanding) and self._desk.me.value is not None:
            self._desk.device.set(structs.replace(device, certificate=_good(standing.certificate, command.key)))


def _good(certificate: AgentCertificate | None, key: str) -> AgentCertificate | None:
    """An out-of-date or foreign certificate would only be refused: without one the code is compared."""
    if certificate is None or certificate.key != key or now_ms() >= certificate.not_after_ms:
        return None
    return certificate


def _open(store: "SecretStore | None", name: str) -> Device:
    if store is None:
        return Device(private=secrets.token_bytes(statements.PRIVATE_BYTES), lasting=False)
    try:
        private = statements.decode(store.get(name) or "", statements.PRIVATE_BYTES)
    except ValueError:
        private = secrets.token_bytes(statements.PRIVATE_BYTES)
        store.set(name, statements.encode(private))
    return Device(private=private, lasting=store.persistent)
