"""A small blocking D-Bus client that can have many questions under way at once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

PROPERTIES = "org.freedesktop.DBus.Properties"
REPLY_S = 5.0


@dataclass(frozen=True, slots=True)
class Call:
    """One method call: who, which object, which method, with what."""

    bus_name: str
    path: str
    interface: str
    method: str
    signature: str = ""
    body: tuple[object, ...] = ()

    def message(self) -> Message:
        address = DBusAddress(self.path, bus_name=self.bus_name, interface=self.interface)
        return new_method_call(address, self.method, self.signature or None, self.body)


def property_call(bus_name: str, path: str, interface: str, name: str) -> Call:
    return Call(bus_name, path, PROPERTIES, "Get", "ss", (interface, name))


class BusRefusal(Exception):
    """The other side answered with an error."""


@dataclass(slots=True)
class Bus:
    """A connection to one message bus. Answers are message bodies: tuples as D-Bus types dictate."""

    address: str
    connection: DBusConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = open_dbus_connection(self.address, auth_timeout=REPLY_S)

    def ask_all(self, calls: Sequence[Call], timeout_s: float = REPLY_S) -> list[tuple[Any, ...] | None]:
        """Send every call, then gather the answers in the same order; None where the other side refused.

        Raises TimeoutError when some answer does not come within `timeout_s`.
        """
        serials = [next(self.connection.outgoing_serial) for _ in calls]
        waiting = {serial: place for place, serial in enumerate(serials)}
        answers: list[tuple[Any, ...] | None] = [None] * len(calls)
        for serial, call in zip(serials, calls, strict=True):
            self.connection.send(call.message(), serial=serial)
        deadline = time.monotonic() + timeout_s
        while waiting:
            reply = self.connection.receive(timeout=max(0.0, deadline - time.monotonic()))
            place = waiting.pop(reply.header.fields.get(HeaderFields.reply_serial, -1), None)
            if place is not None and reply.header.message_type is MessageType.method_return:
                answers[place] = reply.body
        return answers

    def ask(self, call: Call, timeout_s: float = REPLY_S) -> tuple[Any, ...]:
        """One call and its answer. Raises BusRefusal when it is refused."""
        answer = self.ask_all([call], timeout_s)[0]
        if answer is None:
            raise BusRefusal(f"{call.bus_name} refused {call.interface}.{call.method} on {call.path}")
        return answer

    def has_owner(self, name: str) -> bool:
        """Has some program taken the well-known `name`?"""
        return bool(self.ask(daemon_call("NameHasOwner", "s", (name,)))[0])

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def daemon_call(method: str, signature: str, body: tuple[object, ...]) -> Call:
    """A question to the bus itself."""
    return Call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method, signature, body)
