"""The refresh token in the keyring: written by a thread, newest wins, never in a file."""

import asyncio
from typing import TYPE_CHECKING, Final

from shared.net.servers import home_of

if TYPE_CHECKING:  # the keyring library is loaded once the window is there
    from shared.net.secrets import SecretStore

_DROP: Final = ""


class TokenKeeper:
    """`keep` from the loop; `run` writes. One name per server and user."""

    def __init__(self, store: "SecretStore") -> None:
        self._store = store
        self._wanted: dict[str, str] = {}
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def load(self, server: str, username: str) -> str | None:
        """The token kept for this user, or None."""
        return await asyncio.to_thread(self._store.get, _name(server, username))

    def keep(self, server: str, username: str, token: str | None) -> None:
        """Keep a token, or forget it (None)."""
        self._wanted[_name(server, username)] = token or _DROP
        self._idle.clear()
        self._changed.set()

    async def settle(self) -> None:
        """Wait until everything is written."""
        await self._idle.wait()

    async def run(self) -> None:
        """Writes what is wanted until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted, self._wanted = self._wanted, {}
            for name, token in wanted.items():
                await asyncio.to_thread(self._write, name, token)
            if not self._wanted:
                self._idle.set()

    def _write(self, name: str, token: str) -> None:
        if token == _DROP:
            self._store.delete(name)
        else:
            self._store.set(name, token)


def _name(server: str, username: str) -> str:
    return f"refresh {home_of(server)} {username}"
