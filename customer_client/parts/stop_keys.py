"""The chord that ends sharing, as key caps. The session process listens for it (shared.control)."""

from typing import Final

STOP_KEYS: Final = ("sharing.key_ctrl", "sharing.key_shift", "sharing.key_f12")
