"""Taking out of a frozen program what it does not use, and what the system has anyway."""

import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# Parts of Qt that PyInstaller takes along and no window of ours uses. libqgtk3 would drag GTK in.
QT_UNUSED: Final = (
    "plugins/platformthemes/libqgtk3.so",
    "plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
    "plugins/imageformats/libqpdf.so",
    "plugins/egldeviceintegrations",
    "plugins/platforms/libqeglfs.so",
    "plugins/platforms/libqlinuxfb.so",
    "plugins/platforms/libqminimal.so",
    "plugins/platforms/libqminimalegl.so",
    "plugins/platforms/libqvkkhrdisplay.so",
    "plugins/platforms/libqvnc.so",
    "plugins/generic",
    "plugins/qmltooling",
    "plugins/networkinformation",
    "qml",
)
TRANSLATIONS: Final = re.compile(r"^qt(base)?_(zh_CN|en)\.qm$")

# Libraries that Debian keeps up to date: taken from the system, not from the machine that built the package.
SYSTEM: Final = {
    "ld-linux-x86-64": "libc6",
    "ld-linux-aarch64": "libc6",
    "libc": "libc6",
    "libm": "libc6",
    "libdl": "libc6",
    "librt": "libc6",
    "libpthread": "libc6",
    "libresolv": "libc6",
    "libutil": "libc6",
    "libgcc_s": "libgcc-s1",
    "libstdc++": "libstdc++6",
    "libz": "zlib1g",
    "libssl": "libssl3",
    "libcrypto": "libssl3",
    "libsqlite3": "libsqlite3-0",
    "libglib-2.0": "libglib2.0-0",
    "libgthread-2.0": "libglib2.0-0",
    "libgobject-2.0": "libglib2.0-0",
    "libgio-2.0": "libglib2.0-0",
    "libgmodule-2.0": "libglib2.0-0",
    "libdbus-1": "libdbus-1-3",
    "libfontconfig": "libfontconfig1",
    "libfreetype": "libfreetype6",
    "libexpat": "libexpat1",
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libGLX": "libglx0",
    "libOpenGL": "libopengl0",
    "libgssapi_krb5": "libgssapi-krb5-2",
    "libX11": "libx11-6",
    "libX11-xcb": "libx11-xcb1",
    "libXext": "libxext6",
    "libXrandr": "libxrandr2",
    "libXrender": "libxrender1",
    "libXau": "libxau6",
    "libXdmcp": "libxdmcp6",
    "libSM": "libsm6",
    "libICE": "libice6",
    "libxcb": "libxcb1",
    "libxkbcommon": "libxkbcommon0",
    "libxkbcommon-x11": "libxkbcommon-x11-0",
    "libwayland-client": "libwayland-client0",
    "libwayland-cursor": "libwayland-cursor0",
    "libwayland-egl": "libwayland-egl1",
    "libdrm": "libdrm2",
    "libxcb-cursor": "libxcb-cursor0",
    "libxcb-glx": "libxcb-glx0",
    "libxcb-icccm": "libxcb-icccm4",
    "libxcb-image": "libxcb-image0",
    "libxcb-keysyms": "libxcb-keysyms1",
    "libxcb-randr": "libxcb-randr0",
    "libxcb-render": "libxcb-render0",
    "libxcb-render-util": "libxcb-render-util0",
    "libxcb-shape": "libxcb-shape0",
    "libxcb-shm": "libxcb-shm0",
    "libxcb-sync": "libxcb-sync1",
    "libxcb-util": "libxcb-util1",
    "libxcb-xfixes": "libxcb-xfixes0",
    "libxcb-xinerama": "libxcb-xinerama0",
    "libxcb-xkb": "libxcb-xkb1",
}


class Unresolved(Exception):
    """A file needs a library that is neither in the folder nor known to come from the system."""


def prune(folder: Path) -> None:
    """Remove what is unused and what the system gives, in place."""
    qt = folder / "_internal" / "PySide6" / "Qt"
    for unused in QT_UNUSED:
        remove(qt / unused)
    for path in qt.glob("translations/*"):
        if not TRANSLATIONS.match(path.name):
            remove(path)
    for path in (folder / "_internal").glob("*.so*"):
        if stem(path.name) in SYSTEM:
            remove(path)
    remove_unneeded_libraries(folder)
    strip_python(folder / "_internal")


def strip_python(internal: Path) -> None:
    """Drop the debugging tables of Python's own library and modules. Never those of wheels: strip breaks libraries that
    were patched after linking, as most in wheels are.
    """
    for path in (*internal.glob("libpython*"), *internal.glob("python3*/lib-dynload/*.so")):
        subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)


def remove_unneeded_libraries(folder: Path) -> None:
    """Qt's and the system's libraries that nothing left in the folder needs (PyAV's are never touched)."""
    while True:
        needed = {name for path in binaries(folder) for name in needs(path)}
        places = (folder / "_internal" / "PySide6" / "Qt" / "lib", folder / "_internal")
        spare = [
            path
            for place in places
            for path in place.glob("*.so*")
            if path.name not in needed and is_plain_library(path.name)
        ]
        if not spare:
            return
        for path in spare:
            remove(path)


def is_plain_library(name: str) -> bool:
    """libQt6Pdf.so.6, not a Python extension module and not Python's own library, which the starter loads by name."""
    return name.startswith("lib") and ".cpython-" not in name and not name.startswith("libpython")


def system_packages(folder: Path) -> list[str]:
    """Debian packages that give what the folder's files need and do not bring. Raises Unresolved."""
    paths = list(binaries(folder))
    brought = {path.name for path in paths}
    wanted = {name: path for path in paths for name in needs(path) if name not in brought}
    unknown = {name: path for name, path in wanted.items() if stem(name) not in SYSTEM}
    if unknown:
        lines = [f"{name}, for {path.relative_to(folder)}" for name, path in sorted(unknown.items())]
        raise Unresolved("no package is known for: " + "; ".join(lines))
    least = {
        "libc6": f"libc6 (>= {platform.libc_ver()[1]})"
    }  # built against this machine's C library: no older one will do
    return sorted(least.get(package, package) for package in {SYSTEM[stem(name)] for name in wanted})


def stem(name: str) -> str:
    """libxcb-xkb.so.1 -> libxcb-xkb."""
    return name.partition(".so")[0]


def binaries(folder: Path) -> Iterable[Path]:
    """Every ELF file."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def needs(path: Path) -> list[str]:
    """The libraries an ELF file names, without their folders."""
    told = subprocess.run(["objdump", "-p", str(path)], capture_output=True, encoding="utf-8", check=True).stdout
    return re.findall(r"^\s+NEEDED\s+(?:\S*/)?([^\s/]+)$", told, re.MULTILINE)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
