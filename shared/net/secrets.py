"""Secrets in the operating system's keyring, or for this run only where there is no keyring worth the name.

Never a file of our own and never a backend that keeps plain text or silently drops: then the person is told instead.
"""

import logging
from dataclasses import dataclass, field
from typing import Final, Protocol, cast

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringError, PasswordDeleteError

_log = logging.getLogger(__name__)

_REFUSED_MODULES: Final = ("keyrings.alt", "keyring.backends.null", "keyring.backends.fail")
MAX_SECRET_CHARS: Final = 4096


class SecretStore(Protocol):
    """Named secrets of one program. `persistent` says whether they survive this run; show that to the person."""

    @property
    def persistent(self) -> bool: ...
    def get(self, name: str) -> str | None: ...
    def set(self, name: str, secret: str) -> None: ...
    def delete(self, name: str) -> None: ...


class _Backend(Protocol):
    """The part of a keyring backend that is used here; the library's own types leave it half unknown."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


@dataclass
class MemorySecrets:
    """Kept until the program ends."""

    secrets: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def persistent(self) -> bool:
        """Never."""
        return False

    def get(self, name: str) -> str | None:
        """The secret, or None."""
        return self.secrets.get(name)

    def set(self, name: str, secret: str) -> None:
        """Keep a secret. Raises ValueError above `MAX_SECRET_CHARS`."""
        self.secrets[name] = _checked(secret)

    def delete(self, name: str) -> None:
        """Forget it; nothing happens where there is none."""
        self.secrets.pop(name, None)


class KeyringSecrets:
    """Kept by the keyring. When that fails in the middle (locked, gone), goes on in memory, persistent no more."""

    def __init__(self, service: str, backend: _Backend) -> None:
        self._service = service
        self._backend = backend
        self._memory = MemorySecrets()
        self._working = True

    @property
    def persistent(self) -> bool:
        """Whether the keyring has worked so far."""
        return self._working

    def get(self, name: str) -> str | None:
        """The secret, or None; what was kept in memory after a failure comes first."""
        kept = self._memory.get(name)
        if kept is not None or not self._working:
            return kept
        try:
            return self._backend.get_password(self._service, name)
        except KeyringError as error:
            self._give_up(error)
            return None

    def set(self, name: str, secret: str) -> None:
        """Keep a secret. Raises ValueError above `MAX_SECRET_CHARS`."""
        _checked(secret)
        if self._working:
            try:
                self._backend.set_password(self._service, name, secret)
            except KeyringError as error:
                self._give_up(error)
            else:
                return
        self._memory.set(name, secret)

    def delete(self, name: str) -> None:
        """Forget it; nothing happens where there is none."""
        self._memory.delete(name)
        if not self._working:
            return
        try:
            self._backend.delete_password(self._service, name)
        except PasswordDeleteError:
            return
        except KeyringError as error:
            self._give_up(error)

    def _give_up(self, error: KeyringError) -> None:
        self._working = False
        _log.info("keyring failed, secrets are kept for this run only: %s", type(error).__name__)


def open_secrets(service: str) -> SecretStore:
    """The secrets of `service` (a program's name), kept by the system's keyring if it has a working one.

    Blocks on D-Bus: call it from a thread. The probe reads one name that does not exist.
    """
    return secrets_of(service, keyring.get_keyring())


def secrets_of(service: str, backend: KeyringBackend) -> SecretStore:
    """As `open_secrets`, from a backend: refused kinds and those that fail at the first question give memory only."""
    chosen = _acceptable(backend)
    if chosen is None:
        _log.info("no working keyring, secrets are kept for this run only")
        return MemorySecrets()
    store = KeyringSecrets(service, cast("_Backend", chosen))
    store.get("probe")
    return store if store.persistent else MemorySecrets()


def _acceptable(backend: KeyringBackend) -> KeyringBackend | None:
    """The backend, the first acceptable one of a chain (which would fall through to plain text), or None."""
    if isinstance(backend, ChainerBackend):
        return next((each for each in backend.backends if _acceptable(each) is not None), None)
    return None if type(backend).__module__.startswith(_REFUSED_MODULES) else backend


def _checked(secret: str) -> str:
    if len(secret) > MAX_SECRET_CHARS:
        raise ValueError(f"secret of {len(secret)} characters, at most {MAX_SECRET_CHARS}")
    return secret
