"""The private authority: programs that have its file believe the relay, others do not."""

import datetime as dt
import ssl
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from relay_server.gateway import certificates, tls
from shared.common.errors import ConfigError

NOW = dt.datetime.now(dt.UTC)


def shake_hands(directory: Path, ca_file: Path, host: str) -> str | None:
    """The TLS version, over memory."""
    server = tls.context(directory / "server.pem", directory / "server.key", "1.2")
    client = ssl.create_default_context(cafile=str(ca_file))
    a_in, a_out, b_in, b_out = (ssl.MemoryBIO() for _ in range(4))
    a = client.wrap_bio(a_in, a_out, server_hostname=host)
    b = server.wrap_bio(b_in, b_out, server_side=True)
    for _ in range(10):
        for side in (a, b):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
            b_in.write(a_out.read())
            a_in.write(b_out.read())
    return a.version()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("certificates") / "tls"
    certificates.make(directory, ["help.example.org", "192.0.2.7"], NOW)
    return directory


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "help.example.org", "192.0.2.7"])
def test_its_names_are_believed(made: Path, host: str) -> None:
    assert shake_hands(made, made / "ca.pem", host) == "TLSv1.3"


def test_other_names_are_not(made: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake_hands(made, made / "ca.pem", "evil.example.org")


def test_another_authority_is_not(made: Path, tmp_path: Path) -> None:
    other = certificates.make(tmp_path / "other", [], NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(made, other, "localhost")


def test_keys_are_private_and_certificates_are_dated(made: Path) -> None:
    for name in ("ca.key", "server.key"):
        assert stat.S_IMODE((made / name).stat().st_mode) == 0o600
    assert certificates.valid_until(made / "server.pem") - NOW > dt.timedelta(days=800)


def test_wrong_files_are_named(tmp_path: Path, made: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.pem"):
        certificates.valid_until(tmp_path / "none.pem")
    with pytest.raises(ConfigError, match=r"none\.pem"):
        tls.context(tmp_path / "none.pem", made / "server.key", "1.2")
    with pytest.raises(FileExistsError):
        certificates.write_private(made / "ca.key", b"")
