"""Secrets go to a keyring worth the name or to memory, and the store says which."""

import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, NoKeyringError, PasswordDeleteError

from shared.net.secrets import MAX_SECRET_CHARS, KeyringSecrets, MemorySecrets, secrets_of


class Working(KeyringBackend):
    """A keyring in a dict."""

    priority = 0.1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError
        del self.kept[service, username]


class Locked(Working):
    """A keyring that is there and locked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise InitError("locked")


class BreaksOnWrite(Working):
    """A keyring that can be read only."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NoKeyringError


def test_keeps_reads_and_forgets() -> None:
    backend = Working()
    store = secrets_of("threeline-test", backend)
    store.set("token", "s3cret")
    assert store.persistent
    assert store.get("token") == "s3cret"
    assert backend.kept == {("threeline-test", "token"): "s3cret"}
    store.delete("token")
    store.delete("token")
    assert store.get("token") is None


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring(), keyring.backends.null.Keyring(), Locked()])
def test_a_keyring_that_drops_fails_or_is_locked_means_memory(backend: KeyringBackend) -> None:
    store = secrets_of("threeline-test", backend)
    store.set("token", "s3cret")
    assert isinstance(store, MemorySecrets)
    assert not store.persistent
    assert store.get("token") == "s3cret"


def test_plain_text_backends_are_refused() -> None:
    plain = type("PlaintextKeyring", (Working,), {"__module__": "keyrings.alt.file"})()
    assert isinstance(secrets_of("threeline-test", plain), MemorySecrets)


def test_a_keyring_that_fails_in_the_middle_says_so_and_loses_nothing() -> None:
    store = secrets_of("threeline-test", BreaksOnWrite())
    assert isinstance(store, KeyringSecrets)
    assert store.persistent
    store.set("token", "s3cret")
    assert not store.persistent
    assert store.get("token") == "s3cret"
    store.delete("token")
    assert store.get("token") is None


def test_an_oversized_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        secrets_of("threeline-test", Working()).set("token", "x" * (MAX_SECRET_CHARS + 1))
