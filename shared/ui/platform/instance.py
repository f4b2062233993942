"""One instance a user: the second start hands its arguments to the first and ends. What comes in is hostile."""

import hashlib
import logging
import os
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from shared.common.errors import UNDECODABLE

_log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES: Final = 8192
MAX_ARGUMENTS: Final = 16
_MAX_GUESTS: Final = 8
_GUEST_MS: Final = 2000
_ANSWER_MS: Final = 500
_END: Final = b"\n"


class SingleInstance(QObject):
    """`claim` once at start. `called(list[str])` carries the arguments of a later start; show the window on it.

    Arguments only propose: a link in them opens nothing by itself.
    """

    called = Signal(list)

    def __init__(self, program: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = _socket_name(program)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(_MAX_GUESTS)
        self._server.newConnection.connect(self._admit)
        self._guests: dict[QLocalSocket, bytearray] = {}

    def claim(self, arguments: list[str]) -> bool:
        """True when this is the first instance; else the first one has been given `arguments`."""
        if self._hand_over(arguments):
            return False
        if self._server.listen(self._name):
            return True
        # What a crashed instance left in the way answers nobody, or _hand_over would have returned True.
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
        for guest in tuple(self._guests):
            self._dismiss(guest)

    def _hand_over(self, arguments: list[str]) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_ANSWER_MS):
            return False
        socket.write(msgspec.json.encode(arguments[:MAX_ARGUMENTS]) + _END)
        sent = socket.waitForBytesWritten(_ANSWER_MS)
        socket.disconnectFromServer()
        return sent

    def _admit(self) -> None:
        while self._server.hasPendingConnections():
            guest = self._server.nextPendingConnection()
            if len(self._guests) >= _MAX_GUESTS:
                guest.abort()
                guest.deleteLater()
                continue
            self._guests[guest] = bytearray()
            guest.readyRead.connect(self._read_all)
            guest.disconnected.connect(self._read_all)
            QTimer.singleShot(_GUEST_MS, guest, guest.abort)
        self._read_all()

    def _read_all(self) -> None:
        for guest, kept in tuple(self._guests.items()):
            if guest.bytesAvailable():
                kept += guest.read(MAX_MESSAGE_BYTES + 1 - len(kept)).data()
            if _END in kept:
                self._take(bytes(kept))
                self._dismiss(guest)
            elif len(kept) > MAX_MESSAGE_BYTES or guest.state() != QLocalSocket.LocalSocketState.ConnectedState:
                self._dismiss(guest)

    def _take(self, kept: bytes) -> None:
        try:
            arguments = msgspec.json.decode(kept.split(_END, 1)[0], type=list[str])
        except UNDECODABLE:
            _log.info("a second start could not be read")
            return
        self.called.emit(arguments[:MAX_ARGUMENTS])

    def _dismiss(self, guest: QLocalSocket) -> None:
        if self._guests.pop(guest, None) is not None:
            guest.readyRead.disconnect(self._read_all)
            guest.disconnected.disconnect(self._read_all)
            guest.abort()
            guest.deleteLater()


def _socket_name(program: str) -> str:
    """A name of this user's and this session's own; in the private runtime folder where there is one."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    who = os.environ.get("USERNAME") or str(os.getuid() if hasattr(os, "getuid") else "")
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY", "")
    tag = hashlib.sha256(f"{who}\0{display}".encode()).hexdigest()[:16]
    return f"{runtime}/{program}-{tag}" if runtime else f"{program}-{tag}"
