"""How many words of a page tesseract reads; nothing where it is not installed."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable

from benchmarks.media.look import Pixels
from benchmarks.media.pictures import page_words

READ_S = 30
BAND = 48
"""Rows at the top of the pattern that hold its counter."""


def can_read() -> bool:
    """Whether tesseract is there."""
    return shutil.which("tesseract") is not None


def read_page(page: Pixels, seed: int) -> float:
    """The share of `page_words(seed)` that tesseract finds in `page` (BGRX). Raises CalledProcessError."""
    rows = page[BAND:, :, 2::-1]
    picture = b"P6 %d %d 255\n" % (rows.shape[1], rows.shape[0]) + rows.tobytes()
    command = ["tesseract", "stdin", "stdout", "--psm", "6", "-l", "eng"]
    env = {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, input=picture, capture_output=True, env=env, check=True, timeout=READ_S)
    wanted = (word for line in page_words(seed) for word in line)
    return share_found(wanted, done.stdout.decode(errors="replace").split())


def share_found(wanted: Iterable[str], found: Iterable[str]) -> float:
    """The share of `wanted` words that are among `found`, each as often as it is there."""
    asked, heard = Counter(wanted), Counter(found)
    return (asked & heard).total() / asked.total()
