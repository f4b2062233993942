"""Exceptions for what is broken outside us. A refusal of a request is not one: that is the value `Refused`."""

from typing import Final

import msgspec

UNDECODABLE: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
"""All that msgspec raises for bytes from outside: what does not fit, text that is none, and brackets in brackets."""


class ThreelineError(Exception):
    """Base of the faults this program names: each carries a code that `shared.strings` has words for."""

    code = "internal"

    def __init__(self, detail: str = "", **params: str | int) -> None:
        super().__init__(detail or self.code)
        self.params = params


class PeerBroken(ThreelineError):
    """The other end broke the protocol; its connection ends, its neighbours go on."""

    code = "peer_broken"


class LinkLost(ThreelineError):
    """The connection went away before the answer came."""

    code = "link_lost"


class ConfigError(ThreelineError):
    """A setting is missing or wrong; the text names it."""

    code = "config"
