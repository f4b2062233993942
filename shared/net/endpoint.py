"""Where the relay is, and why we believe that it is the relay."""

import secrets
import ssl
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from shared.common.errors import ConfigError
from shared.net import servers


class Endpoint:
    """`written` is `wss://host:port/ws`, or several of them: nodes of one installation, any of which will do. With
    `ca_file` only certificates of that authority are believed; without, those the system believes. Nothing turns the
    check off. Raises ConfigError."""

    def __init__(self, written: str, ca_file: Path | None = None) -> None:
        self.urls = servers.split(written)
        self.ca_file = ca_file
        self._at = secrets.randbelow(len(self.urls))  # so that the nodes share the crowd

    @property
    def url(self) -> str:
        """The one in use."""
        return self.urls[self._at]

    def advance(self) -> None:
        """The next one is in use."""
        self._at = (self._at + 1) % len(self.urls)

    def tls(self) -> ssl.SSLContext:
        """A context that verifies name and chain. Raises ConfigError when the file cannot be read."""
        try:
            return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"the authority's certificate cannot be used: {self.ca_file}: {error}") from error

    def http(self, path: str) -> str:
        """The https address of a path where the link is."""
        return urlunsplit(("https", urlsplit(self.url).netloc, path, "", ""))
