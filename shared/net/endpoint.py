"""Where the relay is, and why we believe that it is the relay."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

from shared.common.errors import ConfigError


class Endpoint(Struct, frozen=True):
    """`url` is `wss://host:port/ws`. With `ca_file` only certificates of that authority are believed; without, those
    the system believes. Nothing turns the check off."""

    url: str
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "wss" or not parts.hostname:
            raise ConfigError(f"not a wss:// address: {self.url}")

    def tls(self) -> ssl.SSLContext:
        """A context that verifies name and chain. Raises ConfigError when the file cannot be read."""
        try:
            return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"the authority's certificate cannot be used: {self.ca_file}: {error}") from error

    def http(self, path: str) -> str:
        """The https address of a path on the same port."""
        return urlunsplit(("https", urlsplit(self.url).netloc, path, "", ""))
