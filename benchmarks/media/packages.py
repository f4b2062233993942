"""What this bench needs beyond what `./dev` installs: the systems that ours is measured beside."""

import os
import shutil
import subprocess
import sys

PACKAGES = {
    "ip": "iproute2",
    "chromium": "chromium",
    "x11vnc": "x11vnc",
    "X0tigervnc": "tigervnc-scraping-server",
    "xtigervncviewer": "tigervnc-viewer",
    "tesseract": "tesseract-ocr",
}
"""Debian's packages by a program of each."""
INSTALL_S = 600


def provide() -> None:
    """Installs what is missing, or says how; what stays missing costs only the systems that need it."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if not missing:
        return
    line = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"bench: not everything is here. Run this once: sudo {line}", file=sys.stderr)
        return
    print(f"bench: {line}", file=sys.stderr, flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update -q", line):
        try:
            subprocess.run(command.split(), env=env, check=False, stdout=sys.stderr, timeout=INSTALL_S)
        except subprocess.TimeoutExpired:
            print(f"bench: gave up waiting for {command}", file=sys.stderr)
