"""Writes `docs/openapi.json`, or with `--check` says whether it is in step with the routes."""

import sys
from pathlib import Path

import msgspec

from relay_server import VERSION
from relay_server.api import openapi
from relay_server.api.table import NO_MEANS, routes

_PLACE = Path("docs/openapi.json")


def main() -> int:
    """0, or 1 when the document is out of step."""
    made = msgspec.json.format(msgspec.json.encode(openapi.document(routes(NO_MEANS), VERSION)), indent=1) + b"\n"
    if "--check" in sys.argv[1:]:
        if _PLACE.is_file() and _PLACE.read_bytes() == made:
            return 0
        sys.stderr.write(f"{_PLACE} is out of step: python -m relay_server.api\n")
        return 1
    _PLACE.write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
