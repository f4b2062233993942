"""Pictures of conversations: fetched once each, decoded by a thread; the newest are kept in memory."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, Literal, TypeVar

from msgspec import Struct

from agent_app.desk.relay import Blobs, Spawn
from shared.common.errors import LinkLost, PeerBroken
from shared.common.shown import Heard
from shared.protocol.frames import Refused

MAX_PICTURE_BYTES: Final = 10 * 1024 * 1024
MAX_KEPT: Final = 24
State = Literal["loading", "ready", "failed"]
ImageT = TypeVar("ImageT")


class Kept(Struct, Generic[ImageT], frozen=True):
    """A picture as it was sent, and decoded."""

    data: bytes
    image: ImageT


class Pictures(Generic[ImageT]):
    """By blob id. `decode` gives None for what is no picture. `changed` tells which one came or failed."""

    def __init__(self, blobs: Blobs, spawn: Spawn, decode: Callable[[bytes], ImageT | None]) -> None:
        self._blobs, self._spawn, self._decode = blobs, spawn, decode
        self._kept: OrderedDict[str, Kept[ImageT]] = OrderedDict()
        self._states: dict[str, State] = {}
        self.changed = Heard[str]()

    def state(self, blob_id: str) -> State:
        """How it stands; asking for one that is not known begins to fetch it."""
        if blob_id not in self._states:
            self._states[blob_id] = "loading"
            self._spawn(self._fetch(blob_id), "fetch picture")
        return self._states[blob_id]

    def kept(self, blob_id: str) -> Kept[ImageT] | None:
        """The picture, while it is kept."""
        return self._kept.get(blob_id)

    def again(self, blob_id: str) -> None:
        """Fetch a failed or dropped one once more."""
        if self._states.get(blob_id) != "loading":
            self._states.pop(blob_id, None)
            self.state(blob_id)

    async def _fetch(self, blob_id: str) -> None:
        try:
            data = await self._blobs.download(blob_id, MAX_PICTURE_BYTES)
        except (LinkLost, PeerBroken):
            data = Refused(code="internal")
        image = None if isinstance(data, Refused) else await asyncio.to_thread(self._decode, data)
        if image is None or isinstance(data, Refused):
            self._states[blob_id] = "failed"
        else:
            self._states[blob_id] = "ready"
            self._keep(blob_id, Kept(data, image))
        self.changed.tell(blob_id)

    def _keep(self, blob_id: str, picture: Kept[ImageT]) -> None:
        self._kept[blob_id] = picture
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
