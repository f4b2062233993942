"""What may be asked how often: one table by kind, by address before sign-in and by account after it."""

import math
import re
from collections.abc import Iterable
from typing import Final, Literal, get_args

from relay_server.gateway.ratelimit import Bucket, Buckets, Limit
from relay_server.settings import Settings
from shared.common.errors import ConfigError
from shared.protocol.frames import Refused
from shared.protocol.messages import conversations as c
from shared.protocol.messages import identity as i
from shared.protocol.messages import insight as m
from shared.protocol.messages import knowledge as k
from shared.protocol.messages import remote as x

AddressKind = Literal["connect", "http", "password"]
AccountKind = Literal["command", "search", "open", "ask", "signal", "record", "upload", "download"]
Kind = AddressKind | AccountKind

TABLE: Final[dict[Kind, Limit]] = {
    "http": Limit(100, 500),
    "password": Limit(2, 60),
    "search": Limit(3, 30),
    "open": Limit(0.2, 10),
    "ask": Limit(0.5, 10),
    "signal": Limit(20, 120),
    "record": Limit(0.5, 20),
    "upload": Limit(5, 60),
    "download": Limit(20, 200),
}
"""`connect` and `command` have settings of their own (`address_*`, `link_*`)."""

OF_OPENING: Final[dict[type, AddressKind]] = {i.SignInWithPassword: "password"}
"""What costs more than a look at a few bytes, before anybody is signed in."""

OF_COMMAND: Final[dict[type, AccountKind]] = {
    k.SearchArticles: "search",
    c.OpenConversation: "open",
    c.LeaveMessage: "open",
    c.Reopen: "open",
    x.AskCapabilities: "ask",
    x.SendSignal: "signal",
    x.GetIceServers: "signal",
    x.StoreReceipt: "record",
    m.GiveRating: "record",
    i.UpdateProfile: "record",
}
"""What costs more than a line of chat, or bothers somebody; everything costs a `command` as well."""

_WORDS: Final = re.compile(r"([a-z]+)=([0-9]{1,6}(?:\.[0-9]{1,3})?)/([0-9]{1,7})")
_RATES: Final = (0.01, 100_000.0)
_BURSTS: Final = (1, 1_000_000)
_LONGEST_WAIT_S: Final = 3600


class Limits:
    """The buckets of this relay. Each relay of several counts for itself."""

    def __init__(self, settings: Settings) -> None:
        table = resolved(settings)
        self._by_address = {kind: Buckets(table[kind]) for kind in get_args(AddressKind)}
        self._by_account = {kind: Buckets(table[kind]) for kind in get_args(AccountKind)}

    def by_address(self, kind: AddressKind, address: str, now_s: float) -> Refused | None:
        """Counts one; a refusal with the wait when it is one too many."""
        return _refusal(self._by_address[kind].wait_s(address, now_s))

    def by_account(self, kind: AccountKind, account: str, now_s: float) -> Refused | None:
        """Counts one; a refusal with the wait when it is one too many."""
        return _refusal(self._by_account[kind].wait_s(account, now_s))

    def opening(self, command: i.Opening, address: str, now_s: float) -> Refused | None:
        """A command before sign-in."""
        kind = OF_OPENING.get(type(command))
        return self.by_address(kind, address, now_s) if kind else None

    def commands(self, account: str, now_s: float) -> Bucket:
        """What all links of an account share."""
        return self._by_account["command"].of(account, now_s)

    def command(self, bucket: Bucket, command: object, account: str, now_s: float) -> Refused | None:
        """A command after sign-in; `bucket` is the account's of `commands`."""
        if not bucket.take(now_s):
            return _refusal(max(bucket.wait_s(), 0.001))
        kind = OF_COMMAND.get(type(command))
        return self.by_account(kind, account, now_s) if kind else None

    def buckets(self) -> int:
        """How many are kept now."""
        return sum(len(each) for table in (self._by_address, self._by_account) for each in table.values())


def resolved(settings: Settings) -> dict[Kind, Limit]:
    """The table with the settings over it. Raises ConfigError."""
    own: dict[Kind, Limit] = {
        "connect": Limit(settings.address_rate, settings.address_burst),
        "command": Limit(settings.link_rate, settings.link_burst),
    }
    return {**TABLE, **own, **_parsed(settings.limits)}


def _parsed(words: Iterable[str]) -> dict[Kind, Limit]:
    found: dict[Kind, Limit] = {}
    for each in words:
        match = _WORDS.fullmatch(each.replace(" ", ""))
        kind: Kind | None = next((kind for kind in TABLE if match and kind == match[1]), None)
        if match is None or kind is None:
            raise ConfigError(f"limits: {each}: KIND=RATE/BURST is wanted, KIND one of {', '.join(TABLE)}")
        rate, burst = float(match[2]), int(match[3])
        if not (_RATES[0] <= rate <= _RATES[1] and _BURSTS[0] <= burst <= _BURSTS[1]):
            raise ConfigError(
                f"limits: {each}: rate {_RATES[0]} to {_RATES[1]:.0f}, burst {_BURSTS[0]} to {_BURSTS[1]}"
            )
        found[kind] = Limit(rate, burst)
    return found


def _refusal(wait_s: float) -> Refused | None:
    if wait_s <= 0:
        return None
    return Refused(code="rate_limited", params={"retry_s": str(min(math.ceil(wait_s), _LONGEST_WAIT_S))})
