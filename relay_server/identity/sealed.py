"""Secrets of the store, sealed with keys that lie beside it: AES-256-GCM, bound to what they belong to.

The file holds one key a line, `<name> <base64>`, the newest first. Sealing uses the newest; opening finds its key by
name, and looks into the file again for a name it has not seen, so that a key may be exchanged while relays serve.
"""

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.common.errors import ConfigError

_NONCE_BYTES: Final = 12
_MAX_BYTES: Final = 16 * 1024


class SealingKeys:
    """The keys of one file. `make` writes the first one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, AESGCM] = {}

    def make(self) -> None:
        """Writes a file with one key when there is none. Raises OSError."""
        if not self._path.exists():
            self._write([_fresh()], exclusive=True)

    def seal(self, plain: bytes, about: str) -> str:
        """Sealed with the newest key in the file now. Raises ConfigError when there is none."""
        name = self._read()[0][0]
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._known[name].encrypt(nonce, plain, about.encode())
        return f"{name}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, about: str) -> bytes | None:
        """None for what was changed, was sealed for something else, or by a key that is gone."""
        name, _, packed = sealed.partition(".")
        if name not in self._known:
            self._read()
        key = self._known.get(name)
        try:
            data = base64.urlsafe_b64decode(packed.encode())
            return key.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], about.encode()) if key else None
        except (InvalidTag, binascii.Error, ValueError):
            return None

    def add(self) -> str:
        """A new newest key; earlier ones still open what they sealed. Its name. Raises ConfigError, OSError."""
        fresh = _fresh()
        self._write([fresh, *self._read()])
        return fresh[0]

    def drop_all_but_newest(self) -> int:
        """For when nothing is sealed by earlier ones any more; how many went. Raises ConfigError, OSError."""
        keys = self._read()
        self._write(keys[:1])
        return len(keys) - 1

    def _read(self) -> list[tuple[str, bytes]]:
        try:
            with self._path.open("rb") as file:
                lines = file.read(_MAX_BYTES).decode("ascii").split("\n")
            keys = [_parse(line) for line in lines if line.strip()]
        except (OSError, ValueError) as error:
            raise ConfigError(f"{self._path}: {error}") from error
        if not keys:
            raise ConfigError(f"{self._path}: no key in it")
        self._known = {name: AESGCM(key) for name, key in keys}
        return keys

    def _write(self, keys: list[tuple[str, bytes]], *, exclusive: bool = False) -> None:
        """In one step, so that a relay that serves never reads half of it."""
        fresh = self._path if exclusive else self._path.with_name(self._path.name + ".new")
        flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if exclusive else os.O_TRUNC)
        with open(os.open(fresh, flags, 0o600), "wb") as file:
            file.writelines(f"{name} {base64.b64encode(key).decode()}\n".encode() for name, key in keys)
            file.flush()
            os.fsync(file.fileno())
        if not exclusive:
            fresh.replace(self._path)


def _fresh() -> tuple[str, bytes]:
    return secrets.token_hex(6), secrets.token_bytes(32)


def _parse(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.strip().partition(" ")
    key = base64.b64decode(encoded, validate=True)
    if len(key) != 32 or not name:
        raise ValueError("not a key")
    return name, key
