"""The relay behind the port for as long as the program runs: the outbox from the start, the link once it is up."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from shared.common.errors import LinkLost
from shared.net.outbox import Outbox
from shared.protocol.frames import CustomerCommand, Refused
from shared.protocol.types import Attachment

T = TypeVar("T")


class LinkPort(Protocol):
    """The part of `shared.net.link.Link` that is used; that module is imported only after the first paint."""

    async def ask(self, command: CustomerCommand, expect: type[T], timeout_s: float = 10) -> T | Refused: ...
    def post(self, key: str, command: CustomerCommand) -> None: ...
    def tell(self, command: CustomerCommand) -> None: ...
    def follow(self, stream: str, after: int = 0) -> None: ...
    def unfollow(self, stream: str) -> None: ...
    def try_now(self) -> None: ...


class BlobPort(Protocol):
    """The part of `shared.net.api.BlobApi` that is used."""

    async def upload(self, data: bytes, name: str, media_type: str) -> Attachment | Refused: ...
    async def download(self, blob_id: str, limit_bytes: int) -> bytes | Refused: ...


class Line:
    """Fulfils `Relay` and `Blobs`. Before the link is there it answers as if the connection were lost."""

    def __init__(self, outbox: Outbox[CustomerCommand]) -> None:
        self._outbox = outbox
        self._link: LinkPort | None = None
        self._blobs: BlobPort | None = None
        self._followed: dict[str, int] = {}

    def attach(self, link: LinkPort, blobs: BlobPort) -> None:
        """The link is there."""
        self._link, self._blobs = link, blobs
        for stream, after in self._followed.items():
            link.follow(stream, after)

    async def ask(self, command: CustomerCommand, expect: type[T], timeout_s: float = 10) -> T | Refused:
        """See `Relay`."""
        if self._link is None:
            raise LinkLost("not connected")
        return await self._link.ask(command, expect, timeout_s)

    def post(self, key: str, command: CustomerCommand) -> None:
        """See `Relay`."""
        if self._link is None:
            self._outbox.put(key, command)
        else:
            self._link.post(key, command)

    def tell(self, command: CustomerCommand) -> None:
        """See `Relay`."""
        if self._link is not None:
            self._link.tell(command)

    def pending(self) -> Sequence[tuple[str, CustomerCommand]]:
        """See `Relay`."""
        return self._outbox.pending()

    def follow(self, stream: str, after: int = 0) -> None:
        """See `Relay`."""
        self._followed[stream] = after
        if self._link is not None:
            self._link.follow(stream, after)

    def unfollow(self, stream: str) -> None:
        """See `Relay`."""
        self._followed.pop(stream, None)
        if self._link is not None:
            self._link.unfollow(stream)

    def try_now(self) -> None:
        """See `Relay`."""
        if self._link is not None:
            self._link.try_now()

    async def upload(self, data: bytes, name: str, media_type: str) -> Attachment | Refused:
        """See `Blobs`."""
        if self._blobs is None:
            raise LinkLost("not connected")
        return await self._blobs.upload(data, name, media_type)

    async def download(self, blob_id: str, limit_bytes: int) -> bytes | Refused:
        """See `Blobs`."""
        if self._blobs is None:
            raise LinkLost("not connected")
        return await self._blobs.download(blob_id, limit_bytes)
