"""The copyright file of a package, and the licence texts of what it bundles."""

import re
import shutil
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path
from typing import Final

from installers.products import Product

ROOT = Path(__file__).resolve().parents[1]
LICENCE_NAMES: Final = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")

HEAD: Final = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Threeline
Comment: {comment}

Files: *
Copyright: 2026 The Threeline authors
License: {licence}

License: Apache-2.0
 The source of Threeline is licensed under the Apache License, Version 2.0. On Debian systems its text is in
 /usr/share/common-licenses/Apache-2.0.
"""
PLAIN: Final = """the package bundles Python and the packages listed in bundled.txt, each under its own licence
 (texts in the folder licences)."""
WITH_GPL: Final = """the package bundles Python and the packages listed in bundled.txt, each under its own licence
 (texts in the folder licences). Among them is PyAV, whose FFmpeg is built with x264 (GNU GPL, version 2 or later).
 The package as a whole is therefore handed out under the terms of the GNU GPL, version 3; the source of Threeline
 itself stays under the Apache License 2.0. Qt and PySide6 are used under the GNU LGPL, version 3: they lie as separate
 files in _internal/PySide6 and can be replaced by another build of the same version. The corresponding sources are
 those that the projects named in bundled.txt publish for the versions named there, and the source of Threeline of
 this version."""
GPL: Final = """
License: GPL-3
 The package as a whole is handed out under the GNU General Public License, version 3. On Debian systems its text is in
 /usr/share/common-licenses/GPL-3; that of the LGPL, version 3, in /usr/share/common-licenses/LGPL-3.
"""


def write_licences(product: Product, work: Path, documents: Path) -> None:
    """Fill a package's folder below /usr/share/doc: copyright, bundled.txt, licences/."""
    documents.mkdir(parents=True, exist_ok=True)
    bundled = bundled_distributions(work)
    comment, licence, rest = (WITH_GPL, "GPL-3", GPL) if product.bundles_gpl else (PLAIN, "Apache-2.0", "")
    (documents / "copyright").write_text(HEAD.format(comment=comment, licence=licence) + rest, "utf-8")
    lines = [f"{one.name} {one.version}: {licence_of(one)}" for one in bundled]
    (documents / "bundled.txt").write_text("\n".join(lines) + "\n", "utf-8")
    shutil.copy(ROOT / "NOTICE", documents / "NOTICE")
    for one in bundled:
        copy_texts(one, documents / "licences" / one.name)


def bundled_distributions(work: Path) -> list[Distribution]:
    """The installed packages whose modules PyInstaller took in."""
    owners = packages_distributions()
    names = {owner for module in frozen_modules(work) for owner in owners.get(module, [])} - {"threeline"}
    return [distribution(name) for name in sorted(names, key=str.lower)]


def frozen_modules(work: Path) -> set[str]:
    """Top-level names of the modules and files in the build, from PyInstaller's own lists of (name, path, kind)."""
    tables = [*work.rglob("PYZ-00.toc"), *work.rglob("COLLECT-00.toc")]
    return {name for table in tables for name in re.findall(r"\('([^'/.]+)", table.read_text("utf-8"))}


def licence_of(one: Distribution) -> str:
    said = one.metadata
    named = [line.rpartition("::")[2].strip() for line in said.get_all("Classifier", []) if "License" in line]
    expressions = said.get_all("License-Expression", [])
    return ", ".join(expressions or named or said.get_all("License", [])) or "see its text"


def copy_texts(one: Distribution, folder: Path) -> None:
    for file in one.files or []:
        if file.name.upper().startswith(LICENCE_NAMES) and Path(str(file.locate())).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(str(file.locate())), folder / file.name)
