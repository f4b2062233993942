"""A bare Debian in a folder, to install packages into and start programs from."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.driver.desktop import Desktop
from tests.e2e.driver.processes import Program

# What a machine behind its own certificate authority or name server has, a bare one does not.
COPIED = ("/etc/resolv.conf", "/etc/hosts")
APT_S = 900


@dataclass(frozen=True, slots=True)
class Chroot:
    """The folder. Mounts live in a mount namespace of each command and vanish with it."""

    folder: Path

    @classmethod
    def make(cls, suite: str, folder: Path) -> "Chroot":
        """debootstrap's smallest variant. Needs root."""
        command = ["debootstrap", "--variant=minbase", suite, str(folder)]
        subprocess.run(command, check=True, timeout=APT_S, capture_output=True)
        for path in COPIED:
            (folder / path[1:]).write_bytes(Path(path).read_bytes())
        return cls(folder)

    def command(self, words: Sequence[str]) -> list[str]:
        """Words that run `words` inside, with /proc, and with the outer /tmp, where the sockets of a desktop are."""
        script = Path(__file__).with_name("inside.sh")
        return ["unshare", "--mount", "--propagation", "private", "sh", str(script), str(self.folder), *words]

    def run(self, *words: str, timeout_s: float = APT_S) -> str:
        """Run to the end; return what was printed. Raises AssertionError with it when the command fails."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(
            self.command(words),
            env={**environment, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def install(self, package: Path) -> None:
        """Install a .deb with all it depends on, as a person would."""
        target = self.folder / "root" / package.name
        target.write_bytes(package.read_bytes())
        self.run("apt-get", "-q", "update")
        self.run("apt-get", "-q", "install", "-y", "--no-install-recommends", f"/root/{package.name}")

    def start(self, desktop: Desktop, name: str, *words: str, talk: bool = False) -> Program:
        """Start a program from inside on a desktop outside."""
        if os.geteuid() != 0:
            raise PermissionError("a chroot needs root")
        return desktop.start(name, self.command(words), env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}, talk=talk)
