"""The whole kit on one sheet, painted in both languages, both colours and the largest type."""

import os
import runpy
from pathlib import Path

from PySide6.QtGui import QImage

GALLERY = Path(__file__).with_name("gallery.py")


def test_the_kit_paints_in_every_look(tmp_path: Path) -> None:
    folder = Path(os.environ.get("THREELINE_ARTIFACTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    saved = runpy.run_path(str(GALLERY))["save_all"](folder)
    pictures = [QImage(str(path)) for path in saved]
    assert all(picture.width() > 900 for picture in pictures)
    assert len({bytes(picture.constBits()) for picture in pictures}) == len(pictures)
