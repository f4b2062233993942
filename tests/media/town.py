"""A little internet of network namespaces: two homes that cannot see each other, and a public place between them.

    customer 10.99.1.2 (and 10.99.3.2)  --  10.99.1.1 (10.99.3.1)  public place  10.99.2.1  --  10.99.2.2 agent

Nothing is forwarded. Made by the test alone and gone with it; traffic stays in it. Linux, by util-linux and iproute2.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PUBLIC = ("10.99.1.1", "10.99.2.1", "10.99.3.1")


class Place:
    """One namespace, kept by a process that waits for its standard input to end."""

    def __init__(self, stack: ExitStack, within: "Place | None" = None) -> None:
        stranger = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        command = ["unshare", "--net", *([] if within else stranger), "cat"]
        if within is not None:
            command = [*within.enter(), *command]
        self._keeper = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        )
        stack.callback(self._end)
        self._wait(os.readlink("/proc/self/ns/net") if within is None else within.name())
        self.run("ip", "link", "set", "lo", "up")

    @property
    def pid(self) -> int:
        return self._keeper.pid

    def name(self) -> str:
        return os.readlink(f"/proc/{self.pid}/ns/net")

    def enter(self) -> list[str]:
        """The command that runs another one in here."""
        stranger = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self.pid), "--net", *stranger]

    def run(self, *command: str) -> None:
        subprocess.run([*self.enter(), *command], check=True, timeout=10, stderr=subprocess.PIPE)

    def _wait(self, outside: str) -> None:
        until = time.monotonic() + 10
        while Path(f"/proc/{self.pid}/comm").read_text() != "cat\n" or self.name() == outside:
            if self._keeper.poll() is not None or time.monotonic() > until:
                assert self._keeper.stderr is not None
                self._keeper.kill()
                raise RuntimeError(f"this machine lets nobody make a network: {self._keeper.stderr.read().decode()}")
            time.sleep(0.005)

    def _end(self) -> None:
        self._keeper.kill()


class Town:
    """The three places."""

    def __init__(self, stack: ExitStack) -> None:
        self.public = Place(stack)
        self.customer = Place(stack, self.public)
        self.agent = Place(stack, self.public)
        self._road(self.customer, "one", 1)
        self._road(self.agent, "two", 2)
        self._road(self.customer, "three", 3)

    def _road(self, home: Place, name: str, number: int) -> None:
        self.public.run("ip", "link", "add", name, "type", "veth", "peer", "name", "home" + name)
        self.public.run("ip", "link", "set", "home" + name, "netns", str(home.pid))
        self.public.run("ip", "address", "add", f"10.99.{number}.1/24", "dev", name)
        home.run("ip", "address", "add", f"10.99.{number}.2/24", "dev", "home" + name)
        self.public.run("ip", "link", "set", name, "up")
        home.run("ip", "link", "set", "home" + name, "up")

    def cut(self, name: str) -> None:
        """The public end of a road goes dark; the home hears nothing any more, and is told nothing."""
        self.public.run("ip", "link", "set", name, "down")

    def mend(self, name: str) -> None:
        self.public.run("ip", "link", "set", name, "up")


@contextmanager
def town() -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(stack)
