"""Whether the login manager says that this session is locked: org.freedesktop.login1, Session, LockedHint."""

import logging
import time
from typing import Final

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

_log = logging.getLogger(__name__)
_ANSWER_S: Final = 0.5
_SESSION: Final = DBusAddress(
    "/org/freedesktop/login1/session/auto", "org.freedesktop.login1", "org.freedesktop.DBus.Properties"
)


class LockedHint:
    """Asked from one thread. Where there is no login manager, or none that answers, nothing is ever locked by it."""

    def __init__(self, every_s: float = 1.0) -> None:
        self._every_s = every_s
        self._next_s = 0.0
        self._last = False
        self._bus = _open()

    def locked(self) -> bool:
        """The answer, not older than a second."""
        now_s = time.monotonic()
        if self._bus is not None and now_s >= self._next_s:
            self._next_s = now_s + self._every_s
            try:
                self._last = _ask(self._bus)
            except (OSError, EOFError, TimeoutError) as problem:
                _log.info("the login manager does not answer: %s", type(problem).__name__)
                self.close()
        return self._last

    def close(self) -> None:
        """Lets the bus go. Idempotent."""
        bus, self._bus = self._bus, None
        self._last = False
        if bus is not None:
            bus.close()


def _open() -> DBusConnection | None:
    try:
        return open_dbus_connection("SYSTEM")
    except (OSError, KeyError, ValueError) as problem:
        _log.info("no system bus: %s", type(problem).__name__)
        return None


def _ask(bus: DBusConnection) -> bool:
    serial = next(bus.outgoing_serial)
    asked = new_method_call(_SESSION, "Get", "ss", ("org.freedesktop.login1.Session", "LockedHint"))
    bus.send(asked, serial=serial)
    end_s = time.monotonic() + _ANSWER_S
    while (left_s := end_s - time.monotonic()) > 0:
        answer = bus.receive(timeout=left_s)
        if answer.header.fields.get(HeaderFields.reply_serial) == serial:
            says = answer.header.message_type is MessageType.method_return
            return says and answer.body == (("b", True),)
    raise TimeoutError
