"""TLS of the one port: new handshakes get the newest certificate that could be used, old links stay as they are."""

import datetime as dt
import logging
import ssl
from pathlib import Path
from typing import Final, Literal

from relay_server.gateway import certificates
from shared.common.errors import ConfigError

Minimum = Literal["1.2", "1.3"]
SOON: Final = dt.timedelta(days=30)
_VERSIONS: Final = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: forward secrecy and authenticated encryption only. 1.3 has nothing else."""
_log = logging.getLogger(__name__)


class ServerTls:
    """`context` is what the server listens with; each handshake is handed to the newest."""

    def __init__(self, certificate: Path, key: Path, minimum: Minimum = "1.2") -> None:
        """Raises ConfigError when the files cannot be used."""
        self._certificate, self._key = certificate, key
        self._minimum: Minimum = minimum
        self._newest = context(certificate, key, minimum)
        self.until = certificates.valid_until(certificate)
        self.context = context(certificate, key, minimum)
        self.context.sni_callback = self._hand_over
        self._told_on = dt.date.min

    @property
    def paths(self) -> tuple[Path, Path]:
        """What it was read from."""
        return self._certificate, self._key

    def reread(self) -> None:
        """Takes the certificate that the files hold now. Raises ConfigError, and then the one before stays in use."""
        fresh, until = context(self._certificate, self._key, self._minimum), certificates.valid_until(self._certificate)
        if until <= dt.datetime.now(dt.UTC) < self.until:
            raise ConfigError(f"certificate {self._certificate}: ended on {until.date()}")
        self._newest, self.until = fresh, until
        self._told_on = dt.date.min

    def tell(self) -> None:
        """Says in the log, once a day, that the certificate ends soon."""
        now = dt.datetime.now(dt.UTC)
        if self.until - now < SOON and self._told_on != now.date():
            self._told_on = now.date()
            _log.warning("the server's certificate %s ends on %s", self._certificate, self.until.date())

    def _hand_over(self, link: ssl.SSLSocket | ssl.SSLObject, name: str | None, listening: ssl.SSLContext) -> None:
        del name, listening
        link.context = self._newest


def context(certificate: Path, key: Path, minimum: Minimum) -> ssl.SSLContext:
    """Raises ConfigError when the files cannot be used.

    No session tickets: links live long, our programs never resume a session, the key that seals tickets would outlive
    the certificate and undo forward secrecy, and another relay could not read them.
    """
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.minimum_version = _VERSIONS[minimum]
    made.set_ciphers(_CIPHERS)
    made.num_tickets = 0
    made.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    try:
        made.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"certificate {certificate} with key {key}: {error}") from error
    return made


def _no_password() -> str:
    """A locked key is refused; without this OpenSSL would ask at the terminal and hold the relay."""
    return ""
