"""Failed sign-ins by account and address together: a guesser slows down only themselves, never the account's person."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from relay_server.identity.rules import FORGET_MS, delay_ms

_KEPT: Final = 20_000


@dataclass(slots=True)
class _Failures:
    count: int
    last_ms: int


class Delays:
    """Kept in memory and bounded: the oldest entry makes room."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[tuple[str, str], _Failures] = OrderedDict()

    def wait_ms(self, account: str, address: str, now_ms: int) -> int:
        """How long this address must still wait before trying this account; 0: go on."""
        failures = self._by_key.get((account, address))
        if failures is None or now_ms - failures.last_ms > FORGET_MS:
            return 0
        return max(0, failures.last_ms + delay_ms(failures.count) - now_ms)

    def failed(self, account: str, address: str, now_ms: int) -> None:
        """One more failure."""
        key = (account, address)
        before = self._by_key.pop(key, None)
        count = before.count if before and now_ms - before.last_ms <= FORGET_MS else 0
        self._by_key[key] = _Failures(count + 1, now_ms)
        if len(self._by_key) > _KEPT:
            self._by_key.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """The right password: what came before is forgotten."""
        self._by_key.pop((account, address), None)
