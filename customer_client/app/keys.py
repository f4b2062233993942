"""This device's key: made once, kept by the keyring, else for this run only."""

import base64
import binascii
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.net.secrets import SecretStore, open_secrets

_NAME = "device-key"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """`kept`: the keyring has it; else the relay knows this device only until the program ends."""

    private: bytes
    kept: bool


def open_device_key(service: str) -> DeviceKey:
    """Blocks on the keyring: call it from a thread."""
    return device_key(open_secrets(service))


def device_key(store: SecretStore) -> DeviceKey:
    """The key that is kept, or a new one."""
    private = _decode(store.get(_NAME) or "")
    if private is None:
        private = Ed25519PrivateKey.generate().private_bytes_raw()
        store.set(_NAME, base64.b64encode(private).decode())
    return DeviceKey(private, store.persistent)


def _decode(kept: str) -> bytes | None:
    try:
        private = base64.b64decode(kept, validate=True)
    except binascii.Error:
        return None
    return private if len(private) == _BYTES else None
