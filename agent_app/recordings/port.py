"""The port to the recordings at the relay."""

from typing import Protocol

from shared.protocol.frames import Refused
from shared.protocol.messages.recordings import RecordingStored


class Shelf(Protocol):
    """Encrypted bytes in and out; `app.account` fulfils it. All raise LinkLost."""

    async def put_chunk(self, recording_id: str, sequence: int, chunk: bytes, /) -> RecordingStored | Refused:
        """Brings the next part; one that is there already is no harm."""
        ...

    async def close_recording(self, recording_id: str, /) -> RecordingStored | Refused:
        """Says that no more comes."""
        ...

    async def read_recording(self, recording_id: str, opening_id: str, at: int, /) -> bytes | Refused:
        """Bytes from `at` on; none at the end."""
        ...
