"""VNC servers on the customer's screen, TigerVNC's viewer on the engineer's. TCP over the same link, no encryption."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.media.bare import open_desks
from benchmarks.media.glimpse import watch_first
from benchmarks.media.scene import Place, Scene, Screens
from benchmarks.media.usage import tree
from tests.e2e.driver.geometry import Point
from tests.e2e.driver.processes import Program, Programs

PORT = 5977
VIEWER = ("xtigervncviewer", "-FullScreen", "-RemoteResize=0", "-Shared", "-MenuKey=", "-ReconnectOnError=0")


@dataclass(frozen=True)
class Server:
    """How one is started for an address, and what it says when it listens."""

    name: str
    command: tuple[str, ...]
    ready: str

    def words(self, address: str) -> list[str]:
        return [word.format(address=address, port=PORT) for word in self.command]


X11VNC = Server(
    "x11vnc",
    ("x11vnc", "-listen", "{address}", "-rfbport", "{port}", "-nopw", "-forever", "-shared", "-noipv6", "-quiet"),
    "PORT=",
)
X0VNCSERVER = Server(
    "x0vncserver",
    ("X0tigervnc", "-SecurityTypes=None", "-rfbport={port}", "-interface={address}", "-AlwaysShared", "-UseIPv6=0"),
    "Listening for VNC connections",
)


@contextmanager
def open_vnc(place: Place, server: Server) -> Generator[Scene]:
    """Starts the server, then the viewers. Raises BenchError when no picture comes."""
    with Programs(place.room) as programs:
        desks = open_desks(programs, place)
        address = place.network.customer
        sharer = programs.start(server.name, server.words(address), env=desks.on(desks.customer))
        sharer.wait_output(server.ready)
        with watch_first(place, desks.agent) as first:
            first.start()
            viewers = [_view(programs, place, desks.on(display)) for display in desks.agents]
            waited = first.seconds()
        groups = {"sharer": (sharer.pid,), "viewer": tuple(pid for each in viewers for pid in tree(each.pid))}
        everyone = {**groups, **desks.servers}
        yield Scene(
            server.name,
            desks.customer,
            desks.agent,
            place.screens,
            place.network,
            centred(place.screens),
            lambda: everyone,
            waited,
        )


def _view(programs: Programs, place: Place, env: dict[str, str]) -> Program:
    command = [*place.network.over_there, *VIEWER, f"{place.network.customer}::{PORT}"]
    return programs.start("vncviewer", command, env=env)


def centred(screens: Screens) -> Point:
    """Where a full-screen viewer puts a picture that is smaller than its screen."""
    spare_x, spare_y = (has - wants for has, wants in zip(screens.agent, screens.customer, strict=True))
    return Point(spare_x // 2, spare_y // 2)
