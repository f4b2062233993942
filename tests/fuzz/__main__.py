"""`./dev fuzz TARGET --minutes N`: goes on from seeds and findings for so long, guided by coverage (atheris).

What is interesting is kept in artifacts/fuzz/TARGET and gone on from the next time. A finding is written there too, as
crash-*: make it small, put it into tests/fuzz/corpus/TARGET, and mend what it found.
"""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any, Final

from tests.fuzz.target import CORPUS, Target

ARTIFACTS: Final = Path("artifacts/fuzz")
OURS: Final = ["shared", "relay_server", "customer_client.app.config"]


def main() -> int:
    """Runs one target; the exit status is atheris's."""
    parser = argparse.ArgumentParser("./dev fuzz")
    parser.add_argument("target", nargs="?", default="", help="none: lists them")
    parser.add_argument("--minutes", type=float, default=1.0)
    asked = parser.parse_args()
    if sys.platform != "linux":
        sys.stderr.write("Fuzzing guided by coverage needs Linux; ./dev test tests/fuzz runs anywhere.\n")
        return 2
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=OURS):
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
    if asked.target not in targets:
        sys.stderr.write(f"targets: {' '.join(targets)}\n")
        return 2
    return _fuzz(atheris, asked.target, targets[asked.target], asked.minutes)


def _fuzz(atheris: Any, name: str, target: Target, minutes: float) -> int:

    room = ARTIFACTS / name
    room.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (room / f"seed-{number}").write_bytes(seed)
    found = [str(CORPUS / name)] if (CORPUS / name).is_dir() else []
    options = [f"-max_total_time={int(minutes * 60)}", f"-max_len={target.longest}", "-print_final_stats=1"]
    options += ["-timeout=20", "-rss_limit_mb=2048", f"-artifact_prefix={room}/", "-close_fd_mask=0"]
    atheris.Setup([name, *options, str(room), *found], target.run)
    with target.around():
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
