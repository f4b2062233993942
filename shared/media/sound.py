"""The port to microphone and loudspeaker, and the one shape of sound in a session.

Sound is mono, 48,000 samples a second, 16 bits signed, in pieces of 20 ms (``PIECE_BYTES``).
"""

from collections.abc import Callable
from typing import Final, Protocol

import msgspec

RATE_HZ: Final = 48_000
PIECE_SAMPLES: Final = 960
PIECE_BYTES: Final = PIECE_SAMPLES * 2
SILENCE: Final = bytes(PIECE_BYTES)
MAX_DEVICES: Final = 32


class SoundFault(Exception):
    """``code``: ``sound.no_library``, ``sound.no_device`` or ``sound.device_failed``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SoundDevice(msgspec.Struct, frozen=True):
    """``id`` stays the same from run to run as long as the system names the device the same."""

    id: str
    name: str


class SoundDevices(msgspec.Struct, frozen=True):
    """What is there now; the first of each is what the system would choose."""

    inputs: tuple[SoundDevice, ...] = ()
    outputs: tuple[SoundDevice, ...] = ()


class OpenSound(Protocol):
    """Devices that run."""

    def close(self) -> None:
        """Ends both. Blocks for some milliseconds. Idempotent."""
        ...


class SoundCard(Protocol):
    """The machine's sound. Every function blocks (up to a second); to be called in a thread."""

    def devices(self) -> SoundDevices:
        """Raises SoundFault."""
        ...

    def open(
        self, input_id: str, output_id: str, captured: Callable[[bytes], None], wanted: Callable[[], bytes]
    ) -> OpenSound:
        """Starts both ends; an empty id is the system's choice. One that is not there is left out.

        ``captured`` gets each piece of the microphone's, ``wanted`` gives the next one for the loudspeaker; both are
        called in threads of the library's and must be quick. Raises SoundFault when neither end can be opened.
        """
        ...
