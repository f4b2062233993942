"""A login manager that says what a file says: the one property of it that is asked for, on a bus of the test's own."""

import sys
from pathlib import Path

from jeepney import DBusAddress, MessageType, new_method_call, new_method_return
from jeepney.io.blocking import open_dbus_connection

told = Path(sys.argv[1])
bus = open_dbus_connection("SESSION")
itself = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
bus.send_and_get_reply(new_method_call(itself, "RequestName", "su", ("org.freedesktop.login1", 0)))
told.touch()
while True:
    asked = bus.receive()
    if asked.header.message_type is MessageType.method_call:
        bus.send(new_method_return(asked, "v", (("b", told.read_text() == "yes"),)))
