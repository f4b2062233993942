"""The relay: signalling, routing and records. It carries no picture of any screen."""

from typing import Final

VERSION: Final = "0.1.0"
