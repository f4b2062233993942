"""Secrets in files, one a line: the first is in use, all are accepted. So one can take over from another unnoticed.

A new secret is added behind the old one and carried to everybody who must accept it; then it is put in use; when
nothing made with the old one is good any more, that is dropped.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from shared.common.errors import ConfigError

AT_ONCE: Final = 2
_MAX_BYTES: Final = 4096


def read(path: Path) -> tuple[str, ...]:
    """The secrets, the one in use first; none when there is no such file. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            words = file.read(_MAX_BYTES + 1)
        found = tuple(line.strip() for line in words.decode("ascii").splitlines() if line.strip())
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if len(words) > _MAX_BYTES or len(found) > AT_ONCE or len(set(found)) < len(found):
        raise ConfigError(f"{path}: {AT_ONCE} different secrets at most, one a line")
    return found


def write(path: Path, found: Sequence[str]) -> None:
    """All at once and on the disk, so that nobody ever reads half of it; readable by its owner only."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write("".join(f"{each}\n" for each in found).encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def name_of(secret: str) -> str:
    """What a secret is called where it may not be shown."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


def new_pass_key() -> str:
    """32 random bytes."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def new_turn_secret() -> str:
    """32 random bytes in a form that coturn's configuration takes."""
    return secrets.token_hex(32)


MAKERS: Final[dict[str, Callable[[], str]]] = {"pass": new_pass_key, "turn": new_turn_secret}
