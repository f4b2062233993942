"""The organisation's private key in a file, sealed by a passphrase. Nothing here needs a relay."""

import secrets
from hashlib import scrypt
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE, ConfigError
from shared.common.ids import new_id
from shared.protocol.messages.trust import AgentCertificate, KeyRequest
from shared.protocol.types import Key64, Line, Name
from shared.rules import certificates, statements

MAX_FILE_BYTES: Final = 16 * 1024
WORK: Final = 17
"""Scrypt's cost as a power of two: 128 MiB and about half a second for each guess."""
LIGHT_WORK: Final = 14
"""Enough for a passphrase that was made by a machine (79 bits)."""
_MEMORY: Final = 2**30 + 2**26
VALID_DAYS: Final = 365
_DAY_MS: Final = 24 * 3_600_000


class KeyFile(Struct, frozen=True, kw_only=True):
    """What the file holds; `sealed` is ChaCha20-Poly1305 under scrypt of the passphrase (base64)."""

    kind: Literal["threeline organisation key 1"] = "threeline organisation key 1"
    organisation: Name
    public: Key64
    work: Annotated[int, Meta(ge=LIGHT_WORK, le=20)]
    salt: Line
    nonce: Line
    sealed: Line


class OrganisationKey(Struct, frozen=True):
    """An opened key: 32 bytes."""

    organisation: str
    private: bytes

    @property
    def public(self) -> str:
        """What clients pin."""
        return statements.public_key(self.private)


def make(organisation: str) -> OrganisationKey:
    """A new key."""
    return OrganisationKey(organisation, secrets.token_bytes(statements.PRIVATE_BYTES))


def seal(key: OrganisationKey, passphrase: str, work: int = WORK) -> bytes:
    """The file's content."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    box = ChaCha20Poly1305(_stretch(passphrase, salt, work))
    file = KeyFile(
        organisation=key.organisation,
        public=key.public,
        work=work,
        salt=statements.encode(salt),
        nonce=statements.encode(nonce),
        sealed=statements.encode(box.encrypt(nonce, key.private, key.organisation.encode())),
    )
    return msgspec.json.format(msgspec.json.encode(file)) + b"\n"


def read(path: Path) -> KeyFile:
    """The file, still sealed. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(MAX_FILE_BYTES), type=KeyFile)
    except (OSError, *UNDECODABLE) as error:
        raise ConfigError(f"{path}: {error}") from error


def unseal(path: Path, passphrase: str) -> OrganisationKey | None:
    """None for a wrong passphrase. Raises ConfigError for a file that is none of ours."""
    file = read(path)
    try:
        salt, nonce = statements.decode(file.salt, 16), statements.decode(file.nonce, 12)
        sealed = statements.decode(file.sealed, statements.PRIVATE_BYTES + 16)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
    box = ChaCha20Poly1305(_stretch(passphrase, salt, file.work))
    try:
        private = box.decrypt(nonce, sealed, file.organisation.encode())
    except InvalidTag:
        return None
    return OrganisationKey(file.organisation, private)


def certificate_for(key: OrganisationKey, asked: KeyRequest, now_ms: int, days: int) -> AgentCertificate:
    """A certificate for a request, from now on for so many days."""
    unsigned = AgentCertificate(
        serial=new_id(),
        agent_id=asked.agent_id,
        name=asked.name,
        organisation=key.organisation,
        key=asked.key,
        not_before_ms=now_ms,
        not_after_ms=now_ms + days * _DAY_MS,
        issuer=key.public,
    )
    return certificates.certify(key.private, unsigned)


def _stretch(passphrase: str, salt: bytes, work: int) -> bytes:
    return scrypt(passphrase.encode(), salt=salt, n=2**work, r=8, p=1, maxmem=_MEMORY, dklen=32)
