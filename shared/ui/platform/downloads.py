"""Where files from other people land: a folder of ours among the downloads, which nothing starts by itself."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths

FOLDER = "Threeline"


def landing_folder() -> Path:
    """Not made here: it appears with the first file."""
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
    return (Path(found) if found else Path.home()) / FOLDER
