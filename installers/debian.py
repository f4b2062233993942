"""A Debian package out of a frozen program."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from installers.licences import write_licences
from installers.products import Product
from installers.prune import system_packages

LINUX = Path(__file__).with_name("linux")
ICON = Path(__file__).with_name("linux") / "threeline.svg"

CONTROL: Final = """Package: {package}
Version: {version}
Architecture: {architecture}
Maintainer: The Threeline authors <maintainers@threeline.invalid>
Section: {section}
Priority: optional
Installed-Size: {size_kib}
Depends: {depends}
{recommends}Description: {summary}
{description}
"""


def build_package(product: Product, program: Path, work: Path, out: Path, version: str) -> Path:
    """Lay out the files of the package around the frozen `program` and pack them; return the .deb in `out`."""
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    lay_program(product, program, tree)
    write_licences(product, work, tree / "usr/share/doc" / product.package)
    if product.has_windows:
        lay_desktop_files(product, tree)
    else:
        lay_service(product, tree)
    write_control(product, program, tree, version)
    out.mkdir(parents=True, exist_ok=True)
    architecture = architecture_here()
    package = out / f"{product.package}_{version}_{architecture}.deb"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": source_date()}
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(package)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return package


def lay_program(product: Product, program: Path, tree: Path) -> None:
    home = tree / "usr/lib" / product.package
    home.parent.mkdir(parents=True)
    shutil.copytree(program, home, symlinks=True)
    for path in home.rglob("*"):
        if not path.is_symlink():
            runnable = path.is_dir() or path == home / product.package
            path.chmod(0o755 if runnable else 0o644)
    starters = tree / "usr/bin"
    starters.mkdir()
    (starters / product.package).symlink_to(f"../lib/{product.package}/{product.package}")


def lay_desktop_files(product: Product, tree: Path) -> None:
    put(LINUX / f"{product.package}.desktop", tree / "usr/share/applications" / f"{product.package}.desktop")
    put(ICON, tree / "usr/share/icons/hicolor/scalable/apps" / f"{product.package}.svg")


def lay_service(product: Product, tree: Path) -> None:
    for unit in (f"{product.package}.service", f"{product.package}-node.service"):
        put(LINUX / unit, tree / "usr/lib/systemd/system" / unit)
    put(LINUX / f"{product.package}-node.conf", tree / "usr/share/doc" / product.package / "node.conf")
    for script in ("postinst", "prerm", "postrm"):
        put(LINUX / f"{product.package}.{script}", tree / "DEBIAN" / script, 0o755)


def write_control(product: Product, program: Path, tree: Path, version: str) -> None:
    depends = sorted({*product.depends, *system_packages(program)})
    size = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    recommends = f"Recommends: {', '.join(product.recommends)}\n" if product.recommends else ""
    text = CONTROL.format(
        package=product.package,
        version=version,
        architecture=architecture_here(),
        section=product.section,
        size_kib=size // 1024,
        depends=", ".join(depends),
        recommends=recommends,
        summary=product.summary,
        description="\n".join(f" {line}" for line in product.description.splitlines()),
    )
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir(exist_ok=True)
    control.write_text(text, "utf-8")


def architecture_here() -> str:
    told = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, encoding="utf-8", check=True)
    return told.stdout.strip()


def source_date() -> str:
    """The time of the newest commit, so that the same source gives the same package."""
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], capture_output=True, encoding="utf-8", check=False)
    return told.stdout.strip() or "0"


def put(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    target.chmod(mode)
