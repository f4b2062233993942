"""Which bus the settings ask for: NATS when it is named, else plain calls inside the one process."""

from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit

from relay_server.engine import bus_local
from relay_server.engine.bus import Bus
from relay_server.engine.bus_at import NatsAt
from relay_server.settings import Settings
from shared.common.errors import ConfigError


def open_bus(settings: Settings, key: bytes) -> AbstractAsyncContextManager[Bus]:
    """`key` seals what nodes say to each other. Raises ConfigError."""
    if not settings.bus_url:
        return bus_local.opened()
    from relay_server.engine import bus_nats  # a relay on its own does without NATS's client

    return bus_nats.opened(_nats_at(settings), key)


def _nats_at(settings: Settings) -> NatsAt:
    for url in settings.bus_url:
        parts = urlsplit(url)
        if parts.scheme not in ("nats", "tls") or not parts.hostname or parts.username or parts.password:
            raise ConfigError("bus_url: nats://host:port or tls://host:port is wanted, without a password in it")
    return NatsAt(
        urls=settings.bus_url,
        user=settings.bus_user,
        password=settings.bus_secret(),
        token=settings.bus_token,
        credentials_file=settings.bus_credentials_file,
        ca_file=settings.bus_ca_file,
        certificate_file=settings.bus_certificate_file,
        key_file=settings.bus_key_file,
    )
