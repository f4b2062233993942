"""The transfers of a session, one below the other; files can be dropped on it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from shared.control.files.view import TransferView
from shared.ui.files.row import TransferRow
from shared.ui.theme import theme
from shared.ui.widgets import Rule

_MAX_PX = 320


class TransferList(QScrollArea):
    """As high as its rows, up to a point. The signals are the rows'."""

    answered = Signal(str, bool)
    held = Signal(str, bool)
    cancelled = Signal(str)

    def __init__(self, lands_in: Callable[[TransferView], str] = lambda _: "") -> None:
        super().__init__()
        self._lands_in = lands_in
        self._rows: dict[str, TransferRow] = {}
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_files(self, files: tuple[tuple[TransferView, str], ...]) -> None:
        """Each with whose it is."""
        for file, who in files:
            row = self._rows.get(file.id)
            if row is None:
                row = self._rows[file.id] = self._add(file)
            row.show_file(file, who)
        gone = self._rows.keys() - {file.id for file, _ in files}
        for transfer_id in gone:
            row = self._rows.pop(transfer_id)
            row.hide()
            row.deleteLater()
        self._fit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Words wrap, so the height follows the width."""
        wanted = self._column.totalHeightForWidth(self.viewport().width()) if self._rows else 0
        self.setFixedHeight(min(max(wanted, 0), theme().px(_MAX_PX)))

    def _add(self, file: TransferView) -> TransferRow:
        row = TransferRow(self._lands_in(file))
        row.answered.connect(self.answered)
        row.held.connect(self.held)
        row.cancelled.connect(self.cancelled)
        row.wanted.connect(show_in_folder)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if self._rows:
            column.addWidget(Rule())
        column.addWidget(row)
        row.destroyed.connect(box.deleteLater)
        self._column.addWidget(box)
        return row


def show_in_folder(path: str) -> None:
    """Opens the folder that a file is in, never the file."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))


def dropped_paths(data: QMimeData) -> tuple[str, ...]:
    """Local files in what is dragged; nothing else is taken."""
    return tuple(url.toLocalFile() for url in data.urls() if url.isLocalFile()) if data.hasUrls() else ()
