"""Blobs over HTTPS: pictures and files that messages refer to."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec

from shared.common.errors import UNDECODABLE, LinkLost, PeerBroken
from shared.net.backoff import asked_wait_s
from shared.net.endpoint import Endpoint
from shared.protocol.frames import Refused
from shared.protocol.messages.recordings import RecordingStored
from shared.protocol.types import Attachment

MAX_BLOB_BYTES: Final = 10 * 1024 * 1024
TIMEOUT_S: Final = 60
TRIES: Final = 3
LONGEST_WAIT_S: Final = 15
T = TypeVar("T")


class BlobApi:
    """Uploads and downloads with this link's access token; close it with its owner."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.access_token = ""
        self._session: aiohttp.ClientSession | None = None

    async def upload(self, data: bytes, name: str, media_type: str) -> Attachment | Refused:
        """Stores `data` (at most `MAX_BLOB_BYTES`). Raises LinkLost, PeerBroken."""
        if len(data) > MAX_BLOB_BYTES:
            return Refused(code="blob_too_large", params={"limit": str(MAX_BLOB_BYTES)})
        headers = {**self._authorisation(), "Content-Type": media_type, "X-File-Name": quote(name)}
        return await _patiently(lambda: self._upload(data, headers))

    async def _upload(self, data: bytes, headers: dict[str, str]) -> Attachment | Refused:
        try:
            body = io.BytesIO(data)  # bytes over a mebibyte would be copied on the loop
            async with self._http().post(self._endpoint.http("/blobs"), data=body, headers=headers) as answer:
                told = await answer.read()
                return _decode(told, Attachment) if answer.status == 201 else _decode(told, Refused)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LinkLost(str(error)) from error

    async def download(self, blob_id: str, limit_bytes: int = MAX_BLOB_BYTES) -> bytes | Refused:
        """A blob whole, never more than `limit_bytes`. Raises LinkLost, PeerBroken."""
        url = self._endpoint.http(f"/blobs/{quote(blob_id, safe='')}")
        return await _patiently(lambda: self._get(url, {}, limit_bytes))

    async def put_chunk(self, recording_id: str, sequence: int, chunk: bytes) -> RecordingStored | Refused:
        """Brings a part of a recording; one that is there already is no harm. Raises LinkLost, PeerBroken."""
        path = f"/recordings/{quote(recording_id, safe='')}/{sequence}"
        return await _patiently(lambda: self._tell("put", path, io.BytesIO(chunk)))

    async def close_recording(self, recording_id: str) -> RecordingStored | Refused:
        """Says that no more of it comes. Raises LinkLost, PeerBroken."""
        return await self._tell("post", f"/recordings/{quote(recording_id, safe='')}/close", None)

    async def read_recording(self, recording_id: str, opening_id: str, at: int) -> bytes | Refused:
        """The encrypted bytes from `at` on, as many as the relay gives at once; none at the end. Raises LinkLost."""
        url = self._endpoint.http(f"/recordings/{quote(recording_id, safe='')}")
        query = {"opening": opening_id, "at": str(at)}
        return await _patiently(lambda: self._get(url, query, MAX_BLOB_BYTES))

    async def _get(self, url: str, query: dict[str, str], limit_bytes: int) -> bytes | Refused:
        try:
            async with self._http().get(url, params=query, headers=self._authorisation()) as answer:
                if answer.status != 200:
                    return _decode(await answer.content.read(4096), Refused)
                if (answer.content_length or 0) > limit_bytes:
                    return Refused(code="blob_too_large")
                return await _read_bounded(answer.content, limit_bytes)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LinkLost(str(error)) from error

    async def _tell(self, method: str, path: str, body: io.BytesIO | None) -> RecordingStored | Refused:
        try:
            request = self._http().request(method, self._endpoint.http(path), data=body, headers=self._authorisation())
            async with request as answer:
                told = await answer.content.read(64 * 1024)
                return _decode(told, RecordingStored) if answer.status == 200 else _decode(told, Refused)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LinkLost(str(error)) from error

    async def close(self) -> None:
        """Lets go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _authorisation(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self._endpoint.tls(), limit=4)
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session


async def _patiently(attempt: Callable[[], Awaitable[T | Refused]]) -> T | Refused:
    """Tries again when the relay says that it was too fast, as long after as it says."""
    answer = await attempt()
    for _ in range(TRIES - 1):
        wait_s = asked_wait_s(answer) if isinstance(answer, Refused) else 0.0
        if not 0 < wait_s <= LONGEST_WAIT_S:
            break
        await asyncio.sleep(wait_s)
        answer = await attempt()
    return answer


async def _read_bounded(stream: aiohttp.StreamReader, limit_bytes: int) -> bytes | Refused:
    parts: list[bytes] = []
    total = 0
    async for part in stream.iter_chunked(64 * 1024):
        total += len(part)
        if total > limit_bytes:
            return Refused(code="blob_too_large")
        parts.append(part)
    return b"".join(parts)


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except UNDECODABLE as error:
        raise PeerBroken(f"not a {kind.__name__}") from error
