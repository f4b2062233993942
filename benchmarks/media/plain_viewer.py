"""The peer's viewing side: aiortc receives and decodes, a plain Qt window paints. Descriptions as in plain_sharer.

python -m benchmarks.media.plain_viewer WIDTH HEIGHT
"""

import asyncio
import sys
import threading

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from typing_extensions import override


class Picture(QWidget):
    """Paints the newest frame at the top left of the screen."""

    came = Signal(QImage)

    def __init__(self, width: int, height: int) -> None:
        super().__init__(None, Qt.WindowType.X11BypassWindowManagerHint | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setGeometry(0, 0, width, height)
        self._image = QImage()
        self.came.connect(self._show)

    def _show(self, image: QImage) -> None:
        self._image = image
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).drawImage(0, 0, self._image)


async def view(picture: Picture) -> None:
    """Until standard input ends."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    async with asyncio.TaskGroup() as tasks:

        @peer.on("track")
        def _(track: MediaStreamTrack) -> None:
            tasks.create_task(paint(track, picture))

        offer = bytes.fromhex((await asyncio.to_thread(sys.stdin.readline)).strip()).decode()
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        print(peer.localDescription.sdp.encode().hex(), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await peer.close()


async def paint(track: MediaStreamTrack, picture: Picture) -> None:
    """Every frame that comes, to the window's thread."""
    while True:
        try:
            frame: object = await track.recv()
        except MediaStreamError:
            return
        assert isinstance(frame, VideoFrame)
        pixels = frame.to_ndarray(format="bgra")
        image = QImage(pixels.data, frame.width, frame.height, frame.width * 4, QImage.Format.Format_RGB32)
        picture.came.emit(image.copy())


def main() -> None:
    application = QApplication(sys.argv[:1])
    picture = Picture(int(sys.argv[1]), int(sys.argv[2]))
    picture.show()
    application.processEvents()
    print("shown", flush=True)
    thread = threading.Thread(target=lambda: asyncio.run(view(picture)), daemon=True)
    thread.start()
    application.exec()


if __name__ == "__main__":
    main()
