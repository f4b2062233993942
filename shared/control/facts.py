"""System information: what travels on the data channel named `facts`.

The agent asks, the customer's machine answers with what its person has left in, or with why it does not. Keys are
words of ours in both languages; values come from the machine and are shown as plain text.
"""

from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from shared.common.errors import UNDECODABLE, PeerBroken

MAX_FACTS_BYTES: Final = 48 * 1024
MAX_VALUE: Final = 100
MAX_NAME: Final = 40
MAX_FACTS: Final = 16
"""In one section."""

SectionName = Literal["system", "hardware", "storage", "screens", "network", "addresses", "region", "programs"]
SECTIONS: Final[tuple[SectionName, ...]] = (
    "system",
    "hardware",
    "storage",
    "screens",
    "network",
    "addresses",
    "region",
    "programs",
)
Key = Literal[
    "os",
    "kernel",
    "machine",
    "uptime",
    "program",
    "processor",
    "cores",
    "load",
    "memory",
    "swap",
    "disk",
    "screen",
    "interface",
    "route",
    "gateway",
    "dns",
    "address",
    "gateway_address",
    "dns_address",
    "language",
    "zone",
    "time",
    "process",
]
KEYS_IN_WORDS: Final[frozenset[Key]] = frozenset({"interface", "route", "gateway", "dns"})
"""Their values are `WORDS`, joined with ", ", each said in the reader's language."""
WORDS: Final = (
    "wired",
    "wireless",
    "virtual",
    "other",
    "up",
    "down",
    "no_address",
    "private",
    "public",
    "yes",
    "no",
    "answers",
    "silent",
    "unknown",
)
Held = Literal["refused", "not_allowed", "lost"]
"""Why nothing comes: the person does not send it, no grant is in force, the connection is gone."""


class Fact(Struct, frozen=True, array_like=True):
    """One line. `name` says which, where there are several: a disk, an interface."""

    key: Key
    value: Annotated[str, Meta(max_length=MAX_VALUE)]
    name: Annotated[str, Meta(max_length=MAX_NAME)] = ""


class Section(Struct, frozen=True, array_like=True):
    """Lines that are sent together or not at all."""

    name: SectionName
    facts: Annotated[tuple[Fact, ...], Meta(max_length=MAX_FACTS)]


class Ask(Struct, frozen=True, array_like=True, tag=True):
    """The agent would like a snapshot of now."""


class Facts(Struct, frozen=True, array_like=True, tag=True):
    """What the person has sent."""

    sections: Annotated[tuple[Section, ...], Meta(max_length=len(SECTIONS))]


class Withheld(Struct, frozen=True, array_like=True, tag=True):
    """Nothing comes."""

    why: Held


_T = TypeVar("_T")
_encoder: Final = msgspec.msgpack.Encoder()
_ask: Final = msgspec.msgpack.Decoder(Ask)
_told: Final = msgspec.msgpack.Decoder[Facts | Withheld](Facts | Withheld)


def encode(message: Ask | Facts | Withheld) -> bytes:
    """The bytes of one message."""
    return _encoder.encode(message)


def decode_ask(data: bytes) -> Ask:
    """On the customer's side. Raises PeerBroken."""
    return _decoded(_ask, data)


def decode_told(data: bytes) -> Facts | Withheld:
    """On the agent's side; whatever would not be seen as it is, is a space. Raises PeerBroken."""
    told = _decoded(_told, data)
    return Facts(tuple(map(_plain_section, told.sections))) if isinstance(told, Facts) else told


def plain(words: str, most: int) -> str:
    """One visible line of at most so many characters: no control characters, no changes of direction."""
    seen = "".join(letter if letter.isprintable() else " " for letter in words)
    return " ".join(seen.split())[:most]


def _plain_section(section: Section) -> Section:
    facts = (Fact(fact.key, plain(fact.value, MAX_VALUE), plain(fact.name, MAX_NAME)) for fact in section.facts)
    return Section(section.name, tuple(facts))


def _decoded(decoder: msgspec.msgpack.Decoder[_T], data: bytes) -> _T:
    if len(data) > MAX_FACTS_BYTES:
        raise PeerBroken(f"{len(data)} bytes of facts, {MAX_FACTS_BYTES} allowed")
    try:
        return decoder.decode(data)
    except UNDECODABLE as error:
        raise PeerBroken(str(error)) from error
