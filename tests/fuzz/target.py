"""What is fuzzed: bytes in, and either nothing happens or something is found."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CORPUS: Final = Path(__file__).with_name("corpus")
_TOKENS: Final = (
    *(b"\0", b"\xff", b"\x7f", b'"', b"{", b"[", b"\\ud800", b"\r\n", b"-1", b"9" * 20, b"\xc0", b"\xde\xff\xff"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """`run` returns for whatever is refused as it should be; all that it raises is a finding. `around` holds what runs
    meanwhile (a server). `seeds` are good inputs, near which most of what is interesting lies."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    longest: int = 4096
    deterministic: int = 300
    """Inputs that the tests try beside seeds and findings."""
    around: Callable[[], AbstractContextManager[object]] = nullcontext


def kept(name: str) -> list[bytes]:
    """What was once found, or found worth keeping."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]


def mutations(target: Target, name: str, count: int) -> Iterator[bytes]:
    """The same ones each time."""
    chance = random.Random(name)
    known = [*target.seeds, *kept(name)]
    for _ in range(count):
        yield mutated(chance, known, target.longest)


def mutated(chance: random.Random, known: list[bytes], longest: int) -> bytes:
    """One of the known inputs, spoilt a little."""
    data = bytearray(chance.choice(known))
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(data))
        match chance.randint(0, 6):
            case 0:
                data[at:at] = chance.choice(_TOKENS)
            case 1:
                data[at : at + chance.randint(1, 16)] = b""
            case 2:
                data[at : at + 1] = chance.randbytes(1)
            case 3:
                part = bytes(data[at : at + chance.randint(1, 64)])
                data[at:at] = part * chance.randint(1, 200)
            case 4:
                other = chance.choice(known)
                data[at:] = other[chance.randint(0, len(other)) :]
            case 5:
                data[at:] = b""
            case _:
                data[at : at + 4] = chance.randbytes(4)
    return bytes(data[:longest])


def parts(data: bytes, most: int = 64) -> Iterator[bytes]:
    """Several messages in one input: each behind its length in two bytes; the last takes what is left."""
    at = 0
    for _ in range(most):
        if at + 2 > len(data):
            return
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        yield data[at + 2 : end]
        at = end


def joined(*messages: bytes) -> bytes:
    """For `parts`."""
    return b"".join(len(each).to_bytes(2, "big") + each for each in messages)
