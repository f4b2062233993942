"""The relay's settings: defaults < `relay.toml` in the data directory < `THREELINE_RELAY_*` < flags, parsed once."""

import ipaddress
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, NewType

import msgspec
from msgspec import Meta, Struct, field, structs

from shared.common.errors import ConfigError

Source = Literal["default", "file", "environment", "flag"]
Secret = NewType("Secret", str)
"""Never printed, never logged."""
Port = Annotated[int, Meta(ge=0, le=65535)]
Positive = Annotated[int, Meta(ge=1, le=10**7)]

ENVIRONMENT: Final = "THREELINE_RELAY_"
SHORTEST_LEASE_S: Final = 6.0
"""A relay that is declared dead must have lost its turn to write by then (postgres_link.IDLE_S)."""
FILE_NAME: Final = "relay.toml"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rates are per second, with room for a burst; `address_*` counts new links, `link_*` commands."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: Port = 7443
    tls: Literal["on", "off"] = "on"
    """`off` only at a loopback address: behind a proxy on this machine that speaks TLS for us."""
    certificate_file: Path | None = None
    """None: `tls/server.pem` in the data directory."""
    key_file: Path | None = None
    tls_minimum: Literal["1.2", "1.3"] = "1.2"
    """Our programs always speak 1.3; 1.2 is for proxies and monitors in front of the relay."""
    allowed_origins: tuple[str, ...] = ()
    """Desktop programs send no Origin; a browser's must be listed here."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks (`10.0.0.0/8`) of proxies whose word about a client's address is believed."""
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """Which header those proxies set; the other one is never looked at."""
    monitor_addresses: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Addresses and networks that may ask `/healthz`, `/readyz` and, without a token, `/metrics`."""
    metrics_token: Secret = field(default=Secret(""))
    """With one, `/metrics` answers to whoever has it, from anywhere, and to nobody else."""
    metrics_token_file: Path | None = None
    """Holds the token and nothing else, as the other files of secrets do."""
    max_links: Positive = 20_000
    max_openings: Positive = 2_000
    address_rate: Positive = 50
    address_burst: Positive = 500
    link_rate: Positive = 40
    link_burst: Positive = 200
    """Of an account, whatever number of links it has."""
    limits: tuple[str, ...] = ()
    """Other rates, each `KIND=RATE/BURST`; kinds and defaults are in gateway/limits.py."""
    link_queue_kib: Positive = 2_048
    ping_s: Positive = 20
    turn_urls: tuple[str, ...] = ()
    """STUN and TURN servers for remote sessions (`turn:host:3478?transport=udp`); none: direct connections only."""
    turn_secret: Secret = field(default=Secret(""))
    """What relay and coturn share. Without one: the file that `turn-config` made."""
    turn_ttl_s: Annotated[int, Meta(ge=60, le=86_400)] = 14_400
    api_rate: Positive = 20
    """Requests of one API key to the outside interface."""
    api_burst: Positive = 100
    relay_urls: tuple[str, ...] = ()
    """Addresses of this installation's relays, as the outside interface tells them to programs that start clients."""
    webhook_loopback: bool = False
    """Whether webhooks may go to this machine, then also without TLS."""
    webhook_networks: tuple[str, ...] = ()
    """Private networks (`10.20.0.0/16`) that webhooks may go to; public addresses always, no others ever."""
    webhook_hours: Annotated[int, Meta(ge=1, le=168)] = 24
    """For how long a message is tried."""
    oidc_issuer: str = ""
    """The organisation's own sign-in (OpenID Connect), exactly as it names itself; empty: none."""
    oidc_client_id: str = ""
    oidc_client_secret: Secret = field(default=Secret(""))
    """Or in a file; with neither the relay is a public client."""
    oidc_client_secret_file: Path | None = None
    oidc_name: Annotated[str, Meta(min_length=1, max_length=60)] = "single sign-on"
    """What the button is called: "Sign in with ..."."""
    oidc_provision: bool = False
    """Whether people whom nobody here knows become agents, in no group."""
    oidc_ca_file: Path | None = None
    """None: the authorities that the system believes."""
    presence_grace_s: Annotated[int, Meta(ge=0, le=3600)] = 5
    store_url: str = ""
    """`postgresql://user@host:5432/database`, without a password; empty: one SQLite file in the data directory. Another
    machine must prove itself by TLS; `?sslmode=`, `sslrootcert=`, `sslcert=` and `sslkey=` say otherwise."""
    store_password: Secret = field(default=Secret(""))
    store_password_file: Path | None = None
    """Holds the password and nothing else."""
    bus_url: tuple[str, ...] = ()
    """NATS servers (`nats://host:4222`, `tls://...`) over which several relays hear of each other; none: one relay."""
    bus_user: str = ""
    bus_password: Secret = field(default=Secret(""))
    bus_password_file: Path | None = None
    """Holds the password and nothing else."""
    bus_token: Secret = field(default=Secret(""))
    bus_credentials_file: Path | None = None
    """A NATS `.creds` file."""
    bus_ca_file: Path | None = None
    bus_certificate_file: Path | None = None
    bus_key_file: Path | None = None
    lease_s: Annotated[float, Meta(ge=0.5, le=300)] = 12.0
    """A relay whose sign of life stands still for so long is declared dead by the others."""
    files_dir: Path | None = None
    """Where blobs and recordings are; several relays on one store need the same directory. None: `data_dir`."""
    drain_notice_s: Annotated[float, Meta(ge=0, le=300)] = 0.0
    """For how long a relay that is told to stop says so at `/readyz` and serves on: until a balancer has noticed."""
    drain_spread_s: Annotated[float, Meta(ge=0, le=600)] = 0.0
    """Over how long its links are then sent away, evenly, so that they do not all come to the others at once."""
    drain_s: Positive = 5
    """How long it waits for the last of them to be gone."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @property
    def store_file(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "relay.sqlite3"

    @property
    def shared_dir(self) -> Path:
        """What relays on one store have in common besides it."""
        return self.files_dir or self.data_dir

    @property
    def blob_dir(self) -> Path:
        """Where files that messages refer to are kept."""
        return self.shared_dir / "blobs"

    @property
    def recording_dir(self) -> Path:
        """Where recordings are kept, encrypted to a key that is not here."""
        return self.shared_dir / "recordings"

    @property
    def webhook_key_file(self) -> Path:
        """What the secrets of webhooks are sealed with; every node needs the same."""
        return self.data_dir / "webhook.key"

    @property
    def tls_dir(self) -> Path:
        """The private CA and the server certificate that `init` made."""
        return self.data_dir / "tls"

    @property
    def pass_key_file(self) -> Path:
        """The key that seals customers' passes."""
        return self.data_dir / "pass.key"

    @property
    def sealing_key_file(self) -> Path:
        """The keys that seal secrets in the store."""
        return self.data_dir / "sealing.key"

    def single_sign_on_secret(self) -> str:
        """What proves this relay to the provider; empty for a public client. Raises ConfigError."""
        return _secret("oidc_client_secret_file", self.oidc_client_secret_file, self.oidc_client_secret)

    def metrics_secret(self) -> str:
        """What whoever reads figures must show; empty: their address decides. Raises ConfigError."""
        return _secret("metrics_token_file", self.metrics_token_file, self.metrics_token)

    def store_secret(self) -> str:
        """The password of the store. Raises ConfigError."""
        return _secret("store_password_file", self.store_password_file, self.store_password)

    def bus_secret(self) -> str:
        """The password of the bus. Raises ConfigError."""
        return _secret("bus_password_file", self.bus_password_file, self.bus_password)

    @property
    def turn_secret_file(self) -> Path:
        """The secret shared with coturn, when it is not set otherwise."""
        return self.data_dir / "turn.secret"

    def shared_turn_secret(self) -> str:
        """The one in use of the secrets shared with coturn; empty when there is none. Raises ConfigError when it
        cannot be read."""
        if self.turn_secret:
            return self.turn_secret
        try:
            return self.turn_secret_file.read_text("utf-8").strip().partition("\n")[0].strip()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.turn_secret_file}: {error}") from error

    @property
    def organisation_key_file(self) -> Path:
        """Where `init` puts the organisation's sealed key; better kept on another machine."""
        return self.data_dir / "organisation.key"

    @property
    def sample_passphrase_file(self) -> Path:
        """Only with sample data: what opens the sample organisation's key."""
        return self.data_dir / "sample.passphrase"

    @property
    def profile_file(self) -> Path:
        """What customers' programs are started with."""
        return self.data_dir / "profile.json"

    @property
    def server_certificate(self) -> Path:
        """What the server shows."""
        return self.certificate_file or self.tls_dir / "server.pem"

    @property
    def server_key(self) -> Path:
        """The certificate's private key."""
        return self.key_file or self.tls_dir / "server.key"


class Resolved(Struct, frozen=True):
    """The settings, and where each came from."""

    settings: Settings
    sources: dict[str, Source]


SECRETS: Final = frozenset(
    {"bus_password", "bus_token", "metrics_token", "store_password", "oidc_client_secret", "turn_secret"}
)
_LISTS: Final = frozenset(
    {
        "allowed_origins",
        "bus_url",
        "limits",
        "monitor_addresses",
        "relay_urls",
        "trusted_proxies",
        "turn_urls",
        "webhook_networks",
    }
)
NAMES: Final = tuple(each.name for each in structs.fields(Settings))


def load(data_dir: Path, environment: Mapping[str, str], flags: Mapping[str, str]) -> Resolved:
    """Reads all layers. Raises ConfigError with the name of what is wrong."""
    layers: tuple[tuple[Source, Mapping[str, object]], ...] = (
        ("file", _read_file(data_dir / FILE_NAME)),
        ("environment", _read_environment(environment)),
        ("flag", {name: _parts(name, value) for name, value in flags.items()}),
    )
    values: dict[str, object] = {}
    sources: dict[str, Source] = dict.fromkeys(NAMES, "default")
    for source, layer in layers:
        for name, value in layer.items():
            if name not in NAMES or name == "data_dir":
                raise ConfigError(f"no such setting: {name} ({source})")
            values[name], sources[name] = value, source
    try:
        settings = msgspec.convert({**values, "data_dir": str(data_dir)}, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise ConfigError(str(error)) from error
    if settings.tls == "off" and not _is_loopback(settings.host):
        raise ConfigError("tls: off is for a loopback address, where a proxy of this machine speaks TLS")
    if settings.store_url and settings.lease_s < SHORTEST_LEASE_S:
        raise ConfigError(
            f"lease_s: at least {SHORTEST_LEASE_S:g} with PostgreSQL: a frozen relay holds its turn for 5"
        )
    return Resolved(settings, sources)


def show(resolved: Resolved) -> str:
    """One line a setting: name, value, where it came from; secrets masked."""
    lines: list[str] = []
    for name, source in resolved.sources.items():
        value: object = getattr(resolved.settings, name)
        if name == "store_url":
            value = masked(str(value))
        shown = ("******" if value else "(none)") if name in SECRETS else _shown(value)
        lines.append(f"{name} = {shown}  # {source}")
    return "\n".join(lines)


def masked(url: str) -> str:
    """An address without the password that should not stand in it."""
    scheme, separator, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    return f"{scheme}{separator}{user}:******{at}{place}" if colon else url


def _secret(name: str, path: Path | None, given: str) -> str:
    """The one given, else what stands in the file; a file that is named must be there and hold something."""
    if given or path is None:
        return given
    try:
        found = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: {error}") from error
    if not found:
        raise ConfigError(f"{name}: {path} is empty")
    return found


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind.__name__)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()


def _read_file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _read_environment(environment: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in environment.items():
        name = key.removeprefix(ENVIRONMENT).lower()
        if key.startswith(ENVIRONMENT) and name != "data_dir":
            found[name] = _parts(name, value)
    return found


def _parts(name: str, value: str) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if name in _LISTS else value
