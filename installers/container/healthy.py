"""Whether the relay of this container lives: `/healthz` over its own certificate. Exit status 0 or 1."""

import os
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

WAIT_S = 4.0


def main() -> int:
    """Asks once. A relay that is draining or whose store is away lives: restarting it would help nobody."""
    port = os.environ.get("THREELINE_RELAY_PORT", "7443")
    authority = Path(os.environ.get("THREELINE_RELAY_DATA_DIR", "/data")) / "tls" / "ca.pem"
    try:
        trust = ssl.create_default_context(cafile=str(authority))
        with urllib.request.urlopen(f"https://localhost:{port}/healthz", timeout=WAIT_S, context=trust) as answer:
            return 0 if answer.status == 200 else 1
    except (OSError, urllib.error.URLError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
