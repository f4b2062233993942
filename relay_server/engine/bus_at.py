"""Where the bus is: settings as one value, without the client that uses them."""

import ssl
from pathlib import Path

from msgspec import Struct

from shared.common.errors import ConfigError


class NatsAt(Struct, frozen=True):
    """Where NATS is and how this node shows who it is."""

    urls: tuple[str, ...]
    user: str = ""
    password: str = ""
    token: str = ""
    credentials_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def tls(self) -> ssl.SSLContext | None:
        """A context that verifies; None for `nats://` without an authority of its own. Raises ConfigError."""
        if not self.ca_file and not any(url.startswith("tls://") for url in self.urls):
            return None
        try:
            context = ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
            if self.certificate_file:
                context.load_cert_chain(self.certificate_file, self.key_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"TLS to the bus: {error}") from error
        return context
