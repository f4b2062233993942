"""Renewing the server's certificate from the private authority that `init` made."""

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from relay_server.gateway import certificates
from shared.common.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Renewal:
    """`directory` holds ca.pem, server.pem and server.key. No `hosts`: the names of the present certificate."""

    directory: Path
    ca_key: Path
    hosts: tuple[str, ...]
    days: int
    fresh_key: bool = False


def renew(asked: Renewal, now: dt.datetime) -> x509.Certificate:
    """Writes a new server.pem. Raises ConfigError; then nothing has changed.

    The private key stays unless a fresh one is asked for: one file is replaced in one step, two are not.
    """
    authority, signer = _authority(asked)
    server_key = certificates.new_key() if asked.fresh_key else _key(asked.directory / "server.key")
    hosts = asked.hosts or names_of(_certificate(asked.directory / "server.pem"))
    until = min(now + dt.timedelta(days=asked.days), authority.not_valid_after_utc)
    if until <= now:
        raise ConfigError(f"{asked.directory / 'ca.pem'}: ended on {authority.not_valid_after_utc.date()}")
    made = certificates.server_certificate(authority.subject, signer, server_key.public_key(), hosts, (now, until))
    chain = made.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
    if asked.fresh_key:
        _replace(asked.directory / "server.key", certificates.private_bytes(server_key), 0o600)
    _replace(asked.directory / "server.pem", chain, 0o644)
    return made


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """What the certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(each.value) for each in names if isinstance(each, x509.DNSName | x509.IPAddress))


def _authority(asked: Renewal) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    authority, signer = _certificate(asked.directory / "ca.pem"), _key(asked.ca_key)
    if authority.public_key() != signer.public_key():
        raise ConfigError(f"{asked.ca_key} is not the key of {asked.directory / 'ca.pem'}")
    return authority, signer


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"certificate {path}: {error}") from error


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"key {path}: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigError(f"key {path}: not one that init made")
    return key


def _replace(path: Path, data: bytes, mode: int) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
