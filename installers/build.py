"""Builds the packages: python -m installers.build relay|client|agent|all [--out dist]"""

import argparse
import platform
import shutil
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from installers.debian import build_package
from installers.freeze import ROOT, freeze, require_pyinstaller
from installers.products import PRODUCTS, Product
from installers.prune import prune


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m installers.build", description="Build Debian packages.")
    parser.add_argument("product", choices=[*PRODUCTS, "all"])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the packages go (default: dist)")
    asked = parser.parse_args(arguments)
    require_tools()
    for product in PRODUCTS.values() if asked.product == "all" else [PRODUCTS[asked.product]]:
        began = time.monotonic()
        package = build(product, asked.out.resolve())
        size_mb, took_s = package.stat().st_size / 1e6, time.monotonic() - began
        sys.stdout.write(f"{package} {size_mb:.1f} MB in {took_s:.0f} s\n")
    return 0


def build(product: Product, out: Path) -> Path:
    """One package, from nothing."""
    work = ROOT / "build" / product.package
    shutil.rmtree(work, ignore_errors=True)
    program = freeze(product, work)
    prune(program)
    return build_package(product, program, work, out, version_here())


def version_here() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def require_tools() -> None:
    """Raises SystemExit with what to install."""
    require_pyinstaller()
    missing = [tool for tool in ("dpkg-deb", "objdump") if shutil.which(tool) is None]
    if missing or platform.system() != "Linux":
        raise SystemExit(
            f"Debian packages are built on Debian; missing: {', '.join(missing) or 'Linux'} (apt: dpkg binutils)"
        )


if __name__ == "__main__":
    sys.exit(main())
