"""The peer's sharing side: mss in a VideoStreamTrack, aiortc's own encoder. Offer and answer over standard streams.

python -m benchmarks.media.plain_sharer h264|vp8 VIEWERS
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

import mss
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamTrack, VideoStreamTrack
from av import VideoFrame
from typing_extensions import override


class Screen(VideoStreamTrack):
    """30 pictures a second of the first monitor, as the class paces them."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = ThreadPoolExecutor(1)  # mss wants to stay in one thread
        self._mss: mss.MSS | None = None

    @override
    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = await asyncio.get_running_loop().run_in_executor(self._thread, self._grab)
        frame.pts, frame.time_base = pts, time_base
        return frame

    def _grab(self) -> VideoFrame:
        if self._mss is None:
            self._mss = mss.MSS()
        shot = self._mss.grab(self._mss.monitors[1])
        pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        return VideoFrame.from_ndarray(pixels, format="bgra")


async def share(codec: str, viewers: int) -> None:
    """Until standard input ends. All offers first, then all answers, line by line."""
    screen, relay = Screen(), MediaRelay()
    peers = [await offer(codec, screen if viewers == 1 else relay.subscribe(screen)) for _ in range(viewers)]
    for peer in peers:
        answer = bytes.fromhex((await asyncio.to_thread(sys.stdin.readline)).strip()).decode()
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.to_thread(sys.stdin.readline)
    for peer in peers:
        await peer.close()


async def offer(codec: str, track: MediaStreamTrack) -> RTCPeerConnection:
    """To one viewer; aiortc encodes for each of them anew."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    sender = peer.addTrack(track)
    known = RTCRtpSender.getCapabilities("video").codecs
    transceiver = next(each for each in peer.getTransceivers() if each.sender is sender)
    transceiver.setCodecPreferences([each for each in known if each.mimeType.lower() == f"video/{codec}"])
    await peer.setLocalDescription(await peer.createOffer())
    print(peer.localDescription.sdp.encode().hex(), flush=True)
    return peer


if __name__ == "__main__":
    asyncio.run(share(sys.argv[1], int(sys.argv[2])))
