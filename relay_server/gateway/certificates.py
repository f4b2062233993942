"""The private authority and the server certificate that `init` makes."""

import datetime as dt
import ipaddress
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared.common.errors import ConfigError

CA_DAYS: Final = 3650
SERVER_DAYS: Final = 825
_SKEW: Final = dt.timedelta(hours=1)


def make(directory: Path, hosts: Iterable[str], now: dt.datetime) -> Path:
    """Writes ca.pem, ca.key, server.pem (with the CA), server.key; returns ca.pem. Keys are 0600."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca_key, server_key = new_key(), new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Threeline private authority")])
    ca = (
        _builder(name, name, ca_key.public_key(), (now, now + dt.timedelta(days=CA_DAYS)))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    server = server_certificate(
        name, ca_key, server_key.public_key(), hosts, (now, now + dt.timedelta(days=SERVER_DAYS))
    )
    ca_pem = ca.public_bytes(Encoding.PEM)
    write_private(directory / "ca.key", private_bytes(ca_key))
    write_private(directory / "server.key", private_bytes(server_key))
    (directory / "server.pem").write_bytes(server.public_bytes(Encoding.PEM) + ca_pem)
    (directory / "ca.pem").write_bytes(ca_pem)
    return directory / "ca.pem"


def new_key() -> ec.EllipticCurvePrivateKey:
    """P-256: every client's TLS knows it."""
    return ec.generate_private_key(ec.SECP256R1())


def server_certificate(
    authority: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePublicKey,
    hosts: Iterable[str],
    dates: tuple[dt.datetime, dt.datetime],
) -> x509.Certificate:
    """The relay's, from the first date (an hour before it, for clocks that are behind) to the second. Raises
    ValueError for a host that is neither name nor address."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Threeline relay")])
    return (
        _builder(subject, authority, key, dates)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_names(hosts)), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


def valid_until(certificate: Path) -> dt.datetime:
    """When the first certificate of the file ends. Raises ConfigError."""
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise ConfigError(f"certificate {certificate}: {error}") from error


def write_private(path: Path, data: bytes) -> None:
    """A file that only its owner can read, from its first byte on. Raises FileExistsError."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """PKCS 8 in PEM, not locked."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, dates: tuple[dt.datetime, dt.datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(dates[0] - _SKEW)
        .not_valid_after(dates[1])
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = []
    for host in dict.fromkeys(("localhost", "127.0.0.1", "::1", *hosts)):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    return names
