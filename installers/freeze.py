"""A program and its Python as one folder, by PyInstaller."""

import importlib.util
import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from installers.products import Product

ROOT = Path(__file__).resolve().parents[1]
ENTRY = """import sys

from {module}.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
"""


def freeze(product: Product, work: Path) -> Path:
    """Build the program's folder below `work`; return it. Raises CalledProcessError; PyInstaller prints why."""
    work.mkdir(parents=True, exist_ok=True)
    entry = work / f"{product.package}.py"
    entry.write_text(ENTRY.format(module=product.module), "utf-8")
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "PyInstaller", *options(product, work), str(entry)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return work / "dist" / product.package


def options(product: Product, work: Path) -> list[str]:
    """PyInstaller's flags: one folder, only what the product needs."""
    flags = ["--noconfirm", "--clean", "--onedir", "--log-level", "WARN", "--name", product.package]
    for name, folder in (("--distpath", "dist"), ("--workpath", "work"), ("--specpath", ".")):
        flags += [name, str(work / folder)]
    flags += ["--copy-metadata", "threeline"]
    for left_out in product.left_out:
        flags += ["--exclude-module", left_out]
    for hidden in product.hidden_imports:
        flags += ["--hidden-import", hidden]
    flags += ["--paths", str(ROOT), "--collect-submodules", product.module]
    for package in ("shared", product.module):
        flags += data_flags(ROOT / package, product)
    return flags


def data_flags(package: Path, product: Product) -> list[str]:
    """Files that the program reads beside its modules: pictures, styles, and revisions, which Alembic runs as files."""
    flags: list[str] = []
    for path in sorted(package.rglob("*")):
        module = ".".join(path.relative_to(ROOT).parts[:2])
        is_source = path.suffix in {".py", ".pyc", ".pyi"} and "migrations" not in path.parts
        if path.is_file() and not is_source and path.suffix != ".pyc" and module not in product.left_out:
            flags += ["--add-data", f"{path}{os.pathsep}{path.parent.relative_to(ROOT)}"]
    return flags


def require_pyinstaller() -> None:
    """Raises SystemExit when this Python cannot build packages."""
    is_installed = any(True for _ in distributions(name="threeline"))
    if importlib.util.find_spec("PyInstaller") is None or not is_installed:
        raise SystemExit("PyInstaller or Threeline itself is not installed: run ./dev setup and use .venv/bin/python")
