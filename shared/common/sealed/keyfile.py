"""A key's file: its private half under a passphrase. What the key is for stands in it.

The file is JSON: the passphrase goes through scrypt (RFC 7914) into a key for ChaCha20-Poly1305 (RFC 8439), and the
public half is the additional data, so that neither half can be exchanged.
"""

import os
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE, ThreelineError
from shared.common.sealed.keys import KEY_BYTES, KeyPair, from_text, in_text

MAX_FILE_BYTES: Final = 4096
SCRYPT_N: Final = 2**16
"""64 MiB and about a fifth of a second for each guess."""
_MAX_N: Final = 2**20
RECORDING: Final = "threeline recording key"
BACKUP: Final = "threeline backup key"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12


class KeyFileError(ThreelineError):
    """`key_file_bad`: none of ours; `key_file_wrong`: the passphrase is another one, or the file was changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _KeyFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Annotated[str, Meta(max_length=40)]
    public: Annotated[str, Meta(max_length=44)]
    scrypt_n: Annotated[int, Meta(ge=2**10, le=_MAX_N)]
    salt: bytes
    nonce: bytes
    sealed: bytes


def make_pair() -> KeyPair:
    """A fresh pair."""
    private = X25519PrivateKey.generate()
    return KeyPair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def lock(pair: KeyPair, passphrase: str, *, scrypt_n: int = SCRYPT_N, kind: str = RECORDING) -> bytes:
    """The key file's bytes."""
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    cipher = ChaCha20Poly1305(_stretched(passphrase, salt, scrypt_n))
    file = _KeyFile(
        kind=kind,
        public=in_text(pair.public),
        scrypt_n=scrypt_n,
        salt=salt,
        nonce=nonce,
        sealed=cipher.encrypt(nonce, pair.private, pair.public),
    )
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def unlock(data: bytes, passphrase: str, *, kind: str = RECORDING) -> KeyPair:
    """The pair in a key file. Takes a noticeable time. Raises KeyFileError."""
    try:
        file = msgspec.json.decode(data[:MAX_FILE_BYTES], type=_KeyFile)
    except UNDECODABLE as error:
        raise KeyFileError("key_file_bad") from error
    public = from_text(file.public)
    power_of_two = file.scrypt_n & (file.scrypt_n - 1) == 0
    sizes = len(file.salt) == _SALT_BYTES and len(file.nonce) == _NONCE_BYTES
    if file.kind != kind or public is None or not power_of_two or not sizes:
        raise KeyFileError("key_file_bad")
    cipher = ChaCha20Poly1305(_stretched(passphrase, file.salt, file.scrypt_n))
    try:
        private = cipher.decrypt(file.nonce, file.sealed, public)
    except InvalidTag as error:
        raise KeyFileError("key_file_wrong") from error
    if X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw() != public:
        raise KeyFileError("key_file_wrong")
    return KeyPair(private, public)


def _stretched(passphrase: str, salt: bytes, n: int) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=n, r=8, p=1).derive(passphrase.encode())
