"""The Record button, and the mark over the picture that is there as long as anything is recorded."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from agent_app.parts.tile_button import TileButton
from agent_app.recordings.recorder import RecorderPresenter, RecordView
from shared.strings import phrase, timer
from shared.ui.widgets import Chip

_EDGE: Final = 12


class RecordTool(TileButton):
    """`ask` opens the question for a reason."""

    def __init__(self, presenter: RecorderPresenter, ask: Callable[[], None]) -> None:
        super().__init__("record", phrase("recording.tool"), object_name="remote.record")
        self._presenter = presenter
        self.clicked.connect(lambda: presenter.press(ask))
        self._forget = presenter.view.watch(self._show)

    def shut(self) -> None:
        """The window goes."""
        self._forget()

    def _show(self, view: RecordView) -> None:
        running = bool(view.recording_id)
        self.setEnabled(running or (view.possible and view.stand != "asked"))
        self.set_icon("stop" if running else "record", "danger" if running else "text")
        key = "tool_stop" if running else "tool_asked" if view.stand == "asked" else "tool"
        self.set_words(phrase(f"recording.{key}"))
        if view.fault:
            self.explain(phrase(view.fault))
        else:
            self.explain(phrase("recording.tool_tip" if view.possible else "recording.tool_no_key"))


class RecordMark(Chip):
    """Upper left of the picture, also in full screen."""

    def __init__(self, picture: QWidget, presenter: RecorderPresenter) -> None:
        super().__init__(" ", "danger", icon="record")
        self.setParent(picture)
        self.setObjectName("remote.recording")
        picture.installEventFilter(self)
        self._forget = presenter.view.watch(self._tell)

    def shut(self) -> None:
        """The window goes."""
        self._forget()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return False

    def _tell(self, view: RecordView) -> None:
        self.setVisible(bool(view.recording_id))
        time = timer(view.length_ms / 1000)
        self.set_words(phrase("recording.mark" if view.takes else "recording.mark_waits", time=time))
        self.set_tone("danger" if view.takes else "warn", "record" if view.takes else "pause")
        self._place()

    def _place(self) -> None:
        self.adjustSize()
        self.move(_EDGE, _EDGE)
        self.raise_()
