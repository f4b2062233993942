"""Pictures of the open conversation, fetched once each; the newest are kept in memory."""

from collections import OrderedDict
from typing import Final, Literal

from agent_app.desk.relay import Blobs, Spawn
from shared.common.errors import LinkLost, PeerBroken
from shared.common.shown import Heard
from shared.protocol.frames import Refused

MAX_PICTURE_BYTES: Final = 10 * 1024 * 1024
MAX_KEPT_BYTES: Final = 64 * 1024 * 1024
State = Literal["loading", "ready", "failed"]


class Pictures:
    """By blob id. `changed` tells which one came or failed."""

    def __init__(self, blobs: Blobs, spawn: Spawn) -> None:
        self._blobs, self._spawn = blobs, spawn
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._states: dict[str, State] = {}
        self.changed = Heard[str]()

    def state(self, blob_id: str) -> State:
        """How it stands; asking for one that is not known begins to fetch it."""
        if blob_id not in self._states:
            self._states[blob_id] = "loading"
            self._spawn(self._fetch(blob_id), "fetch picture")
        return self._states[blob_id]

    def data(self, blob_id: str) -> bytes | None:
        """The bytes while they are kept."""
        return self._kept.get(blob_id)

    def again(self, blob_id: str) -> None:
        """Fetch a failed or dropped one once more."""
        if self._states.get(blob_id) != "loading":
            self._states.pop(blob_id, None)
            self.state(blob_id)

    async def _fetch(self, blob_id: str) -> None:
        try:
            answer = await self._blobs.download(blob_id, MAX_PICTURE_BYTES)
        except (LinkLost, PeerBroken):
            answer = Refused(code="internal")
        if isinstance(answer, Refused):
            self._states[blob_id] = "failed"
        else:
            self._states[blob_id] = "ready"
            self._keep(blob_id, answer)
        self.changed.tell(blob_id)

    def _keep(self, blob_id: str, data: bytes) -> None:
        self._kept[blob_id] = data
        while sum(map(len, self._kept.values())) > MAX_KEPT_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)
