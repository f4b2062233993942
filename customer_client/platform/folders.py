"""Where this program keeps things, as each system wants it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_NAME = "threeline-client"


def config_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Settings that a person chose."""
    if sys.platform == "win32":
        return Path(environ.get("APPDATA", Path.home())) / _NAME
    return Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / _NAME


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """What must not get lost: the outbox."""
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA", Path.home())) / _NAME
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / _NAME


def documents_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a receipt is saved unless the person says otherwise."""
    home = Path(environ.get("HOME") or Path.home())
    documents = home / "Documents"
    return documents if documents.is_dir() else home
