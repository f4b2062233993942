"""Pictures that go with the next reply: uploaded as soon as they are put in, so that sending waits for nothing."""

from typing import Final, Literal

from msgspec import Struct, structs

from agent_app.desk.relay import Blobs, Failed, Spawn
from shared.common.errors import LinkLost, PeerBroken
from shared.common.ids import new_id
from shared.common.shown import Shown
from shared.protocol.frames import Refused
from shared.protocol.types import Attachment

MAX_ITEMS: Final = 10
MAX_BYTES: Final = 10 * 1024 * 1024


class TrayItem(Struct, frozen=True):
    """One picture. `stored` once the relay has it."""

    key: str
    name: str
    media_type: str
    size_bytes: int
    state: Literal["uploading", "ready", "failed"] = "uploading"
    stored: Attachment | None = None
    problem: Failed | None = None


class Tray:
    """Bounded in count and size; a failed one keeps its bytes and can be tried again."""

    def __init__(self, blobs: Blobs, spawn: Spawn) -> None:
        self._blobs, self._spawn = blobs, spawn
        self._bytes: dict[str, bytes] = {}
        self.items: Shown[tuple[TrayItem, ...]] = Shown(())

    def put(self, data: bytes, name: str, media_type: str) -> Failed | None:
        """Begin to upload; says why when it is not taken at all."""
        if len(self.items.value) >= MAX_ITEMS or len(data) > MAX_BYTES:
            return Failed("blob_too_large")
        item = TrayItem(new_id(), name, media_type, len(data))
        self._bytes[item.key] = data
        self.items.set((*self.items.value, item))
        self._spawn(self._upload(item), "upload picture")
        return None

    def again(self, key: str) -> None:
        """Try a failed one once more."""
        item = self._find(key)
        if item is not None and item.state == "failed":
            fresh = self._replace(key, state="uploading", problem=None)
            self._spawn(self._upload(fresh or item), "upload picture")

    def remove(self, key: str) -> None:
        """Leave it out."""
        self._bytes.pop(key, None)
        self.items.set(tuple(item for item in self.items.value if item.key != key))

    def clear(self) -> None:
        """They are on their way with a message."""
        self._bytes.clear()
        self.items.set(())

    @property
    def settled(self) -> bool:
        """Whether everything in it is stored."""
        return all(item.state == "ready" for item in self.items.value)

    async def _upload(self, item: TrayItem) -> None:
        try:
            answer = await self._blobs.upload(self._bytes[item.key], item.name, item.media_type)
        except LinkLost as error:
            self._replace(item.key, state="failed", problem=Failed(error.code))
            return
        except PeerBroken:
            self._replace(item.key, state="failed", problem=Failed("internal"))
            return
        if isinstance(answer, Refused):
            self._replace(item.key, state="failed", problem=Failed(answer.code, dict(answer.params)))
        else:
            self._replace(item.key, state="ready", stored=answer)

    def _find(self, key: str) -> TrayItem | None:
        return next((item for item in self.items.value if item.key == key), None)

    def _replace(self, key: str, **fields: object) -> TrayItem | None:
        found = self._find(key)
        if found is None:
            return None
        fresh = structs.replace(found, **fields)
        self.items.set(tuple(fresh if item.key == key else item for item in self.items.value))
        return fresh
